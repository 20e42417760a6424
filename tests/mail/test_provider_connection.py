import dataclasses
import threading
from datetime import UTC, datetime

import pytest

from dunright.mail.compose import Attachment, Letter, Mailbox, compose
from dunright.mail.errors import Refused, Reply, TryLater, Uncertain
from dunright.mail.provider_answers import ProviderReply
from dunright.mail.provider_connection import ProviderConnection
from dunright.mail.providers import PROVIDERS
from dunright.mail.send import Accepted
from tests.mail.provider_stand_in import CUT, TAKEN, UNAUTHORISED, account

LETTER = Letter(
    sender=Mailbox("anna@northwind.example", "Anna Byrne"),
    to=(Mailbox("ap@k.example", 'Kelly, Pat "PK" Jörg'),),
    cc=(Mailbox("cfo@k.example"),),
    reply_to=Mailbox("office@northwind.example", "Office"),
    subject="Invoice INV-0042 – März",
    text="Hello Pat,\n\nplease pay € 5.\n",
    html="<p>Hello Pat,</p><p>please pay € 5.</p>",
    message_id="<t0ken@northwind.example>",
    date=datetime(2026, 11, 24, 11, 5, tzinfo=UTC),
    in_reply_to="<before@northwind.example>",
    references=("<before@northwind.example>",),
    attachments=(Attachment("INV-0042.pdf", "application/pdf", b"%PDF-1.7\x00\xff"),),
)
CONTENT = compose(LETTER)
EVERY = pytest.mark.parametrize("key", sorted(PROVIDERS))


class Attempt:
    """What the caller commits: counts how often, and how many requests had arrived by then."""

    def __init__(self, stand_in):
        self.stand_in = stand_in
        self.seen = []

    def __call__(self):
        self.seen.append(len(self.stand_in.requests))


def hand_over(
    connection, stand_in, *, recipients=("ap@k.example", "cfo@k.example"), content=CONTENT, attempt=None
):
    return connection.hand_over(
        sender="anna@northwind.example",
        recipients=list(recipients),
        content=content,
        before_content=attempt or Attempt(stand_in),
    )


@EVERY
def test_accepted_with_the_attempt_committed_before_the_request(provider, key):
    connection, stand_in = provider(key, TAKEN[key])
    attempt = Attempt(stand_in)
    accepted = hand_over(connection, stand_in, attempt=attempt)
    ids = {
        "postmark": "pm-7",
        "mailgun": "<mg-7@mg.example>",
        "brevo": "<brevo-7@smtp-relay.example>",
        "resend": "re-7",
    }
    said = ProviderReply(250, f"{PROVIDERS[key].label} took the message as {ids[key]}.")
    assert accepted == Accepted(said, {}, ids[key])
    assert str(accepted.reply) == said.text
    assert (attempt.seen, len(stand_in.requests)) == ([0], 1)


def test_postmark_gets_the_letter_as_it_was_composed(provider):
    connection, stand_in = provider("postmark", TAKEN["postmark"], settings={"message_stream": "reminders"})
    hand_over(connection, stand_in)
    method, path, headers, _ = stand_in.requests[0]
    assert (method, path, headers["X-Postmark-Server-Token"]) == ("POST", "/v3/email", "hunter2")
    assert stand_in.json() == {
        "MessageStream": "reminders",
        "From": "Anna Byrne <anna@northwind.example>",
        "To": '"Kelly, Pat \\"PK\\" Jörg" <ap@k.example>',
        "Cc": "cfo@k.example",
        "ReplyTo": "Office <office@northwind.example>",
        "Subject": "Invoice INV-0042 – März",
        "TextBody": "Hello Pat,\n\nplease pay € 5.\n",
        "HtmlBody": "<p>Hello Pat,</p><p>please pay € 5.</p>\n",
        "Headers": [
            {"Name": "In-Reply-To", "Value": "<before@northwind.example>"},
            {"Name": "References", "Value": "<before@northwind.example>"},
            {"Name": "Auto-Submitted", "Value": "auto-generated"},
            {"Name": "Message-ID", "Value": "<t0ken@northwind.example>"},
            {"Name": "X-PM-KeepID", "Value": "true"},
        ],
        "TrackLinks": "None",
        "TrackOpens": False,
        "Attachments": [
            {"Name": "INV-0042.pdf", "Content": "JVBERi0xLjcA/w==", "ContentType": "application/pdf"}
        ],
    }


