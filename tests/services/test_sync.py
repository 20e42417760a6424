"""The mirror follows the books, over real HTTP: what a run reads, what it costs, and what it does when things fail."""

from dunright.models import LogIn


def test_token_that_the_books_call_old_before_our_clock_does_is_renewed_once(company):
    company.sync()
    assert company.connection().complete_sync_at is not None
    before = LogIn.objects.get().generation
    company.pass_time(days=1)
    run = company.sync()
    assert (run.state, company.connection().state) == ("done", "connected")
    assert LogIn.objects.get().generation == before + 1
