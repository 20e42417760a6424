"""Everything templates draw with: `{% load ui %}` (see web/README.md for a page built from them)."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.http import QueryDict
from django.template import Engine
from django.template.context import Context, RequestContext
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from dunright.web import charts, formats, forms, icons, words

register = template.Library()
_HOLE = re.compile("\ue000(.*?)\ue001")
"""Where a stamped part is filled in; the marks are characters that no text has."""

register.filter("day", formats.day)
register.filter("day_in_words", formats.day_in_words)
register.filter("weekday", formats.weekday)
register.filter("moment", formats.moment)
register.filter("clock", formats.clock)
register.filter("ago", formats.ago)
register.filter("late", formats.late)
register.filter("initials", formats.initials)
register.filter("age_band", formats.age_band)
register.simple_tag(formats.count, name="count")
register.simple_tag(formats.money, name="money")
register.simple_tag(icons.icon, name="icon")


@register.filter
def money_in(amount: Decimal | None, currency: str) -> str:
    """`{{ invoice.balance|money_in:invoice.currency }}`."""
    return formats.money(amount, currency)


@register.filter
def whole_in(amount: Decimal | None, currency: str) -> str:
    """The same without decimals: for figures at the top of a page."""
    return formats.money(amount, currency, decimals=False)


@register.simple_tag
def pill(code: str, label: str = "") -> SafeString:
    """The pill of a reason code or of a message's state; `label` replaces its word."""
    known = words.word(code)
    return badge(label or known.label, known.tone)


@register.simple_tag
def badge(label: str, tone: str = "grey", css: str = "") -> SafeString:
    """A pill with a word of your own; `css="badge-plain"` leaves out its dot."""
    return format_html('<span class="badge badge-{} {}">{}</span>', tone, css, label)


@register.simple_tag
def reason_word(code: str) -> str:
    """The bare word for a code, for filters and sentences."""
    return words.word(code).label


@register.simple_tag
def avatar(name: str, css: str = "") -> SafeString:
    """Initials in a circle; the name must stand beside it."""
    return format_html('<span class="avatar {}" aria-hidden="true">{}</span>', css, formats.initials(name))


@register.simple_tag
def late_dot(due: date | None, today: date) -> SafeString:
    """The coloured square of an age band; the words beside it say the same."""
    band = formats.age_band((today - due).days) if due else 0
    return format_html('<span class="dot dot-age-{}" aria-hidden="true"></span>', band)


@register.simple_tag
def age_dot(days_overdue: int) -> SafeString:
    """The same for a number of days overdue."""
    return format_html(
        '<span class="dot dot-age-{}" aria-hidden="true"></span>', formats.age_band(days_overdue)
    )


@register.simple_tag
def time_tag(value: datetime | None, today: date) -> SafeString | str:
    """`<time>` with the words of `moment` and the exact moment for machines."""
    if value is None:
        return formats.NOTHING
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(timespec="seconds"), formats.moment(value, today)
    )


@register.simple_tag
def form_control(field: BoundField, **attributes: Any) -> str:
    """A field's control with its class and description (used by forms/field.html)."""
    return forms.control(field, **attributes)


@register.filter
def field_kind(field: BoundField) -> str:
    """How a field is laid out (`forms.kind`)."""
    return forms.kind(field.field.widget)


@register.simple_tag(takes_context=True)
def organisation_url(context: Context, name: str, **kwargs: Any) -> str:
    """The address of a page of the organisation being looked at: `{% organisation_url "customers:page" pk=7 %}`."""
    return reverse(name, kwargs={"organisation": context["request"].organisation.pk, **kwargs})


@register.simple_tag(takes_context=True)
def stamped(context: RequestContext, template_name: str, variant: object = "", **holes: Any) -> SafeString:
    """A part that every row of a long list has, drawn once a page and filled in for each row.

    `{% stamped "receivables/_invoice_menu.html" url=line.url pk=invoice.pk %}`: the part may print its holes and ask
    whether they are empty, nothing more; what else differs between rows goes into `variant`. Fifty menus with eight
    addresses each took a tenth of a page's time.
    """
    made = context["request"].__dict__.setdefault("_stamps", {})
    key = (template_name, variant, frozenset(hole for hole, value in holes.items() if value))
    if key not in made:
        marks = {hole: f"\ue000{hole}\ue001" if value else value for hole, value in holes.items()}
        with context.push(variant=variant, **marks):
            made[key] = _HOLE.split(Engine.get_default().get_template(template_name).render(context))
    # Text and names of holes in turn; what is filled in is not looked at again.
    pieces = list(made[key])
    pieces[1::2] = [conditional_escape(holes[hole]) for hole in pieces[1::2]]
    return mark_safe("".join(pieces))  # noqa: S308  # nosec: the part is a template, what is filled in was escaped