def test_mailgun_gets_domain_key_and_our_message_id(provider):
    connection, stand_in = provider("mailgun", TAKEN["mailgun"])
    hand_over(connection, stand_in, content=compose(dataclasses.replace(LETTER, attachments=())))
    method, path, headers, _ = stand_in.requests[0]
    assert (method, path, headers["Authorization"]) == (
        "POST",
        "/v3/mg.example/messages",
        "Basic YXBpOmh1bnRlcjI=",
    )
    form = stand_in.form()
    assert (form["h:Message-Id"], form["o:tracking-opens"], form["o:tracking-clicks"]) == (
        "<t0ken@northwind.example>",
        "no",
        "no",
    )
    assert form["subject"] == "Invoice INV-0042 – März"


@pytest.mark.parametrize(("key", "header"), [("brevo", "api-key"), ("resend", "Authorization")])
def test_others_get_the_thread_but_number_messages_themselves(provider, key, header):
    connection, stand_in = provider(key, TAKEN[key])
    hand_over(connection, stand_in)
    headers = {name.lower(): one for name, one in stand_in.json()["headers"].items()}
    assert headers == {
        "in-reply-to": "<before@northwind.example>",
        "references": "<before@northwind.example>",
        "auto-submitted": "auto-generated",
    }
    assert stand_in.requests[0][2][header].endswith("hunter2")


def test_only_the_recipients_that_are_asked_for_are_named(provider):
    connection, stand_in = provider("postmark", TAKEN["postmark"])
    hand_over(connection, stand_in, recipients=["AP@k.example", "extra@k.example"])
    sent = stand_in.json()
    assert (sent["To"], sent.get("Cc")) == (
        '"Kelly, Pat \\"PK\\" Jörg" <AP@k.example>, extra@k.example',
        None,
    )


@EVERY
def test_wrong_key_is_a_matter_of_settings(provider, key):
    connection, stand_in = provider(key, UNAUTHORISED[key])
    with pytest.raises(TryLater) as caught:
        hand_over(connection, stand_in)
    assert (caught.value.stage, caught.value.is_settings, caught.value.refused) == ("login", True, {})
    assert str(caught.value).startswith(f"{PROVIDERS[key].label} answered HTTP 40")


REFUSED = {
    "postmark": (422, {"ErrorCode": 300, "Message": "Invalid 'From' address: 'anna@northwind.example'."}),
    "mailgun": (400, {"message": "from parameter is not a valid address. please check documentation"}),
    "brevo": (400, {"code": "invalid_parameter", "message": "subject is missing"}),
    "resend": (422, {"statusCode": 422, "name": "validation_error", "message": "Invalid `from` field."}),
}


@EVERY
def test_refused_for_good(provider, key):
    connection, stand_in = provider(key, REFUSED[key])
    with pytest.raises(Refused) as caught:
        hand_over(connection, stand_in)
    status, body = REFUSED[key]
    said = body.get("message") or body["Message"]
    assert str(caught.value) == f"{PROVIDERS[key].label} answered HTTP {status}: {said}"
    assert (caught.value.stage, caught.value.refused) == ("content", {})


@EVERY
@pytest.mark.parametrize("status", [429, 503])
def test_refused_for_now(provider, key, status):
    connection, stand_in = provider(key, (status, {"message": "slow down"}))
    with pytest.raises(TryLater) as caught:
        hand_over(connection, stand_in)
    assert (str(caught.value), caught.value.is_settings) == (
        f"{PROVIDERS[key].label} answered HTTP {status}: slow down",
        False,
    )


@EVERY
@pytest.mark.parametrize(
    "answer", [CUT, (500, b"oops"), (502, b"<html>"), (504, b""), (200, b"<html>"), (200, [1])], ids=repr
)
def test_no_plain_answer_is_uncertain(provider, key, answer):
    connection, stand_in = provider(key, answer)
    attempt = Attempt(stand_in)
    with pytest.raises(Uncertain):
        hand_over(connection, stand_in, attempt=attempt)
    assert (attempt.seen, len(stand_in.requests)) == ([0], 1)


