"""Addresses with letters outside ASCII beside ordinary ones: nobody else's mail depends on them."""

from datetime import UTC, datetime

import pytest

from dunright.mail.compose import Letter, Mailbox, compose
from dunright.mail.errors import Refused, Reply
from dunright.mail.send import SmtpConnection

CONTENT = compose(
    Letter(
        sender=Mailbox("anna@n.example", "Anna"),
        to=(Mailbox("jörg@k.example", "Jörg"), Mailbox("ap@k.example", "Pat")),
        subject="Invoice INV-0042",
        text="Please pay.",
        html="<p>Please pay.</p>",
        message_id="<t0ken@n.example>",
        date=datetime(2026, 11, 24, 11, 5, tzinfo=UTC),
    )
)
NO = Reply(553, "5.6.7 The mail server does not take addresses with letters outside ASCII (no SMTPUTF8).")


def hand_over(server):
    with SmtpConnection(server, command_seconds=5) as connection:
        return connection.hand_over(
            sender="anna@n.example",
            recipients=["jörg@k.example", "ap@k.example"],
            content=CONTENT,
            before_content=lambda: None,
        )


def test_server_that_offers_it_takes_both(scripted):
    server, script = scripted(ehlo=b"250-script\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
    assert hand_over(server).refused == {}
    assert script.commands[1:4] == [
        "MAIL FROM:<anna@n.example> SMTPUTF8 BODY=8BITMIME",
        "RCPT TO:<jörg@k.example>",
        "RCPT TO:<ap@k.example>",
    ]


def test_server_that_does_not_gets_the_other_alone(scripted):
    server, script = scripted(ehlo=b"250-script\r\n250 8BITMIME\r\n")
    assert hand_over(server).refused == {"jörg@k.example": NO}
    assert [line for line in script.commands if line.startswith("RCPT")] == ["RCPT TO:<ap@k.example>"]
    assert len(script.contents) == 1


def test_seven_bit_server_refuses_the_letter_and_the_address_is_named(scripted):
    server, script = scripted(ehlo=b"250 script\r\n")
    with pytest.raises(Refused) as caught:
        hand_over(server)
    assert (caught.value.stage, caught.value.refused, script.contents) == (
        "sender",
        {"jörg@k.example": NO},
        [],
    )
    assert caught.value.reply.text.endswith(
        "takes only messages of 7-bit text, and this one holds other bytes."
    )


def test_sender_outside_ascii_needs_a_server_that_offers_it(scripted):
    server, script = scripted()
    with SmtpConnection(server, command_seconds=5) as connection, pytest.raises(Refused) as caught:
        connection.hand_over(
            sender="jörg@n.example", recipients=["ap@k.example"], content=b"x", before_content=lambda: None
        )
    assert (caught.value.stage, caught.value.reply, caught.value.refused) == ("sender", NO, {})
    assert [line for line in script.commands if line.startswith("MAIL")] == []
