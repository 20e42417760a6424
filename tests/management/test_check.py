"""`dunright check`: the line about the mail server. What else it looks at is tested with the services."""

import json

import pytest
from click.testing import CliRunner

from dunright.mail import providers
from dunright.management.check import check
from dunright.models import Notice
from tests.mail.provider_stand_in import account, started
from tests.support import factories

pytestmark = [
    # Runs the checks of a whole installation: stored log-ins, waiting syncs, lost connections of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


def mail_line(settings, url):
    settings.EMAIL_URL = url
    result = CliRunner().invoke(check, ["--json"])
    (line,) = [one for one in json.loads(result.stdout)["checks"] if one["name"] == "mail server"]
    return line["ok"], line["sentence"]


@pytest.mark.parametrize(("count", "told"), [(0, ""), (2, ", not even 2 to the people here")])
def test_no_mail_server(settings, count, told):
    company = factories.organisation()
    for number in range(count):
        Notice.objects.create(
            organisation=company,
            user=factories.owner(company),
            kind="batch_waits",
            about=f"run:{number}",
            message_id=f"<{number}@n.example>",
            planned_at=factories.NOW,
            due_at=factories.NOW,
        )
    assert mail_line(settings, "") == (
        False,
        (
            f"No mail server is set, so no mail can leave{told}; give DUNRIGHT_EMAIL_URL, "
            "such as smtp://user:password@mail.example:587."
        ),
    )


def test_mail_server_that_lets_us_in(settings, aiosmtpd_server):
    port = aiosmtpd_server()
    assert mail_line(settings, f"smtp://127.0.0.1:{port}") == (
        True,
        f"smtp://127.0.0.1:{port} answers and lets us in.",
    )


def test_mail_server_that_is_not_there(settings, free_port):
    assert mail_line(settings, f"smtp://127.0.0.1:{free_port}") == (
        False,
        (
            f"smtp://127.0.0.1:{free_port} could not be used: nothing listens there. Correct the port in "
            "DUNRIGHT_EMAIL_URL (usual: 587 for smtp://, 465 for smtps://), or start that server."
        ),
    )


def test_wrong_password(settings, aiosmtpd_server, certificate, authenticated):
    ca_file, tls = certificate
    port = aiosmtpd_server(tls_context=tls, require_starttls=True, **authenticated)
    is_ok, sentence = mail_line(settings, f"smtp://ann:hunter2@localhost:{port}?ca_file={ca_file}")
    assert (is_ok, sentence) == (
        False,
        (
            f"smtp://localhost:{port} turns us away: 535 5.7.8 Authentication credentials invalid. "
            "Correct user and password in DUNRIGHT_EMAIL_URL; characters such as @ or / are written as %40 or %2F, "
            "and some services want a password made for apps."
        ),
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, {"Name": "Reminders"}), (True, "Postmark answers and lets us in.")),
        (
            (401, {"ErrorCode": 10, "Message": "Bad or missing Server API token."}),
            (
                False,
                (
                    "Postmark answered HTTP 401: Bad or missing Server API token. "
                    "Correct the key in DUNRIGHT_EMAIL_URL, or put your account at Postmark in order."
                ),
            ),
        ),
    ],
)
def test_provider(settings, monkeypatch, answer, expected):
    server, stand_in = started()
    stand_in.answer = answer
    local = account("postmark", server.server_address[1]).provider
    monkeypatch.setattr(providers, "PROVIDERS", {**providers.PROVIDERS, "postmark": local})
    assert mail_line(settings, "anymail+postmark://hunter2@") == expected
    server.shutdown()
    server.server_close()


def test_url_that_cannot_be_read(settings):
    assert mail_line(settings, "postmark://hunter2@") == (
        False,
        (
            f'DUNRIGHT_EMAIL_URL cannot be used. "postmark://" is not supported: use smtp://user:password@host:587 or '
            f"smtps://user:password@host:465, or a mail provider: {providers.SUPPORTED}."
        ),
    )
