"""Take calls from Zoho Books. The answer tells nothing: 204 when a call was taken, 404 whatever else it was."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from dunright.connectors.zoho_books.webhooks import SIGNATURE
from dunright.services import hooks

TAKEN, UNKNOWN = 204, 404
MASKED = "/hooks/zoho_books/secret/"
METHODS = frozenset({"POST", "PUT", "DELETE"})
"""What Zoho can be told to call with."""


# No session is looked at: the secret in the address is what counts, and no browser knows it.
@csrf_exempt
def zoho_books(request: HttpRequest, secret: str) -> HttpResponse:
    """Take a call; what is in it is not believed."""
    _mask(request)
    is_taken = request.method in METHODS and _length(request) <= hooks.LONGEST_BODY
    if is_taken:
        call = hooks.Call(
            body=request.body,
            content_type=request.headers.get("Content-Type", ""),
            query=request.META.get("QUERY_STRING", ""),
            signature=request.headers.get(SIGNATURE, ""),
        )
        is_taken = hooks.heard(secret, call, now=timezone.now())
    response = HttpResponse(status=TAKEN if is_taken else UNKNOWN)
    response["Cache-Control"] = "no-store"
    return response


def _mask(request: HttpRequest) -> None:
    """Take the secret off the request: the address of whatever is refused or fails is logged."""
    request.path = request.path_info = request.META["PATH_INFO"] = MASKED


def _length(request: HttpRequest) -> int:
    """The length that the call says; unreadable counts as endless."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else hooks.LONGEST_BODY + 1
