"""`dunright organisation set ID owner_email=…`: who owns a company, and so who is told (commands.md)."""

import pytest
from click.testing import CliRunner

from dunright.management.organisation import organisation
from dunright.models import CallBudget, Membership, Organisation, Role, TimelineEntry, User
from dunright.services import organisations
from dunright.services.permissions import NotAllowed
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db):
    return factories.organisation(owner=factories.user("ada@northwind.example"))


def change(company, *words):
    result = CliRunner().invoke(organisation, ["set", str(company.pk), *words])
    return result.exit_code, result.stderr


def roles(company):
    rows = Membership.objects.filter(organisation=company).order_by("pk")
    return [(one.user.email, one.role) for one in rows.select_related("user")]


def test_new_person_becomes_the_owner_and_the_one_before_manages(company):
    assert change(company, "owner_email=Bea@northwind.example") == (0, "")
    assert roles(company) == [("ada@northwind.example", "manager"), ("bea@northwind.example", "owner")]
    entry = TimelineEntry.objects.filter(organisation=company, kind="settings").latest("pk")
    assert entry.sentence == "Settings changed: owner_email"


def test_the_share_of_calls_is_set_with_the_settings_and_all_or_nothing(company):
    assert change(company, "call_share=40", "chase_time=10:30") == (0, "")
    assert CallBudget.objects.get(organisation=company).share_percent == 40
    refused = change(company, "call_share=70", "chase_time=25:00")
    assert refused == (1, "Error: chase_time takes a time such as 11:00, not '25:00'.\n")
    refused = change(company, "chase_time=09:00", "call_share=all")
    assert refused == (1, "Error: call_share takes a whole number of percent from 5 to 100, not 'all'.\n")
    company.refresh_from_db()
    assert CallBudget.objects.get(organisation=company).share_percent == 40
    assert company.settings_version.values["chase_time"] == "10:30"


def test_member_becomes_the_owner(company):
    member = factories.member(company, Role.VIEWER)
    assert change(company, f"owner_email={member.email.upper()}") == (0, "")
    assert roles(company) == [("ada@northwind.example", "manager"), (member.email, "owner")]


def test_owner_stays_the_owner(company):
    assert change(company, "owner_email=ada@northwind.example") == (0, "")
    assert roles(company) == [("ada@northwind.example", "owner")]


@pytest.mark.parametrize("text", ["", "ada", "a@x.example, b@x.example", "a@x.example\nBcc: b@x.example"])
def test_what_is_no_address_changes_nothing(company, text):
    assert change(company, f"owner_email={text}") == (1, f"Error: {text!r} is no e-mail address.\n")
    assert roles(company) == [("ada@northwind.example", "owner")]


def test_wrong_setting_beside_it_changes_nothing(company):
    code, _ = change(company, "owner_email=bea@northwind.example", "chase_time=25:00")
    assert (code, roles(company)) == (1, [("ada@northwind.example", "owner")])
    assert User.objects.filter(email="bea@northwind.example").count() == 0


def test_manager_may_not_take_a_company_over(company):
    manager = factories.member(company, Role.MANAGER)
    with pytest.raises(NotAllowed):
        organisations.change_settings(company, {"owner_email": manager.email}, by=manager, now=NOW)
    assert Organisation.objects.get(pk=company.pk).settings_version.number == 1


def test_owner_can_hand_over_only_to_somebody_known(company):
    owner = User.objects.get(email="ada@northwind.example")
    with pytest.raises(organisations.CannotChange) as caught:
        organisations.change_settings(company, {"owner_email": "eve@evil.example"}, by=owner, now=NOW)
    assert str(caught.value) == "Nobody here has the address 'eve@evil.example'; invite the person first."
