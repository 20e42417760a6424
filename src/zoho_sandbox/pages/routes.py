"""The pages."""

from pathlib import Path
from typing import TYPE_CHECKING

from zoho_sandbox.pages.html import Page
from zoho_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from zoho_sandbox.sandbox import Sandbox

STYLE = (Path(__file__).parent / "style.css").read_bytes()


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """Answer with a page."""
    if request.path == "/style.css":
        return Response(body=STYLE, content_type="text/css; charset=utf-8")
    if request.path == "/" and request.method == "GET":
        return Page("Company", "<main><h1>Company</h1></main>").response()
    return Page("Not found", "<main><h1>There is no such page</h1></main>").response(404)
