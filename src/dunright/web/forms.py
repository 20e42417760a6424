"""How every form looks: label, control, hint and error come from one pair of templates."""

from typing import Any

from django.forms import (
    BoundField,
    CheckboxInput,
    Form,
    RadioSelect,
    Select,
    SelectMultiple,
    Textarea,
    Widget,
)
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import CheckboxSelectMultiple, HiddenInput, Input


class FormRenderer(TemplatesSetting):
    """Set as FORM_RENDERER: `{{ form }}` and `{{ form.name.as_field_group }}` use these templates."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


GROUPS = (RadioSelect, CheckboxSelectMultiple)
"""Several controls under one legend."""


def kind(widget: Widget) -> str:
    """How a field is laid out: `hidden`, `check` (label after the box), `group` (legend) or `control`."""
    if isinstance(widget, HiddenInput):
        return "hidden"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "group" if isinstance(widget, GROUPS) else "control"


def control(field: BoundField, **extra: Any) -> str:
    """Render a field's control with its class, and name its hint and errors to screen readers.

    `extra` are attributes for the control; Django itself sets `aria-invalid`.
    """
    widget = field.field.widget
    attributes: dict[str, Any] = dict(extra)
    if isinstance(widget, Input | Textarea | Select | SelectMultiple) and kind(widget) == "control":
        own = widget.attrs.get("class", "")
        attributes["class"] = f"input {own}".strip()
    if isinstance(widget, Textarea) and widget.attrs.get("rows") == "10":
        # Django's default; few of our texts need that much room.
        attributes["rows"] = 4
    described = [f"{field.auto_id}_hint"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
    if described and kind(widget) in {"control", "check"}:
        attributes["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attributes)


def has_visible_errors(form: Form) -> bool:
    """Whether some field or the form as a whole was refused."""
    return bool(form.errors)
