"""What has to be approved, in words (chasing-rules.md sections 5 and 6.5)."""

from collections.abc import Mapping
from typing import Final

from dunright.domain.settings import OrganisationSettings
from dunright.domain.volume import read_cap

_MODES: Final[Mapping[str, str]] = {
    "always": "Every reminder waits until somebody approves it.",
    "first_batch": "Reminders leave by themselves; the first ones after connecting, or after a pause of more than 30 "
    "days, wait for approval.",
    "never": "Reminders leave by themselves.",
}


def how_they_leave(settings: OrganisationSettings) -> str:
    """A few sentences: the approval mode, escalated steps, the cap of a run, and when what waits gives way."""
    sentences = [_MODES[settings.approval]]
    if settings.approval != "always" and settings.approve_escalated:
        sentences.append("Those of escalated steps always wait.")
    if (cap := read_cap(settings.run_cap)) is not None:
        sentences.append(f"Beyond {cap} a run, further ones wait.")
    sentences.append("What nobody approves gives way at the next run to what is due then.")
    return " ".join(sentences)
