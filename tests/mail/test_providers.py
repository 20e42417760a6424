import pytest

from dunright.mail.post import USE, open_mail, read_mail_url
from dunright.mail.provider_connection import ProviderConnection
from dunright.mail.providers import PROVIDERS, SUPPORTED, ProviderAccount
from dunright.mail.send import SmtpConnection
from dunright.mail.server import MailServer, MailServerError


@pytest.mark.parametrize(
    ("url", "expected", "address", "shown"),
    [
        (
            "anymail+postmark://tok-en@",
            ProviderAccount(PROVIDERS["postmark"], "tok-en"),
            "https://api.postmarkapp.com/",
            "Postmark",
        ),
        (
            "anymail+postmark://t@?stream=reminders",
            ProviderAccount(PROVIDERS["postmark"], "t", settings={"message_stream": "reminders"}),
            "https://api.postmarkapp.com/",
            "Postmark",
        ),
        (
            "anymail+mailgun://key%2F%401@MG.n.example",
            ProviderAccount(PROVIDERS["mailgun"], "key/@1", "mg.n.example"),
            "https://api.mailgun.net/v3/",
            "Mailgun, domain mg.n.example",
        ),
        (
            "anymail+mailgun://k@mg.n.example/?region=EU",
            ProviderAccount(PROVIDERS["mailgun"], "k", "mg.n.example", "eu"),
            "https://api.eu.mailgun.net/v3/",
            "Mailgun, domain mg.n.example",
        ),
        (
            "Anymail+Brevo://xkeysib-1@",
            ProviderAccount(PROVIDERS["brevo"], "xkeysib-1"),
            "https://api.brevo.com/v3/",
            "Brevo",
        ),
        (
            "anymail+resend://re_1@",
            ProviderAccount(PROVIDERS["resend"], "re_1"),
            "https://api.resend.com/",
            "Resend",
        ),
    ],
)
def test_read_mail_url(url, expected, address, shown):
    found = read_mail_url(url)
    assert (found, found.address, str(found)) == (expected, address, shown)


POSTMARK = "The mail URL for Postmark has the form anymail+postmark://KEY@, with the key before the @."


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "The mail URL is empty: use smtp://user:password@host:587 or smtps://user:password@host:465."),
        ("ftp://ann:hunter2@m.example", f'"ftp://" is not supported: use {USE}.'),
        ("postmark://hunter2@", f'"postmark://" is not supported: use {USE}.'),
        ("anymail+ses://hunter2@", f'"anymail+ses://" is not supported: use {SUPPORTED}.'),
        ("anymail+postmark://hunter2", POSTMARK),
        ("anymail+postmark://@", POSTMARK),
        ("anymail+postmark://", POSTMARK),
        ("anymail+postmark://hunter2#x@", POSTMARK),
        ("anymail+postmark://hunter2/x@", POSTMARK),
        ("anymail+postmark://hunter2@/x", POSTMARK),
        (
            "anymail+postmark://hunter2@n.example",
            "The mail URL for Postmark ends with the @: use anymail+postmark://KEY@.",
        ),
        (
            "anymail+brevo://api:hunter2@",
            "The key in the mail URL for Brevo is not one key: use anymail+brevo://KEY@.",
        ),
        (
            "anymail+brevo://hunter2%0Ax@",
            "The key in the mail URL for Brevo is not one key: use anymail+brevo://KEY@.",
        ),
        (
            "anymail+mailgun://hunter2@",
            "The mail URL for Mailgun names no sending domain: use anymail+mailgun://KEY@DOMAIN.",
        ),
        (
            "anymail+mailgun://hunter2@mg/../x",
            "The mail URL for Mailgun has the form anymail+mailgun://KEY@DOMAIN, with the key before the @.",
        ),
        (
            "anymail+mailgun://hunter2@mg.example%2Fx",
            "The mail URL for Mailgun names no sending domain: use anymail+mailgun://KEY@DOMAIN.",
        ),
        (
            "anymail+mailgun://hunter2@mg.example?region=mars",
            "region in the mail URL for Mailgun must be eu.",
        ),
        (
            "anymail+postmark://hunter2@?region=eu",
            'The mail URL has an unknown option "region": known are stream.',
        ),
        (
            "anymail+mailgun://hunter2@mg.example?api_url=http://evil.example",
            'The mail URL has an unknown option "api_url": known are region.',
        ),
        (
            "anymail+resend://hunter2@?stream=x",
            'The mail URL has an unknown option "stream": it takes none.',
        ),
        (
            "anymail+resend://hunter 2@",
            "The mail URL holds a space or a control character: write %20 for a space.",
        ),
    ],
)
def test_read_mail_url_refuses(url, sentence):
    with pytest.raises(MailServerError) as caught:
        read_mail_url(url)
    assert str(caught.value) == sentence
    assert "hunter2" not in str(caught.value)


def test_secrets_never_show():
    account = read_mail_url("anymail+mailgun://hunter2@mg.n.example")
    assert "hunter2" not in f"{account!r} {account}"


def test_open_mail_connects_to_nothing_yet():
    assert isinstance(open_mail("smtp://127.0.0.1:1"), SmtpConnection)
    assert isinstance(open_mail("anymail+postmark://t@"), ProviderConnection)


def test_read_mail_url_of_a_mail_server():
    assert read_mail_url("smtp://m.example") == MailServer("m.example", 587, "starttls_if_offered")
