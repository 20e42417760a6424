"""The frame of a page as its templates read it: menu, badges, age of the books, banners."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.urls import reverse

from dunright.models import Connection, Membership, Organisation, Role
from dunright.queries import shell as queries
from dunright.services.permissions import has_at_least
from dunright.web import formats, navigation

STALE = timedelta(hours=24)
"""From here on nothing is sent on these books (chasing-rules.md section 3, `stale_data`)."""
SYSTEMS: Mapping[str, str] = {"zoho_books": "Zoho Books", "codat": "Codat"}
STAGES: Mapping[str, str] = {
    "organisation": "your company",
    "currencies": "currencies",
    "invoices": "invoices",
    "customers": "customers",
    "persons": "people",
    "payments": "payments",
    "credit_notes": "credit notes",
    "open_invoices": "open invoices",
    "missing": "what the lists no longer show",
    "details": "what no list tells",
}


@dataclass(frozen=True, slots=True)
class SyncLine:
    """The age of the books, or the progress of a sync."""

    sentence: str = ""
    state: str = "never"
    """`fresh`, `old`, `failed` or `never`: the dot."""
    detail: str = ""
    is_running: bool = False
    done: int = 0
    total: int = 0
    """0: unknown, the bar moves without end."""
    now_url: str = ""
    status_url: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One organisation of the switcher."""

    name: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    organisation_name: str = ""
    home_url: str = "/"
    person_name: str = ""
    role: str = ""
    groups: Sequence[Sequence[navigation.Item]] = ()
    footer: Sequence[navigation.Item] = ()
    organisations: Sequence[Choice] = ()
    sync: SyncLine = field(default_factory=SyncLine)
    search_url: str = ""
    is_demo: bool = False
    connect_url: str = ""
    trouble: str = ""
    """A sentence over the page: what is wrong with the books."""
    reconnect_url: str = ""
    system_name: str = "Zoho Books"


def sync_line(
    organisation: Organisation, state: queries.SyncState, *, may_sync: bool, now: datetime
) -> SyncLine:
    """The age of the books in words; `may_sync` gives the button."""
    line = SyncLine(
        now_url=navigation.address("sync:now", organisation.pk) if may_sync else "",
        status_url=navigation.address("sync:status", organisation.pk),
    )
    if state.is_running:
        read = state.counts.get(state.stage, {}).get("read", 0)
        what = STAGES.get(state.stage, state.stage)
        sentence = (
            f"Reading {what}, {read:,} so far" if read else f"Reading {what}" if what else "Sync starts"
        )
        return replace(line, sentence=sentence, is_running=True)
    if state.fresh_at is None:
        dot = "failed" if state.problem else "never"
        return replace(line, sentence="Not synced yet", state=dot, detail=state.problem)
    age = formats.ago(state.fresh_at, now)
    if state.problem:
        sentence = f"Last sync failed, data from {age}"
        return replace(line, sentence=sentence, state="failed", detail=state.problem)
    dot = "fresh" if now - state.fresh_at < STALE else "old"
    return replace(line, sentence=f"Synced {age}", state=dot)


def can_sync(membership: Membership, connection: Connection | None) -> bool:
    """Whether the member may ask for a sync, and there are books to read."""
    is_connected = connection is not None and connection.state == "connected"
    return is_connected and has_at_least(membership.role, Role.CHASER)


def shell(membership: Membership, *, feature: str, now: datetime) -> Shell:
    """The frame for a member's page; `feature` is the namespace of the page being looked at."""
    organisation, user = membership.organisation, membership.user
    state = queries.frame(organisation)
    badges = {"upcoming:index": (state.waiting, "amber"), "todo:index": (state.to_dos, "")}
    home = navigation.first_page(organisation.pk) or "/"

    def entries(items: Sequence[navigation.Item]) -> list[navigation.Item]:
        return navigation.shown(items, organisation=organisation.pk, feature=feature, badges=badges)

    return Shell(
        organisation_name=organisation.name,
        home_url=home,
        person_name=str(user),
        role=membership.get_role_display(),
        groups=[found for group in navigation.GROUPS if (found := entries(group))],
        footer=entries(navigation.FOOTER),
        organisations=[
            Choice(
                name=other.organisation.name,
                url=navigation.first_page(other.organisation_id) or "/",
                is_current=other.organisation_id == organisation.pk,
            )
            for other in queries.memberships(user)
        ],
        sync=sync_line(organisation, state.sync, may_sync=can_sync(membership, state.connection), now=now),
        search_url=navigation.address("search:index", organisation.pk)
        or navigation.address("receivables:index", organisation.pk),
        is_demo=organisation.is_demo,
        connect_url=reverse("onboarding:index"),
        **_connection_trouble(organisation, state.connection),
    )


def _connection_trouble(organisation: Organisation, connection: Connection | None) -> dict[str, str]:
    if connection is None:
        return {}
    name = SYSTEMS.get(connection.system, connection.system)
    if connection.state == "connected":
        return {"system_name": name}
    said = connection.sentence or f"The connection to {name} has ended."
    return {
        "system_name": name,
        "trouble": f"{said} Chasing is paused until it is back; nothing piles up meanwhile.",
        "reconnect_url": navigation.address("onboarding:connection", organisation.pk),
    }
