"""Run the rules day by day without a database (chasing-rules.md section 9)."""

from collections import deque
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from dunright.domain.calendar import Run, moment, run_on
from dunright.domain.chasing import decide, order_customers
from dunright.domain.messages import Draft
from dunright.domain.money import amount_text
from dunright.domain.scenario import Scenario, ScenarioError, read_scenario
from dunright.domain.scenario_events import Event
from dunright.domain.simulated_books import BookedCustomer, Books

_A_DAY: Final = timedelta(days=1)


def simulate(scenario: Scenario, *, reuse: bool = True) -> dict[str, Any]:
    """The messages and decisions of a scenario, in the form that `dunright simulate` writes.

    `reuse`: a customer whose facts did not change keeps the decision for as long as it says it holds
    (`CustomerDecision.unchanged_before`); without, every customer is decided afresh in every run.
    """
    return _Simulation(scenario, reuse=reuse).play()


class _Simulation:
    def __init__(self, scenario: Scenario, *, reuse: bool) -> None:
        self.scenario = scenario
        self.reuse = reuse
        self.books = Books(scenario)
        self.events = deque(event for event in scenario.events if event.at.date() <= scenario.last)
        self.messages: list[dict[str, Any]] = []
        self.decisions: list[dict[str, str | None]] = []

    def play(self) -> dict[str, Any]:
        # Events before the first day are history.
        while self.events and self.events[0].at.date() < self.scenario.first:
            self.books.apply(self.events.popleft())
        for offset in range((self.scenario.last - self.scenario.first).days + 1):
            self._play_day(self.scenario.first + offset * _A_DAY)
        return {"name": self.scenario.name, "messages": self.messages, "decisions": self.decisions}

    def _play_day(self, day: date) -> None:
        """Events and the run of one day in their order; an event may move the run, but never into the past."""
        self.books.arrive(day)
        passed = datetime.combine(day, time.min)
        while True:
            run = run_on(self.books.settings.calendar, day)
            run_at = None if run is None else run.at.replace(tzinfo=None)
            event = self.events[0] if self.events and self.events[0].at.date() == day else None
            if run is None or run_at is None or run_at < passed:
                if event is None:
                    return
            elif event is None or not self._comes_by(event, run_at):
                self._run(run)
                break
            self.books.apply(event)
            self.events.popleft()
            passed = event.at
        # At most one run a local day.
        while self.events and self.events[0].at.date() == day:
            self.books.apply(self.events.popleft())

    def _comes_by(self, event: Event, run_at: datetime) -> bool:
        """Whether an event comes before a run, or at the same moment."""
        if event.at <= run_at:
            return True
        # A local time that does not exist is the next existing minute, which may be that of the run.
        return moment(event.at, self.books.settings.calendar.timezone).replace(tzinfo=None) <= run_at

    def _run(self, run: Run) -> None:
        books, today = self.books, run.date
        organisation, wall = books.organisation_facts(), run.at.replace(tzinfo=None)
        spent = books.spent(today)
        asked = [customer for customer in books.customers.values() if self._is_asked(customer, today)]
        for customer in order_customers(asked, last_message_on=lambda one: one.last_message_at):
            decision = decide(organisation, customer.facts(), today=today, spent=spent)
            customer.is_changed, customer.unchanged_before = False, decision.unchanged_before
            for invoice, made in zip(customer.invoices, decision.decisions, strict=True):
                until = None if made.until is None else made.until.isoformat()
                invoice.decision = (made.verdict, made.reason, until)
            if decision.message is not None:
                self.messages.append(_written(decision.message, run))
                books.sent(decision.message, wall)
        self._write_decisions(today)

    def _is_asked(self, customer: BookedCustomer, today: date) -> bool:
        """Whether a customer is decided afresh today."""
        if not customer.invoices:
            return False
        unchanged_before = customer.unchanged_before
        is_over = unchanged_before is not None and today >= unchanged_before
        return not self.reuse or customer.is_changed or is_over

    def _write_decisions(self, today: date) -> None:
        on = today.isoformat()
        for invoice in self.books.existing:
            verdict, reason, until = invoice.decision
            self.decisions.append(
                {
                    "date": on,
                    "invoice": invoice.facts.id,
                    "verdict": verdict,
                    "reason": reason,
                    "until": until,
                }
            )


def _written(message: Draft, run: Run) -> dict[str, Any]:
    """A message in the form of chasing-rules.md section 9."""
    return {
        "at": run.at.isoformat(),
        "customer": message.customer_id,
        "kind": message.kind,
        "step": message.step.id,
        "sender": message.sender,
        "template": message.form,
        "to": [person.email for person in message.to],
        "flags": list(message.flags),
        "invoices": [
            {
                "id": line.invoice.id,
                "step": None if line.step is None else line.step.id,
                "balance": amount_text(line.invoice.balance, line.invoice.currency),
            }
            for line in message.lines
        ],
        "totals": {code: amount_text(total, code) for code, total in message.totals.items()},
    }


__all__ = ["Scenario", "ScenarioError", "read_scenario", "simulate"]
