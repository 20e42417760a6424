"""The generated company: the measured figures of demo-company.md, and the same books for the same seed."""

from datetime import date, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

import pytest

from zoho_sandbox.company import history
from zoho_sandbox.company.payers import BY_NAME, Payer, paying_day
from zoho_sandbox.company.profiles import MONTH_END, NEXT_MONTH_END, profile
from zoho_sandbox.testing import running_sandbox

TODAY = date(2026, 11, 24)
DUBLIN = ZoneInfo("Europe/Dublin")
START = TODAY - timedelta(days=history.HISTORY_DAYS)
UNTIL = history.moment(TODAY, 9 * 3600, DUBLIN)
# Invoices this young may still be unpaid: counting only the paid ones among them would flatter the payers.
OLD_ENOUGH = date(2026, 8, 1)


def story(seed, index):
    return history.tell(profile(seed, index), seed=seed, start=START, until=UNTIL, where=DUBLIN)


@pytest.fixture(scope="module")
def stories():
    return [story(7, index) for index in range(25, 1525)]


def test_customers_pay_as_late_as_measured(stories):
    delays, ages = [], []
    for each in stories:
        for payment in each.payments:
            for index, _ in payment.parts:
                invoice = each.invoices[index]
                if (
                    invoice.state == "paid"
                    and invoice.last_payment == payment.day
                    and invoice.issued < OLD_ENOUGH
                ):
                    delays.append((payment.day - invoice.due).days)
                    ages.append((payment.day - invoice.issued).days)
    late = mean(delay > 0 for delay in delays)
    very_late = mean(delay > 30 for delay in delays)
    # Demo-company.md: about 57 % late, 9 % more than 30 days, mean about +8, paid about 34 days after issue.
    assert (0.52 < late < 0.62, 0.07 < very_late < 0.13, 6 < mean(delays) < 11, 30 < mean(ages) < 39) == (
        True,
    ) * 4


def test_shares_of_fates_are_those_measured(stories):
    invoices = [invoice for each in stories for invoice in each.invoices]
    shares = {
        "draft": mean(invoice.state == "draft" for invoice in invoices),
        "void": mean(invoice.state == "void" for invoice in invoices),
        "credits": sum(len(each.credits) for each in stories) / len(invoices),
    }
    expected = {"draft": 0.03, "void": 0.01, "credits": 0.05}
    assert {name: abs(shares[name] - share) < 0.01 for name, share in expected.items()} == dict.fromkeys(
        expected, True
    )


def test_a_fifth_of_the_customers_hold_most_invoices(stories):
    counts = sorted((len(each.invoices) for each in stories), reverse=True)
    assert 0.6 < sum(counts[: len(counts) // 5]) / sum(counts) < 0.9


def test_money_adds_up_in_every_story(stories):
    for each in stories:
        received = [0] * len(each.invoices)
        for payment in each.payments:
            for index, cents in payment.parts:
                received[index] += cents
        for credit in each.credits:
            if credit.invoice is not None:
                received[credit.invoice] += credit.amount
        for invoice, got in zip(each.invoices, received, strict=True):
            if invoice.state != "void":
                assert invoice.balance + invoice.written_off + got == invoice.amount


def test_an_invoice_stands_once_in_a_payment_and_is_issued_on_a_working_day(stories):
    for each in stories:
        for payment in each.payments:
            indexes = [index for index, _ in payment.parts]
            assert len(indexes) == len(set(indexes))
        assert all(invoice.issued.weekday() < 5 for invoice in each.invoices)


def test_the_same_seed_tells_the_same_story():
    assert (story(3, 40) == story(3, 40), story(3, 40) == story(4, 40)) == (True, False)


def test_dirty_data_is_there_in_its_share():
    profiles = [profile(1, index) for index in range(25, 4025)]
    emails = [person.email for each in profiles for person in each.persons[:1]]
    without = mean(not each.persons or not each.persons[0].email for each in profiles)
    assert abs(without - 0.06) < 0.02
    assert all(email.endswith(".example") for email in emails if email)
    assert {each.currency for each in profiles} == {"EUR", "GBP", "USD"}
    assert any("<script>" in each.name for each in profiles)
    assert any(each.archived for each in profiles)
    names = [each.name for each in profiles]
    assert 0 < len(names) - len(set(names)) < len(names) * 0.03
    assert {len(each.persons) for each in profiles} == {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        (30, date(2026, 2, 14)),
        (0, date(2026, 1, 15)),
        (MONTH_END, date(2026, 1, 31)),
        (NEXT_MONTH_END, date(2026, 2, 28)),
    ],
)
def test_due_date_follows_the_terms(terms, due):
    assert history.due_date(date(2026, 1, 15), terms) == due


def test_end_of_month_terms_cross_the_year():
    assert history.due_date(date(2026, 12, 3), NEXT_MONTH_END) == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("weekday", "wanted", "expected"),
    [
        (None, date(2026, 11, 21), date(2026, 11, 23)),
        (None, date(2026, 11, 24), date(2026, 11, 24)),
        (4, date(2026, 11, 24), date(2026, 11, 27)),
        (0, date(2026, 11, 24), date(2026, 11, 23)),
    ],
)
def test_payments_fall_on_the_day_a_customer_pays(weekday, wanted, expected):
    payer = Payer(BY_NAME["late"], 9.0, exact=False, weekday=weekday)
    assert paying_day(payer, wanted, earliest=date(2026, 11, 1)) == expected


def test_a_payment_run_is_never_before_the_earliest_day():
    payer = Payer(BY_NAME["late"], 9.0, exact=False, weekday=0)
    assert paying_day(payer, date(2026, 11, 24), earliest=date(2026, 11, 24)) == date(2026, 11, 30)


def test_two_starts_from_one_seed_serve_the_same_books():
    def books():
        with running_sandbox(customers=30) as sandbox:
            token = sandbox.access_token()
            answers = [
                sandbox.get(f"/{kind}", token, per_page=200).json for kind in ("contacts", "customerpayments")
            ]
            rows = [
                row
                for page in answers
                for key in ("contacts", "customerpayments")
                for row in page.get(key, [])
            ]
            invoices = sandbox.get("/invoices", token).json["invoices"]
            return rows, [
                {key: value for key, value in row.items() if key != "invoice_url"} for row in invoices
            ]

    assert books() == books()


def test_the_default_company_has_a_believable_ageing():
    with running_sandbox() as sandbox:
        token = sandbox.access_token()
        rows = sandbox.get("/invoices", token, status="unpaid").json["invoices"]
        overdue = sum(row["balance"] * row["exchange_rate"] for row in rows if row["status"] == "overdue")
        total = sum(row["balance"] * row["exchange_rate"] for row in rows)
        customers = sandbox.get("/contacts", token, filter_by="Invoice.Unpaid").json["contacts"]
    assert (40 <= len(rows) <= 70, 0.35 < overdue / total < 0.65, len(customers) >= 18) == (True, True, True)
