"""The pages of log-in and account in Chromium: they wear the design, and nothing on them breaks the policy."""

import pytest
from allauth.account.models import EmailAddress
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