@EVERY
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_answer_that_leads_elsewhere_is_not_followed(provider, key, status):
    connection, stand_in = provider(key, (status, b"", ("Location", "/elsewhere")))
    with pytest.raises(Uncertain):
        hand_over(connection, stand_in)
    assert len(stand_in.requests) == 1


def test_silence_is_uncertain(provider):
    connection, stand_in = provider("postmark", TAKEN["postmark"])
    over = threading.Event()
    stand_in.answer = over.wait
    quick = ProviderConnection(connection.account, answer_seconds=0.2)
    with pytest.raises(Uncertain) as caught:
        hand_over(quick, stand_in)
    over.set()
    quick.close()
    assert str(caught.value) == (
        "Postmark gave no answer after the message began to go out: it did not answer in time."
    )


@EVERY
def test_nobody_listening_is_tried_later(key, free_port):
    with ProviderConnection(account(key, free_port)) as connection, pytest.raises(TryLater) as caught:
        hand_over(connection, None, attempt=lambda: None)
    assert (str(caught.value), caught.value.stage, caught.value.is_settings) == (
        f"{PROVIDERS[key].label} could not be reached: nothing listens there.",
        "connect",
        False,
    )


@EVERY
def test_attempt_that_cannot_be_committed_sends_nothing(provider, key):
    class LostLease(Exception):
        pass

    def lost():
        raise LostLease

    connection, stand_in = provider(key, TAKEN[key])
    with pytest.raises(LostLease):
        hand_over(connection, stand_in, attempt=lost)
    assert stand_in.requests == []


def test_postmark_names_an_inactive_address_among_several(provider):
    said = (
        "Message OK, but will not deliver to these inactive addresses: cfo@k.example. "
        "Inactive recipients are ones that have generated a hard bounce or a spam complaint."
    )
    answer = (200, {"To": "ap@k.example", "MessageID": "pm-7", "ErrorCode": 0, "Message": said})
    connection, stand_in = provider("postmark", answer)
    why = "Postmark does not deliver to this address: it is inactive there after a bounce or a complaint."
    assert hand_over(connection, stand_in, recipients=["ap@k.example", "CFO@k.example"]).refused == {
        "CFO@k.example": ProviderReply(550, why)
    }


def test_postmark_refuses_every_address(provider):
    said = (
        "You tried to send to a recipient that has been marked as inactive. Found inactive addresses: "
        "ap@k.example. Inactive recipients are ones that have generated a hard bounce or a spam complaint."
    )
    connection, stand_in = provider("postmark", (422, {"ErrorCode": 406, "Message": said}))
    with pytest.raises(Refused) as caught:
        hand_over(connection, stand_in, recipients=["ap@k.example"])
    why = "Postmark does not deliver to this address: it is inactive there after a bounce or a complaint."
    assert (caught.value.stage, caught.value.refused) == (
        "recipients",
        {"ap@k.example": ProviderReply(550, why)},
    )


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("postmark", (422, {"ErrorCode": 401, "Message": "Sender signature not confirmed."})),
        ("mailgun", (404, {"message": "Domain not found: mg.example"})),
        ("brevo", (402, {"code": "not_enough_credits", "message": "No credits"})),
        ("brevo", (400, {"code": "account_under_validation", "message": "Being validated"})),
        ("resend", (403, {"name": "validation_error", "message": "The domain is not verified."})),
    ],
)
def test_fault_of_the_account_blames_no_message(provider, key, answer):
    connection, stand_in = provider(key, answer)
    with pytest.raises(TryLater) as caught:
        hand_over(connection, stand_in)
    assert (caught.value.is_settings, caught.value.refused) == (True, {})


def test_too_large_a_message_is_refused(provider):
    connection, stand_in = provider("postmark", (413, {"ErrorCode": 0, "Message": "Payload too large"}))
    with pytest.raises(Refused):
        hand_over(connection, stand_in)


