"""What every page says about the latest sync."""

import pytest

from dunright.models import SyncRun
from dunright.queries import shell
from tests.support import factories as make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "fields", "expected"),
    [
        ("queued", {}, (True, "")),
        ("running", {"last_error": "Zoho is down."}, (True, "")),
        ("queued", {"last_error": "Zoho is down.", "problems": ["Zoho is down."]}, (False, "Zoho is down.")),
        ("failed", {"last_error": "Zoho is down."}, (False, "Zoho is down.")),
        ("done", {"is_complete": True, "problems": ["A row was left out."]}, (False, "")),
    ],
)
def test_a_sync_that_failed_says_so_while_it_waits_for_its_next_try(state, fields, expected):
    organisation = make.organisation()
    SyncRun.objects.create(
        organisation=organisation, state=state, requested_at=make.NOW, due_at=make.NOW, **fields
    )
    found, _ = shell.books(organisation)
    assert (found.is_running, found.problem) == expected
