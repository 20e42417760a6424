import json
import smtplib
import urllib.error
import urllib.request
from email.message import EmailMessage

import pytest

from mail_catcher.testing import running_catcher


@pytest.fixture
def catcher():
    with running_catcher() as running:
        yield running


class Answered:
    """An HTTP answer, whatever its status."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        self.text = self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


class KeepStatus(urllib.request.HTTPErrorProcessor):
    def http_response(self, request, response):
        return response


@pytest.fixture
def ask(catcher):
    """Ask the catcher over HTTP: `ask("/api/messages")`, `ask("/delete", method="POST")`."""
    opener = urllib.request.build_opener(KeepStatus)

    def ask(path, *, method="GET", body=None, headers=None):
        data = json.dumps(body).encode() if body is not None else (b"" if method == "POST" else None)
        request = urllib.request.Request(catcher.http_url + path, data, headers or {}, method=method)
        with opener.open(request, timeout=10) as response:
            return Answered(response)

    return ask


def letter(subject="Invoice INV-1", text="Please pay.", html="", to="Pat Kelly <pat@k.example>", files=()):
    message = EmailMessage()
    message["From"] = "Anna Byrne <anna@n.example>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Tue, 24 Nov 2026 11:05:00 +0100"
    message["Message-ID"] = "<t1@n.example>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, media_type, content in files:
        main, sub = media_type.split("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes().replace(b"\n", b"\r\n")


@pytest.fixture
def send(catcher):
    """Send a message: `send(subject="x")`, or `send(raw=b"…", recipients=[…])`; gives smtplib's refused recipients."""

    def send(*, raw=None, recipients=("pat@k.example",), **parts):
        with smtplib.SMTP(catcher.host, catcher.smtp_port, "me.example", timeout=10) as smtp:
            return smtp.sendmail("anna@n.example", list(recipients), letter(**parts) if raw is None else raw)

    return send
