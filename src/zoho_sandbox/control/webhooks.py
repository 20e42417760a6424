"""Control of webhooks: set up, removed, and looked after."""

from typing import TYPE_CHECKING, Any

from zoho_sandbox.control.life import identity
from zoho_sandbox.hooks import registry

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

LONGEST_WAIT = 30.0


def listed(sandbox: "Sandbox", given: dict[str, Any]) -> object:  # noqa: ARG001 all control calls look alike
    """All webhooks, and their latest deliveries, newest first."""
    with sandbox.database.reading() as db:
        return {
            "hooks": [hook.listed() for hook in registry.hooks(db)],
            "deliveries": registry.deliveries(db),
        }


def add(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Set up a webhook: url, kind; may have organisation and all else that `hooks.registry.register` takes."""
    org = identity(given, "organisation") if "organisation" in given else None
    with sandbox.database.writing() as db:
        made = registry.register(db, sandbox.books(db, org).org.id, given)
    return {"hook": made}


def remove(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Remove one webhook (`hook`), or all."""
    wanted = identity(given, "hook") if "hook" in given else None
    with sandbox.database.writing() as db:
        return {"removed": registry.remove(db, wanted)}


def settle(sandbox: "Sandbox", given: dict[str, Any]) -> object:
    """Wait until all is sent or given up, at most `seconds` (ten unless given); answers how many are left."""
    seconds = min(float(given.get("seconds", 10)), LONGEST_WAIT)
    return {"waiting": sandbox.delivery.settle(seconds)}
