"""Webhooks set up by the API, as newer documents have it (zoho-books-api.md section 10)."""

from typing import Any

from zoho_sandbox.api.call import Call, does_not_exist, invalid
from zoho_sandbox.api.writes import known_keys
from zoho_sandbox.hooks import registry
from zoho_sandbox.wire import Response, json_response, success

KEYS = {
    "webhook_name", "entity", "method", "url", "secret", "headers", "body_type", "events", "raw_data", "form_data",
    "query_parameters",
}  # fmt: skip
BODY_TYPES = {"default": "json", "form": "form"}


def _shown(hook: registry.Hook) -> dict[str, Any]:
    return {
        "webhook_id": str(hook.id),
        "webhook_name": hook.name,
        "entity": hook.kind,
        "method": hook.method,
        "url": hook.url,
        "body_type": "form" if hook.body == "form" else "default",
        "events": hook.events.split(","),
    }


def listed(call: Call) -> Response:
    """`GET /settings/webhooks`. Secrets are not told."""
    return success(webhooks=[_shown(hook) for hook in registry.hooks(call.db, "org = ?", call.org.id)])


def create(call: Call) -> Response:
    """`POST /settings/webhooks`: webhook_name, entity, url; may have method, secret, headers, body_type, events."""
    known_keys(call, KEYS)
    body_type = str(call.body.get("body_type", "default"))
    if body_type not in BODY_TYPES:
        raise invalid("body_type")
    given: dict[str, Any] = {
        key: call.body[key] for key in ("method", "url", "secret", "headers", "events") if key in call.body
    }
    given |= {"name": call.body.get("webhook_name"), "kind": call.body.get("entity")}
    made = registry.register(call.db, call.org.id, given | {"body": BODY_TYPES[body_type]})
    webhook = _shown(registry.hooks(call.db, "id = ?", made)[0])
    return json_response({"code": 0, "message": "Webhook has been created.", "webhook": webhook}, status=201)


def delete(call: Call) -> Response:
    """`DELETE /settings/webhooks/{id}`."""
    wanted = call.id("Webhook")
    if not registry.hooks(call.db, "id = ? AND org = ?", wanted, call.org.id):
        raise does_not_exist("Webhook")
    registry.remove(call.db, wanted)
    return json_response({"code": 0, "message": "Webhook has been deleted."})
