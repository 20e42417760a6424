"""Who may come to which address: one row for every address of the installation, read by test_routes.py.

An address without a row here fails the run. What a person below the needed role, a stranger or a visitor gets follows
from the kind of the row; what those who may come in get stands in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dunright.models import Role
from dunright.services.coming import foresee
from tests.support import factories as make

LOG_IN, REFUSED, UNKNOWN, NO_METHOD = 302, 403, 404, 405
UNREADABLE, GONE = 400, 410
DONE, PAGE, INVALID = 302, 200, 422
"""What a good POST, a good GET and a form with mistakes answer."""

Books = Any
"""The rows of one company, tests/web/test_routes.py."""
Values = Callable[[Books, str], Mapping[str, Any]]


def nothing(books: Books, who: str) -> Mapping[str, Any]:
    return {}


def _customer(books: Books, who: str) -> Mapping[str, Any]:
    return {"pk": books.customer.pk}


def _invoice(books: Books, who: str) -> Mapping[str, Any]:
    return {"pk": books.invoice.pk}


def _waiting(books: Books, who: str) -> Mapping[str, Any]:
    return {"message": books.waiting.pk}


def _uncertain(books: Books, who: str) -> Mapping[str, Any]:
    return {"message": books.uncertain.pk}


_RUN = date(2026, 12, 1)
"""The run at which a customer's next message is foreseen."""


def _coming(books: Books, who: str) -> Mapping[str, Any]:
    return {"customer": books.later.pk, "day": _RUN}


def _with(**values: Any) -> Values:
    return lambda books, who: values


@dataclass(frozen=True, slots=True)
class OfCompany:
    """An address below `/o/<organisation>/`: members with the role come in."""

    role: Role
    get: int = PAGE
    post: int = NO_METHOD
    keys: Values = nothing
    """The other values of the address, from a company's rows and the role of who asks."""
    body: Values = nothing
    """A POST that is good."""
    shows_data: bool = True
    """The GET draws the company's customers, invoices or messages."""


@dataclass(frozen=True, slots=True)
class OfInstallation:
    """An address that belongs to no company; `visitor` and `person` are (GET, POST) without and with a log-in."""

    visitor: tuple[int, int]
    person: tuple[int, int]
    keys: Mapping[str, Any] = field(default_factory=dict)


def _deed(role: Role, keys: Values = nothing, body: Values = nothing) -> OfCompany:
    """An address that only takes a POST and then leads on."""
    return OfCompany(role, get=NO_METHOD, post=DONE, keys=keys, body=body, shows_data=False)


def _dialog(keys: Values, body: Values) -> OfCompany:
    """A form of its own, that leads on once it is filled in well."""
    return OfCompany(Role.CHASER, post=DONE, keys=keys, body=body)


COMPANY = {
    "receivables:index": OfCompany(Role.VIEWER),
    "receivables:invoices": OfCompany(Role.VIEWER),
    "customers:page": OfCompany(Role.VIEWER, keys=_customer),
    "customers:paid": OfCompany(Role.VIEWER, keys=_customer),
    "customers:chasing": _deed(Role.CHASER, _customer, _with(chasing="off")),
    "customers:schedule": _deed(Role.CHASER, _customer, _with(schedule="none")),
    "customers:resume": _deed(Role.CHASER, _customer),
    "customers:level": _deed(
        Role.CHASER,
        lambda books, who: {"pk": books.customer.pk, "person": books.person.pk},
        _with(level="off"),
    ),
    "customers:end_hold": _deed(
        Role.CHASER, lambda books, who: {"pk": books.customer.pk, "hold": books.hold.pk}
    ),
    "customers:stop": _dialog(_customer, _with(how="once", why="they asked")),
    "customers:answered": _dialog(
        _customer,
        lambda books, who: {
            "what": "wrong_person",
            "person": books.person.pk,
            "invoices": [books.invoice.pk],
        },
    ),
    "customers:contact": _dialog(
        _customer, lambda books, who: {"kind": "call", "text": "will pay", "person": books.person.pk}
    ),
    "invoices:page": OfCompany(Role.VIEWER, keys=_invoice),
    "invoices:chasing": _deed(Role.CHASER, _invoice, _with(chasing="off")),
    "invoices:schedule": _deed(Role.CHASER, _invoice, _with(schedule="none")),
    "invoices:resume": _deed(Role.CHASER, _invoice),
    "invoices:stop": _dialog(_invoice, _with(how="never", why="written off soon")),
    "upcoming:index": OfCompany(Role.VIEWER),
    "upcoming:approve": _dialog(nothing, _waiting),
    "upcoming:pause": _dialog(nothing, nothing),
    "upcoming:resume": _deed(Role.MANAGER),
    "upcoming:stop": _dialog(nothing, nothing),
    "upcoming:run": _dialog(nothing, nothing),
    "upcoming:coming": OfCompany(Role.VIEWER, keys=_coming),
    "upcoming:coming_approve": _deed(Role.CHASER, _coming),
    "upcoming:coming_edit": _dialog(
        _coming,
        lambda books, who: {
            "subject": "Please",
            "body": books.template.version.body,
            "seen": foresee(books.later, _RUN, now=make.NOW).seen,
        },
    ),
    "upcoming:coming_forget": _deed(Role.CHASER, _coming),
    "upcoming:coming_later": _dialog(_coming, nothing),
    "upcoming:edit": _dialog(
        _waiting, lambda books, who: {"subject": "Please", "body": books.template.version.body}
    ),
    "upcoming:cancel": _dialog(_waiting, nothing),
    "sent:index": OfCompany(Role.VIEWER),
    "sent:message": OfCompany(Role.VIEWER, keys=_uncertain),
    "sent:letter": OfCompany(Role.VIEWER, keys=_uncertain),
    "sent:source": OfCompany(Role.VIEWER, keys=_uncertain),
    "sent:settle": OfCompany(
        Role.CHASER,
        # Asks about an answer that a link names; without one there is nothing to ask.
        get=DONE,
        post=DONE,
        keys=_uncertain,
        body=_with(answer="sent"),
        shows_data=False,
    ),
    # The company is running: there is nothing to resume.
    "resume:index": OfCompany(Role.MANAGER, post=PAGE),
    "writing:write": _dialog(
        _customer,
        lambda books, who: {
            "do": "send",
            "subject": "Please",
            "body": books.template.version.body,
            "key": "0123456789abcdef",
        },
    ),
    "sync:status": OfCompany(Role.VIEWER, shows_data=False),
    "sync:now": _deed(Role.CHASER),
    "health:index": OfCompany(Role.VIEWER),
    "health:check": _deed(Role.CHASER),
    "onboarding:share": _deed(Role.MANAGER, body=_with(call_share="40")),
    "onboarding:connect": OfCompany(Role.MANAGER, post=DONE, body=_with(location="sandbox")),
    "onboarding:choose": OfCompany(
        Role.MANAGER,
        # The books that the company had before are connected again without a question.
        get=DONE,
        post=DONE,
        # Only who gave the consent may choose what it is for: everybody has one of their own here.
        keys=lambda books, who: {"pk": books.consents[who].pk},
        body=lambda books, who: {"books": books.external_id},
        shows_data=False,
    ),
    # After `choose`: the log-in of the consent is taken back at the other side, which no test undoes.
    "onboarding:give_up": _deed(Role.MANAGER, lambda books, who: {"pk": books.consents[who].pk}),
    "onboarding:connection": OfCompany(Role.VIEWER),
    "onboarding:tell": _deed(Role.MANAGER),
    "onboarding:tell_again": _deed(Role.MANAGER, lambda books, who: {"pk": books.told.pk}),
    "onboarding:address": _deed(Role.MANAGER, body=_with(do="make")),
    "onboarding:disconnect": OfCompany(Role.OWNER, post=DONE),
}

