"""A fixed sample of every crash point; ci/crash/points.py plays all of them."""

import json

import pytest

from dunright.models import OutboxMessage
from tests.support.processes import ROOT

pytestmark = [
    pytest.mark.kill,
    # Workers look for due rows of every company.
    pytest.mark.cross_tenant,
]

PROGRAM = str(ROOT / "tests" / "journeys" / "crash_program.py")


def test_nothing_is_double_lost_or_stuck_wherever_it_breaks(spawned):
    program = spawned.start(PROGRAM, "8", "2")
    told, said = program.communicate(timeout=600)
    assert program.returncode == 0, said
    totals = json.loads(told)
    assert (totals["double"], totals["lost"], totals["stuck"], totals["wrong"]) == (0, 0, 0, [])
    assert sorted(totals["by_mode"]) == ["error", "exit", "fault", "freeze", "outage", "stopped"]
    assert totals["points"] > 250
    assert 0 < totals["uncertain"] < totals["points"] // 4, "an attempt that came to no answer is uncertain"
    assert OutboxMessage.objects.filter(state="uncertain").count() == 0, (
        "the company is left as at the last start"
    )