@register.simple_tag
def url_or_nothing(name: str, **kwargs: Any) -> str:
    """An address, or the empty string when this installation has no such page."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def _query(context: Context, **changes: str | None) -> str:
    """The page's query string with some values changed; None takes one away. Paging starts afresh."""
    query: QueryDict = context["request"].GET.copy()
    query.pop("page", None)
    for key, value in changes.items():
        query.pop(key, None)
        if value is not None:
            query[key] = value
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: str | None) -> str:
    """`{% query state="overdue" %}`: a link that keeps the other filters and goes to the first page."""
    return _query(context, **changes)


@register.inclusion_tag("lists/sort_head.html", takes_context=True)
def sort_head(
    context: RequestContext, label: str, key: str, sort: str, *, numeric: bool = False, css: str = ""
) -> dict[str, Any]:
    """A `<th>` that sorts by `key`; `sort` is the order in force, `-key` for descending.

    A first click on a column of numbers sorts the largest first.
    """
    is_down, is_on = sort == f"-{key}", sort.removeprefix("-") == key
    first = f"-{key}" if numeric else key
    other = key if sort.startswith("-") else f"-{key}"
    return {
        "label": label,
        "key": key,
        "is_on": is_on,
        "is_down": is_down,
        "numeric": numeric,
        "css": css,
        "url": _query(context, sort=other if is_on else first),
    }


@register.inclusion_tag("lists/paging.html", takes_context=True)
def paging(context: RequestContext, page: Page[Any], one: str, many: str = "") -> dict[str, Any]:
    """Which rows are shown of how many, with links to the pages around; nothing for a single page."""
    previous = str(page.previous_page_number()) if page.has_previous() else None
    following = str(page.next_page_number()) if page.has_next() else None
    return {
        "page": page,
        "total": formats.count(page.paginator.count, one, many),
        "previous": _query(context, page=previous) if previous else "",
        "following": _query(context, page=following) if following else "",
    }


@register.simple_tag
def ageing(bands: list[charts.Band], currency: str, *, title: str = "How old the debt is") -> SafeString:
    """The aged-debtor bar with its legend; `bands` are the five of `charts.AGE_LABELS`, youngest first."""
    amounts = [band.amount for band in bands]
    percentages = charts.shares(amounts)
    said = ", ".join(
        f"{band.label} {formats.money(band.amount, currency)} ({share}%)"
        for band, share in zip(bands, percentages, strict=True)
    )
    bar = charts.ageing_bar(amounts, title=title, description=said)
    rows = [
        {"band": band, "place": place, "share": share}
        for place, (band, share) in enumerate(zip(bands, percentages, strict=True))
    ]
    return render_to_string("charts/ageing.html", {"bar": bar, "rows": rows, "currency": currency})


@register.simple_block_tag
def card(content: str, title: str = "", *, note: str = "", css: str = "", id: str = "") -> SafeString:
    """`{% card title="Payments" %}…{% endcard %}`: a section with a heading; for more in the head, write it out."""
    return render_to_string(
        "parts/card.html", {"content": content, "title": title, "note": note, "css": css, "id": id}
    )


@register.simple_block_tag
def dialog(content: str, id: str, title: str, *, css: str = "", is_open: bool = False) -> SafeString:
    """A dialog, opened by `<button command="show-modal" commandfor="ID">`; `is_open` opens it on arrival."""
    return render_to_string(
        "parts/dialog.html", {"content": content, "id": id, "title": title, "css": css, "is_open": is_open}
    )


@register.simple_block_tag
def menu(content: str, id: str, label: str, *, icon: str = "ellipsis", css: str = "") -> SafeString:
    """A round button and its menu of `.menu-item` links and buttons; `label` says whose menu it is."""
    return render_to_string(
        "parts/menu.html", {"content": content, "id": id, "label": label, "icon": icon, "css": css}
    )


@register.simple_block_tag
def empty_state(content: str, title: str, *, icon: str = "inbox", text: str = "") -> SafeString:
    """An empty state: what is missing, what to do, and (the content) one button."""
    return render_to_string(
        "parts/empty_state.html", {"content": content.strip(), "title": title, "icon": icon, "text": text}
    )


@register.simple_block_tag
def notice(content: str, tone: str = "grey", *, icon: str = "info") -> SafeString:
    """A sentence on a soft ground."""
    return render_to_string("parts/notice.html", {"content": content, "tone": tone, "icon": icon})