_TO_LOG_IN = (LOG_IN, LOG_IN)
_FORM = (PAGE, PAGE)
"""A form of the log-in pages shows its mistakes with 200."""
_ELSEWHERE = (DONE, DONE)
"""Not for who asks, or not now: led to the log-in, to the start page, or to proving once more who it is."""
_READ = (PAGE, NO_METHOD)

INSTALLATION = {
    "home": OfInstallation(visitor=(LOG_IN, NO_METHOD), person=(DONE, NO_METHOD)),
    "onboarding:welcome": OfInstallation((GONE, GONE), (GONE, GONE), keys={"secret": "unknown"}),
    "onboarding:index": OfInstallation(_TO_LOG_IN, (PAGE, INVALID)),
    "onboarding:callback": OfInstallation((LOG_IN, NO_METHOD), (UNREADABLE, NO_METHOD)),
    # Whatever is not a call of the books' own is not there.
    "hooks:zoho_books": OfInstallation((UNKNOWN, UNKNOWN), (UNKNOWN, UNKNOWN), keys={"secret": "unknown"}),
    "account_login": OfInstallation(_FORM, _ELSEWHERE),
    "account_logout": OfInstallation(_ELSEWHERE, (PAGE, DONE)),
    "account_signup": OfInstallation(_FORM, _ELSEWHERE),
    "account_inactive": OfInstallation(_READ, _READ),
    "account_reauthenticate": OfInstallation(_TO_LOG_IN, _FORM),
    "account_email": OfInstallation(_TO_LOG_IN, (PAGE, DONE)),
    "account_email_verification_sent": OfInstallation(_READ, _READ),
    "account_confirm_email": OfInstallation((PAGE, UNKNOWN), (PAGE, UNKNOWN), keys={"key": "unknown"}),
    "account_confirm_login_code": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "account_change_password": OfInstallation(_TO_LOG_IN, _FORM),
    "account_set_password": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "account_reset_password": OfInstallation(_FORM, _FORM),
    "account_reset_password_done": OfInstallation(_READ, _READ),
    "account_reset_password_from_key": OfInstallation(_FORM, _FORM, keys={"uidb36": "1", "key": "unknown"}),
    "account_reset_password_from_key_done": OfInstallation(_READ, _READ),
    "mfa_index": OfInstallation(_TO_LOG_IN, _READ),
    "mfa_authenticate": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "mfa_reauthenticate": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "mfa_activate_totp": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    # Nothing is set up, so there is nothing to look at or to take away.
    "mfa_deactivate_totp": OfInstallation(_TO_LOG_IN, (UNKNOWN, UNKNOWN)),
    "mfa_view_recovery_codes": OfInstallation(_TO_LOG_IN, (UNKNOWN, NO_METHOD)),
    "mfa_download_recovery_codes": OfInstallation(_TO_LOG_IN, (UNKNOWN, UNKNOWN)),
    "mfa_generate_recovery_codes": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "mfa_list_webauthn": OfInstallation(_TO_LOG_IN, _READ),
    "mfa_add_webauthn": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "mfa_reauthenticate_webauthn": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "mfa_remove_webauthn": OfInstallation(_TO_LOG_IN, _ELSEWHERE, keys={"pk": 1}),
    "mfa_edit_webauthn": OfInstallation(_TO_LOG_IN, _ELSEWHERE, keys={"pk": 1}),
    "mfa_login_webauthn": OfInstallation(_TO_LOG_IN, _ELSEWHERE),
    "usersessions_list": OfInstallation(_TO_LOG_IN, (PAGE, DONE)),
}
