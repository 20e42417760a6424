"""The menu: what stands in it, in which order. A page that this installation does not have is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Item:
    label: str
    icon: str
    name: str
    """Name of the address, taking the organisation's id."""
    features: frozenset[str]
    """Namespaces whose pages belong under this entry."""
    url: str = ""
    is_current: bool = False
    badge: int = 0
    badge_tone: str = ""


def _item(label: str, icon: str, feature: str, *also: str) -> Item:
    return Item(label, icon, f"{feature}:index", frozenset({feature, *also}))


GROUPS: Sequence[Sequence[Item]] = (
    (
        _item("Today", "sun", "today"),
        _item("Receivables", "wallet", "receivables", "customers", "invoices", "writing"),
        _item("Upcoming", "calendar-clock", "upcoming", "resume"),
        _item("Sent", "send", "sent"),
        _item("To do", "list-todo", "todo"),
    ),
    (
        _item("Schedules", "signpost", "schedules"),
        _item("Templates", "file-text", "templates"),
        _item("Statements", "receipt-text", "statements"),
    ),
)
FOOTER: Sequence[Item] = (
    Item("Connection", "plug", "onboarding:connection", frozenset({"onboarding"})),
    _item("Data health", "shield-check", "health"),
    _item("Settings", "settings", "settings"),
    _item("Help", "circle-help", "help"),
)


def address(name: str, organisation: int) -> str:
    """The address of an organisation's page, or empty when there is no such page."""
    try:
        return reverse(name, kwargs={"organisation": organisation})
    except NoReverseMatch:
        return ""


def shown(
    items: Sequence[Item], *, organisation: int, feature: str, badges: dict[str, tuple[int, str]]
) -> list[Item]:
    """The entries that lead somewhere; `badges` are (number, tone) by name of the address."""
    found = []
    for item in items:
        if url := address(item.name, organisation):
            number, tone = badges.get(item.name, (0, ""))
            is_current = feature in item.features
            found.append(replace(item, url=url, is_current=is_current, badge=number, badge_tone=tone))
    return found


def first_page(organisation: int) -> str:
    """Where a person lands in an organisation: the first page of the menu that exists."""
    addresses = (address(item.name, organisation) for group in (*GROUPS, FOOTER) for item in group)
    return next((found for found in addresses if found), "")
