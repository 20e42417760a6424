"""html-validate, vnu and Lighthouse: installed by npm from the lock file beside this one, run on saved pages."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MISSING = "{} is missing: install it (Debian, Ubuntu: apt install {}), then try again."
NEEDED = {"node": "nodejs", "npm": "npm", "java": "default-jre-headless"}
LEFT_OUT = (
    # htmx's own attributes: valid HTML has no name for them.
    "Attribute “hx-[a-z-]+” not allowed",
    # A switch that works without script has to submit; ARIA in HTML knows no such rule for role=switch.
    "Bad value “submit” for attribute “type” on element “button”",
)
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}


def missing() -> list[str]:
    """What is not on this machine, one sentence each."""
    return [
        MISSING.format(program, package) for program, package in NEEDED.items() if not shutil.which(program)
    ]


class Tools:
    """The packages of package-lock.json in a folder, which may be kept for the next time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.modules = folder / "node_modules"
        lock = (HERE / "package-lock.json").read_bytes()
        kept = folder / "package-lock.json"
        if kept.exists() and kept.read_bytes() == lock and (folder / "complete").exists():
            return
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        (folder / "complete").unlink(missing_ok=True)
        # No package's own scripts: what is used here needs none.
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "ci", *quiet], cwd=folder, check=True)
        (folder / "complete").touch()

    @property
    def axe(self) -> str:
        """The script of axe-core."""
        return (self.modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def html_validate(self, pages: Path) -> list[str]:
        """What html-validate says, `file:line: sentence (rule)`."""
        command = [self.modules / ".bin" / "html-validate", "--formatter", "json"]
        command += ["--config", HERE / "htmlvalidate.json", pages]
        told = pages.with_name("html-validate.json")
        # A file: Node ends before a pipe has taken everything.
        with told.open("wb") as output:
            done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
        try:
            files = json.loads(told.read_text(encoding="utf-8"))
        except ValueError:
            raise SystemExit(f"html-validate ended with {done.returncode}: {done.stderr[-2000:]}") from None
        return [
            f"{Path(file['filePath']).name}:{said['line']}: {said['message']} ({said['ruleId']})"
            for file in files
            for said in file["messages"]
        ]

    def vnu(self, pages: Path) -> list[str]:
        """What the validator of the W3C says, warnings and infos included."""
        jar = self.modules / "vnu-jar" / "build" / "dist" / "vnu.jar"
        command: list[Any] = ["java", "-Xss2m", "-jar", jar, "--format", "json", "--exit-zero-always"]
        command += ["--filterpattern", "|".join(f".*{one}.*" for one in LEFT_OUT), "--skip-non-html", pages]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            messages = json.loads(done.stderr)["messages"]
        except (ValueError, KeyError):
            raise SystemExit(f"vnu ended with {done.returncode}: {done.stderr[-2000:]}") from None
        return [f"{Path(said['url']).name}:{said.get('lastLine', 0)}: {said['message']}" for said in messages]

    def lighthouse(self, url: str, port: int) -> dict[str, int]:
        """The scores of a page on Lighthouse's phone, 0 to 100; in the browser that is debugged at `port`.

        Asked once more when nothing was painted, or when it was slow: what else the machine does counts as slowness.
        """
        command: list[Any] = [self.modules / ".bin" / "lighthouse", url, "--quiet", "--output=json"]
        command += [f"--only-categories={','.join(LEAST)}", f"--port={port}"]
        scores = dict.fromkeys(LEAST, 0)
        for _ in range(2):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if not done.stdout:
                raise SystemExit(f"Lighthouse ended with {done.returncode}: {done.stderr[-2000:]}")
            categories = json.loads(done.stdout)["categories"]
            scores = {name: round(100 * (categories[name]["score"] or 0)) for name in LEAST}
            if scores["performance"] >= LEAST["performance"]:
                break
        return scores


def counted(messages: Iterable[str], kinds: Mapping[str, str]) -> list[str]:
    """The same sentence about many pages once, with the number of places and the first; `kinds` by name of the file."""
    places: dict[str, list[str]] = {}
    for message in messages:
        place, _, sentence = message.partition(": ")
        name, _, line = place.partition(":")
        places.setdefault(sentence, []).append(f"{kinds.get(name, name)} line {line}")
    return [f"{len(where)} × {sentence}  [{where[0]}]" for sentence, where in places.items()]
