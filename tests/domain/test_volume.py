"""What a run may let leave by itself, and what is far more than usual (chasing-rules.md section 6.5)."""

from decimal import Decimal

import pytest

from dunright.domain.settings import OrganisationSettings, changed
from dunright.domain.volume import Cap, read_cap, unusual_from, usual

PLAIN = OrganisationSettings(name="N", timezone="Europe/Dublin", currency="EUR")


@pytest.mark.parametrize(
    ("given", "cap", "words"),
    [
        ("off", None, "None"),
        ("1", Cap(messages=1), "1 message"),
        ("100", Cap(messages=100), "100 messages"),
        ("5000.00 EUR", Cap(amount=Decimal("5000.00"), currency="EUR"), "5,000.00 EUR"),
    ],
)
def test_a_cap_is_read_as_the_settings_keep_it(given, cap, words):
    kept = changed(PLAIN, {"run_cap": given}).run_cap
    assert (read_cap(kept), str(read_cap(kept))) == (cap, words)


@pytest.mark.parametrize(
    ("counts", "as_a_rule", "unusual"),
    [
        ([], None, None),
        ([4, 5], None, None),
        ([0, 0, 0], Decimal(0), 20),
        ([4, 6, 5], Decimal(5), 20),
        # 22 is not more than three times 7.5.
        ([7, 8, 7, 8], Decimal("7.5"), 23),
        ([10, 10, 10], Decimal(10), 31),
        # The ninth is too long ago.
        ([10, 10, 10, 10, 10, 10, 10, 10, 900], Decimal(10), 31),
    ],
)
def test_what_is_usual_is_the_median_of_the_last_eight_runs(counts, as_a_rule, unusual):
    assert (usual(counts), unusual_from(counts)) == (as_a_rule, unusual)