@EVERY
def test_address_outside_ascii_is_refused_without_asking(provider, key):
    connection, stand_in = provider(key, TAKEN[key])
    said = Reply(
        553, "5.6.7 The mail server does not take addresses with letters outside ASCII (no SMTPUTF8)."
    )
    accepted = hand_over(connection, stand_in, recipients=["jörg@k.example", "ap@k.example"])
    assert accepted.refused == {"jörg@k.example": said}
    with pytest.raises(Refused) as caught:
        hand_over(connection, stand_in, recipients=["jörg@k.example"])
    assert (caught.value.stage, caught.value.refused) == ("recipients", {"jörg@k.example": said})
    assert len(stand_in.requests) == 1


def test_international_domain_goes_out_in_its_ascii_form(provider):
    letter = dataclasses.replace(LETTER, to=(Mailbox("ap@müller.example", "Pat"),), cc=())
    connection, stand_in = provider("postmark", TAKEN["postmark"])
    hand_over(connection, stand_in, recipients=["ap@müller.example"], content=compose(letter))
    assert stand_in.json()["To"] == "Pat <ap@xn--mller-kva.example>"


def test_sender_outside_ascii_is_refused_without_asking(provider):
    connection, stand_in = provider("postmark", TAKEN["postmark"])
    with pytest.raises(Refused) as caught:
        connection.hand_over(
            sender="jörg@k.example", recipients=["ap@k.example"], content=CONTENT, before_content=lambda: None
        )
    assert (caught.value.stage, stand_in.requests) == ("sender", [])


def test_key_never_shows_in_an_answer(provider):
    connection, stand_in = provider("mailgun", (401, {"message": "unknown key hunter2"}))
    with pytest.raises(TryLater) as caught:
        hand_over(connection, stand_in)
    assert str(caught.value) == "Mailgun answered HTTP 401: unknown key …"
    assert "hunter2" not in repr(connection.account)


def test_netrc_does_not_take_the_place_of_the_key(provider, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login eve password evil\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    connection, stand_in = provider("resend", TAKEN["resend"])
    hand_over(connection, stand_in)
    assert stand_in.requests[0][2]["Authorization"] == "Bearer hunter2"


def test_hand_over_without_recipients_is_a_mistake_of_the_caller(provider):
    connection, stand_in = provider("postmark", TAKEN["postmark"])
    with pytest.raises(ValueError, match=r"^A message needs at least one recipient\.$"):
        hand_over(connection, stand_in, recipients=[])


@pytest.mark.parametrize(
    "name",
    [
        "Müller-Lüdenscheidt Straßenbaugesellschaft für Nordwürttemberg mit beschränkter Haftung",
        "é" * 120,
        "发" * 60,
    ],
)
def test_long_name_and_subject_arrive_whole(provider, name):
    letter = dataclasses.replace(
        LETTER,
        to=(Mailbox("ap@k.example", name), Mailbox("b@k.example", "B, b")),
        cc=(),
        subject=f"{name} – März",
    )
    connection, stand_in = provider("postmark", TAKEN["postmark"])
    hand_over(connection, stand_in, recipients=["ap@k.example", "b@k.example"], content=compose(letter))
    sent = stand_in.json()
    assert (sent["To"], sent["Subject"]) == (f'{name} <ap@k.example>, "B, b" <b@k.example>', f"{name} – März")


@EVERY
def test_each_message_goes_over_a_connection_of_its_own(provider, key):
    connection, stand_in = provider(key, TAKEN[key])
    hand_over(connection, stand_in)
    hand_over(connection, stand_in)
    assert len(set(stand_in.clients)) == 2


@EVERY
def test_logs_never_hold_key_or_letter(provider, key, caplog):
    caplog.set_level("DEBUG")
    connection, stand_in = provider(key, TAKEN[key])
    hand_over(connection, stand_in)
    stand_in.answer = UNAUTHORISED[key]
    with pytest.raises(TryLater):
        hand_over(connection, stand_in)
    assert ("hunter2" in caplog.text, "please pay" in caplog.text, "ap@k" in caplog.text) == (False,) * 3
