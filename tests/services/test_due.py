"""`run_due`: one piece of work that breaks down stops no other (chasing-rules.md section 6.5)."""

import pytest

from dunright.models import ChaseRun
from dunright.services import chasing, daily
from dunright.services.due import run_due
from tests.support import factories
from tests.support.factories import NOW, TODAY

pytestmark = [
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
    pytest.mark.django_db,
]


def breaks_for(first, step):
    """The step, which breaks down for the first one it is asked for."""

    def stepped(asked, *arguments, **named):
        if asked == first:
            raise ZeroDivisionError
        return step(asked, *arguments, **named)

    return stepped


@pytest.fixture
def runs(db):
    """A due run each of two companies."""
    companies = [factories.organisation("First Ltd"), factories.organisation("Second Ltd")]
    return [ChaseRun.objects.create(organisation=one, local_date=TODAY, due_at=NOW) for one in companies]


def test_organisation_that_breaks_down_stops_no_other(runs, monkeypatch):
    looked_after = []
    monkeypatch.setattr(daily, "look_after", lambda asked, **_: looked_after.append(asked))
    monkeypatch.setattr(daily, "look_after", breaks_for(runs[0].organisation, daily.look_after))

    done = run_due(now=NOW)
    assert looked_after == [runs[1].organisation]
    assert done.runs == 2
    assert done.problems == ["First Ltd could not be looked after (ZeroDivisionError); the log says more."]


def test_run_that_breaks_down_stops_no_other(runs, monkeypatch):
    monkeypatch.setattr(chasing, "perform", breaks_for(runs[0].pk, chasing.perform))

    done = run_due(now=NOW)
    assert (done.runs, ChaseRun.objects.get(pk=runs[1].pk).state) == (1, "done")
    said = f"Chase run {runs[0].pk} could not be done (ZeroDivisionError); the log says more."
    assert done.problems == [said]
