"""Who may make an account for themselves (DUNRIGHT_REGISTRATION)."""

from dataclasses import replace

import pytest
from django.conf import settings as django_settings

from dunright.models import User

NEW = {"email": "new@northwind.example", "password1": "six grey herons wade"}


@pytest.fixture
def registration(settings):
    def to(value):
        settings.CONFIGURATION = replace(django_settings.CONFIGURATION, registration=value)

    return to


@pytest.mark.parametrize(
    ("setting", "has_account", "made"),
    [
        ("", False, True),
        ("", True, False),
        ("open", True, True),
        ("invite", False, False),
        ("closed", False, False),
    ],
)
def test_sign_up_is_open_as_the_setting_says(client, db, registration, setting, has_account, made):
    registration(setting)
    if has_account:
        User.objects.create_user("ada@northwind.example", "a long enough secret")
    page = client.get("/accounts/signup/").content.decode()
    assert ("This Dunright takes no sign-ups." in page) is not made
    client.post("/accounts/signup/", NEW)
    assert User.objects.filter(email=NEW["email"]).exists() is made
