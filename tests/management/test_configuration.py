import pytest

from dunright.mail.post import USE
from dunright.management.configuration import ConfigurationError, read


def environ(tmp_path, **values):
    return {"DUNRIGHT_DATA_DIR": str(tmp_path), **values}


@pytest.mark.parametrize(
    "url", ["", "smtp://ann:hunter2@m.example", "smtps://m.example", "anymail+mailgun://hunter2@mg.example"]
)
def test_email_url(tmp_path, url):
    assert read(environ(tmp_path, DUNRIGHT_EMAIL_URL=url)).email_url == url


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mailto:hunter2", f'"mailto://" is not supported: use {USE}.'),
        (
            "smtp://ann:hunter2:x@m.example:hunter2",
            "The port in the mail URL must be a whole number from 1 to 65535.",
        ),
        (
            "anymail+postmark://hunter2",
            "The mail URL for Postmark has the form anymail+postmark://KEY@, with the key before the @.",
        ),
    ],
)
def test_email_url_that_cannot_be_used_is_named_without_its_secret(tmp_path, url, sentence):
    with pytest.raises(ConfigurationError) as caught:
        read(environ(tmp_path, DUNRIGHT_EMAIL_URL=url))
    assert str(caught.value) == f"DUNRIGHT_EMAIL_URL cannot be used. {sentence}"
    # Nor in what a traceback would show beneath it.
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
