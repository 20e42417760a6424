"""A company's logo for printing: whatever was uploaded becomes a small PNG, or is refused with a sentence."""

import io
import warnings
from typing import Final

FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
LARGEST_UPLOAD: Final = 5 * 1024 * 1024
_LARGEST_SIDE: Final = 700
"""Pixels: sharp in print at the size of a letter head."""


class LogoError(ValueError):
    """A file that cannot be used as a logo; the sentence says why."""


def printable_logo(content: bytes) -> bytes:
    """The picture as a PNG of at most 700 pixels a side, in RGB with transparency. Raises LogoError."""
    # Loaded with the first logo: no page but one needs it.
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - see above

    if len(content) > LARGEST_UPLOAD:
        raise LogoError("The logo is larger than 5 MB: save it smaller.")
    try:
        with warnings.catch_warnings():
            # A small file that unfolds into a huge picture is an attack, not a logo.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            picture.load()
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Warning,
    ) as error:
        raise LogoError("The logo cannot be read: use a PNG, JPEG, GIF or WebP picture.") from error
    small = picture.convert("RGBA")
    small.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    written = io.BytesIO()
    small.save(written, "PNG")
    return written.getvalue()
