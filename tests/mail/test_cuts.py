"""A sample of every cut of the mail dialogue; ci/crash/dialogue.py makes all of them."""

from collections import Counter

import pytest

from tests.mail import cuts
from tests.mail.cut_dialogues import dialogue

EVERY = 17


@pytest.fixture(scope="module")
def cutting(certificate):
    file, tls = certificate
    with cuts.running(tls) as server:
        yield lambda cut: dialogue(server, cut, file)


@pytest.mark.parametrize("security", cuts.SECURITIES)
def test_every_cut_is_classified_right(cutting, security):
    sample = [cut for cut in cuts.all_cuts() if cut.security == security][::EVERY]
    results = [cutting(cut) for cut in sample]
    assert [result for result in results if not result.is_right] == []
    assert set(Counter(result.outcome for result in results)) == {"later", "refused", "uncertain", "sent"}


@pytest.mark.parametrize("deed", ["nonsense", "999", "empty"])
def test_muddle_about_one_recipient_begins_anew_later(cutting, deed):
    """Nobody knows whether the server counts the recipient: it must neither be left out nor written to twice."""
    result = cutting(cuts.Cut("plain", "rcpt 2", deed))
    assert (result.outcome, result.attempts, result.begun) == ("later", 0, 0)


def test_one_refused_recipient_of_several_does_not_stop_the_others(cutting):
    result = cutting(cuts.Cut("tls", "rcpt 2", "550"))
    assert (result.outcome, result.attempts, result.taken) == ("sent", 1, 1)


def test_there_are_more_than_two_thousand_cuts():
    assert len(set(cuts.all_cuts())) > 2000
