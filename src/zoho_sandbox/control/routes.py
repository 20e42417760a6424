"""The control API: JSON in, JSON out, at /sandbox/api."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from zoho_sandbox.control import life, people, running, webhooks
from zoho_sandbox.oauth import centres
from zoho_sandbox.wire import Request, Response, json_response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

Handler = Callable[["Sandbox", dict[str, Any]], object]

HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "clock"): running.clock,
    ("POST", "clock"): running.move_clock,
    ("GET", "switches"): running.switches,
    ("POST", "switches"): running.set_switches,
    ("GET", "faults"): running.faults,
    ("POST", "faults"): running.add_faults,
    ("DELETE", "faults"): running.clear_faults,
    ("GET", "unknown"): running.unknown,
    ("DELETE", "unknown"): running.forget_unknown,
    ("GET", "usage"): running.usage,
    ("DELETE", "usage"): running.forget_usage,
    ("POST", "refresh-token"): running.refresh_token,
    ("POST", "self-client-code"): running.self_client_code,
    ("POST", "clients"): running.register_client,
    ("GET", "connections"): running.connections,
    ("POST", "revoke"): running.revoke,
    ("GET", "centres"): centres.listed,
    ("POST", "centres"): centres.opened,
    ("POST", "centres/users"): centres.move_user,
    ("POST", "centres/secrets"): centres.set_secret,
    ("GET", "hooks"): webhooks.listed,
    ("POST", "hooks"): webhooks.add,
    ("DELETE", "hooks"): webhooks.remove,
    ("POST", "hooks/settle"): webhooks.settle,
    ("GET", "organisations"): people.listed,
    ("POST", "organisations"): people.add,
    ("POST", "users"): people.add_user,
    ("POST", "users/leave"): people.leave,
    ("POST", "users/deny"): people.deny,
}


def _happen(deed: str, sandbox: "Sandbox", given: dict[str, Any]) -> object:
    return life.happen(sandbox, deed, given)


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """Answer a control call; what is wrong with a call is said in one sentence with status 400."""
    call = request.path.removeprefix("/sandbox/api/")
    handler = HANDLERS.get((request.method, call))
    if handler is None and request.method == "POST" and call in life.DEEDS:
        handler = partial(_happen, call)
    if handler is None:
        return json_response({"error": "There is no such control call."}, status=404)
    try:
        given = (
            msgspec.json.decode(request.body, type=dict[str, Any])
            if request.body
            else dict[str, Any](request.query)
        )
        return json_response(handler(sandbox, given))
    except msgspec.DecodeError:
        return json_response({"error": "Send the call's values as one JSON object."}, status=400)
    except (ValueError, KeyError, TypeError) as error:
        text = f"The value {error} is missing." if isinstance(error, KeyError) else str(error)
        return json_response({"error": text}, status=400)
