"""The pages of log-in and account in Chromium: they wear the design, and nothing on them breaks the policy."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.web.browser import NARROWEST, THEMES, WIDTHS

pytestmark = pytest.mark.browser
ENTRANCE = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
ACCOUNT = (
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/logout/",
)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_entrance_pages(visit, db, width, theme):
    found = []
    for address in ENTRANCE:
        opened = visit(width=width, theme=theme).go(address)
        opened.picture(f"entrance{address.replace('/', '-')}{width}-{theme}")
        found += [*opened.violations(), *opened.overflow(), *opened.complaints]
    assert found == []


@pytest.mark.parametrize("width", [*WIDTHS, NARROWEST])
def test_account_pages(visit, member, width):
    user = member()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    found = []
    for address in ACCOUNT:
        opened = visit(user, width=width).go(address)
        opened.picture(f"account{address.replace('/', '-')}{width}")
        found += [
            f"{address} {said}" for said in (*opened.violations(), *opened.overflow(), *opened.complaints)
        ]
    assert found == []


def test_a_person_logs_in_with_a_password(visit, member, specimen, company):
    user = member()
    opened = visit().go(f"/o/{company.pk}/receivables/")
    opened.page.get_by_label("Email").fill(user.email)
    opened.page.get_by_label("Password", exact=True).fill("a long enough secret")
    opened.page.get_by_role("button", name="Sign In", exact=True).click()
    expect(opened.page.get_by_role("heading", level=1)).to_have_text("Receivables")
    assert opened.complaints == []


def test_a_wrong_password_is_refused_with_a_sentence(visit, member):
    user = member()
    opened = visit().go("/accounts/login/")
    opened.page.get_by_label("Email").fill(user.email)
    opened.page.get_by_label("Password", exact=True).fill("not the secret at all")
    opened.page.get_by_role("button", name="Sign In", exact=True).click()
    expect(opened.page.get_by_role("alert").first).to_be_visible()
    opened.picture("entrance-refused")
    assert opened.violations() == []


def code_of(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def logged_in(visit, user, **how):
    """Log in through the page: the account pages ask for a recent password."""
    opened = visit(**how).go("/accounts/login/?next=/accounts/2fa/")
    opened.page.get_by_label("Email").fill(user.email)
    opened.page.get_by_label("Password", exact=True).fill("a long enough secret")
    opened.page.get_by_role("button", name="Sign In", exact=True).click()
    expect(opened.page).not_to_have_url(re.compile("/accounts/login/"))
    return opened


def confirm_access(opened):
    """Give the password once more, which every change of a second factor asks for."""
    opened.go("/accounts/2fa/totp/activate/")
    opened.page.get_by_label("Password", exact=True).fill("a long enough secret")
    opened.page.get_by_role("button", name="Confirm").click()
    expect(opened.page.get_by_role("heading", level=1)).to_have_text("Activate Authenticator App")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark"), (NARROWEST, "light")])
def test_second_factor_pages(visit, member, width, theme):
    user = member()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    opened = logged_in(visit, user, width=width, theme=theme)
    confirm_access(opened)
    found = []
    for address in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"):
        opened.go(address).picture(f"factor{address.replace('/', '-')}{width}-{theme}")
        found += [f"{address} {said}" for said in (*opened.violations(), *opened.overflow())]
    assert (found, opened.complaints) == ([], [])


def test_a_second_factor_is_set_up_and_asked_for(visit, member):
    user = member()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    opened = logged_in(visit, user)
    confirm_access(opened)
    page = opened.page
    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_label("Unused codes")).to_be_visible()
    opened.picture("factor-recovery-codes")
    assert (opened.violations(), opened.overflow(), opened.complaints) == ([], [], [])
    page.get_by_role("button", name="Log out").click()
    again = logged_in(visit, user)
    expect(again.page.get_by_role("heading", level=1)).to_have_text("Two-Factor Authentication")
    again.picture("factor-asked")
    assert (again.violations(), again.complaints) == ([], [])


def test_a_page_that_wants_the_password_again(visit, member):
    user = member()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    opened = visit(user).go("/accounts/2fa/totp/activate/")
    expect(opened.page.get_by_role("heading", level=1)).to_have_text("Confirm Access")
    opened.picture("factor-reauthenticate")
    assert (opened.violations(), opened.overflow(), opened.complaints) == ([], [], [])
