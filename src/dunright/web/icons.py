"""Icons out of the lucide wheel. They only repeat what a word beside them says, so screen readers skip them."""

from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from lucide import _render_icon


@lru_cache(maxsize=512)
def icon(name: str, size: int = 18, css: str = "") -> SafeString:
    """Inline SVG of one icon; IconDoesNotExist for a name that lucide does not have."""
    attributes = {"class": f"icon {css}".strip(), "aria-hidden": "true", "stroke-width": "1.75"}
    svg = _render_icon(str(name), size, **attributes)
    return mark_safe(svg)  # noqa: S308  # nosec: names and sizes come from templates, the rest from the wheel
