"""The pages of Upcoming in Chromium: accessible, without overflow, without a word in the console."""

from datetime import date

import pytest

from dunright.models import ChaseRun, ComingDecision, Organisation
from dunright.services import coming
from tests.support import factories as make
from tests.web.browser import THEMES, WIDTHS
from tests.web.messages import HOSTILE, messages, sticking_out, unfit

pytestmark = pytest.mark.browser


def pages(organisation):
    """Name -> path of every page of this part."""
    base = f"/o/{organisation.pk}/upcoming/"
    first, *_ = messages(organisation, "pending", "pending", "planned", "held", "retrying", "claimed")
    held = make.customer(organisation, HOSTILE, is_chasing=False)
    make.invoice(held)
    later = make.customer(organisation, f"Later {HOSTILE}")
    make.person(later)
    make.invoice(later, due=date(2026, 11, 27))
    found = coming.foresee(later, date(2026, 12, 1), now=make.NOW)
    coming.approve(found, seen=found.seen, by=None, now=make.NOW)
    make.facts_follow(organisation)
    return {
        "upcoming": base,
        "upcoming-edit": f"{base}{first.pk}/edit/",
        "upcoming-approve": f"{base}approve/",
        "upcoming-cancel": f"{base}{first.pk}/cancel/",
        "upcoming-pause": f"{base}pause/",
        "upcoming-stop": f"{base}stop/",
        "upcoming-run": f"{base}run/",
        "upcoming-coming": f"{base}{later.pk}/2026-12-01/",
        "upcoming-coming-edit": f"{base}{later.pk}/2026-12-01/edit/",
        "upcoming-coming-later": f"{base}{later.pk}/2026-12-01/later/",
    }


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_fit(visit, northwind, width, theme):
    opened = visit(make.owner(northwind), width=width, theme=theme)
    assert unfit(opened, pages(northwind), name=f"{width}-{theme}") == {}


def test_nothing_sticks_out_on_the_narrowest_phone(visit, northwind):
    assert sticking_out(visit, make.owner(northwind), pages(northwind)) == {}


def test_the_letter_stands_in_a_frame_of_its_own_height_and_runs_nothing(visit, northwind):
    script = "<script>document.title='ran'</script><p onclick=x>Dear Orla,</p>" + "<p>line</p>" * 60
    customer = make.customer(northwind)
    make.person(customer)
    message = make.message(customer, [make.invoice(customer)], html=f"<!DOCTYPE html><body>{script}</body>")
    opened = visit(make.owner(northwind)).go(f"/o/{northwind.pk}/upcoming/?message={message.pk}")
    frame = opened.page.frame_locator("iframe.letter-frame")
    frame.get_by_text("Dear Orla,").wait_for()
    box = opened.page.locator("iframe.letter-frame").bounding_box()
    assert box["height"] > 1200
    assert opened.page.frames[1].evaluate("document.title") != "ran"


def test_a_dialog_by_keyboard(visit, northwind):
    """Opened, closed by Escape with the focus back where it was, opened again and filled in."""
    first, second = messages(northwind, "pending", "pending")
    opened = visit(make.owner(northwind)).go(f"/o/{northwind.pk}/upcoming/")
    page = opened.page
    button = page.get_by_role("link", name="Approve all 2")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Approve 2 messages")
    dialog.wait_for()
    assert (opened.violations(), dialog.get_by_text("Customer 1").count()) == ([], 1)
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.get_by_role("link", name="Not this time").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=f"No message to {HOSTILE} this time")
    dialog.wait_for()
    dialog.get_by_role("button", name="Not this time").focus()
    page.keyboard.press("Enter")
    page.get_by_text("gets no message this time").wait_for()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "pending")


def test_approving_works_without_script(visit, northwind):
    first, second = messages(northwind, "pending", "pending")
    page = visit(make.owner(northwind), script=False).go(f"/o/{northwind.pk}/upcoming/").page
    page.get_by_role("link", name="Approve all 2").click()
    page.get_by_role("button", name="Approve 2 messages").click()
    page.get_by_text("2 messages approved.").wait_for()
    for one in (first, second):
        one.refresh_from_db()
    assert (first.state, second.state) == ("approved", "approved")


def test_a_coming_message_is_approved_and_put_off_by_keyboard(visit, northwind):
    customer = make.customer(northwind, "Later Ltd")
    make.person(customer)
    make.invoice(customer, due=date(2026, 11, 27))
    make.facts_follow(northwind)
    page = visit(make.owner(northwind)).go(f"/o/{northwind.pk}/upcoming/{customer.pk}/2026-12-01/").page
    page.get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    page.get_by_text("It leaves with the run of 1 December").wait_for()
    assert ComingDecision.objects.filter(organisation=northwind).count() == 1
    page.get_by_role("link", name="Not this time").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="No message to Later Ltd this time")
    dialog.wait_for()
    dialog.get_by_label("Not before").fill("2026-12-20")
    dialog.get_by_role("button", name="Not this time").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Later Ltd is on hold until").wait_for()


def test_everything_is_stopped_by_keyboard(visit, northwind):
    (message,) = messages(northwind, "planned")
    opened = visit(make.owner(northwind)).go(f"/o/{northwind.pk}/upcoming/")
    page = opened.page
    page.get_by_role("link", name="Stop everything now").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Stop everything now")
    dialog.wait_for()
    assert opened.violations() == []
    dialog.get_by_role("button", name="Stop everything now").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Everything is stopped. 1 message").wait_for()
    message.refresh_from_db()
    assert (message.state, Organisation.objects.get(pk=northwind.pk).is_paused) == ("pending", True)


def test_a_run_is_started_without_script(visit, northwind):
    customer = make.customer(northwind, "Owing Ltd")
    make.person(customer)
    make.invoice(customer)
    page = visit(make.owner(northwind), script=False).go(f"/o/{northwind.pk}/upcoming/").page
    page.get_by_role("link", name="Start a run").click()
    page.get_by_text("Owing Ltd").wait_for()
    page.get_by_role("button", name="Start the run").click()
    page.get_by_text("The run has started.").wait_for()
    run = ChaseRun.objects.filter(organisation=northwind).latest("pk")
    assert (run.kind, run.state) == ("by_hand", "queued")
