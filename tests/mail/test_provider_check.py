"""Whether a provider lets us in, asked without sending anything."""

import pytest

from dunright.mail.errors import TryLater
from dunright.mail.provider_connection import ProviderConnection
from dunright.mail.providers import PROVIDERS
from tests.mail.provider_stand_in import UNAUTHORISED, account

EVERY = pytest.mark.parametrize("key", sorted(PROVIDERS))
GOOD_CHECKS = {
    "postmark": ((200, {"Name": "Reminders"}), "GET", "/v3/server"),
    "mailgun": ((400, {"message": "to parameter is missing"}), "POST", "/v3/mg.example/messages"),
    "brevo": ((200, {"email": "ada@n.example"}), "GET", "/v3/account"),
    "resend": ((401, {"name": "restricted_api_key", "message": "only send"}), "GET", "/v3/domains"),
}


@EVERY
def test_check_needs_the_key_and_sends_nothing(provider, key):
    answer, method, path = GOOD_CHECKS[key]
    connection, stand_in = provider(key, answer)
    connection.check()
    ((said_method, said_path, headers, body),) = stand_in.requests
    assert (said_method, said_path, body) == (method, path, b"")
    assert any(one.endswith(("hunter2", "aHVudGVyMg==", "YXBpOmh1bnRlcjI=")) for one in headers.values())


@EVERY
def test_check_with_a_wrong_key(provider, key):
    connection, _stand_in = provider(key, UNAUTHORISED[key])
    with pytest.raises(TryLater) as caught:
        connection.check()
    assert (caught.value.stage, caught.value.is_settings) == ("login", True)


@EVERY
def test_check_where_nobody_listens(key, free_port):
    with ProviderConnection(account(key, free_port)) as connection, pytest.raises(TryLater) as caught:
        connection.check()
    assert str(caught.value) == f"{PROVIDERS[key].label} could not be reached: nothing listens there."


def test_check_of_a_provider_in_trouble(provider):
    connection, _stand_in = provider("postmark", (503, {"Message": "maintenance"}))
    with pytest.raises(TryLater) as caught:
        connection.check()
    assert (str(caught.value), caught.value.is_settings) == ("Postmark answered HTTP 503: maintenance", False)
