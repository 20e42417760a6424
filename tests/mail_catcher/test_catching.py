"""What is sent is kept byte for byte, and misbehaviour happens exactly where it was asked for."""

import asyncio
import smtplib
import sqlite3
import threading

import pytest

from mail_catcher.faults import CUTS, FaultsError
from mail_catcher.testing import running_catcher


def test_message_is_kept_byte_for_byte(catcher, send):
    raw = b"Subject: x\r\n\r\n.dot\r\n\xff\xfe bytes\r\n"
    assert send(raw=raw, recipients=["pat@k.example", "Ann@K.example"]) == {}
    (message,) = catcher.messages()
    assert catcher.raw(message["id"]) == raw
    assert (message["mail_from"], message["recipients"]) == (
        "anna@n.example",
        ["pat@k.example", "Ann@K.example"],
    )


def test_message_is_on_the_disk_before_the_answer(tmp_path):
    state = tmp_path / "mail.sqlite3"
    with (
        running_catcher(state=state) as catcher,
        smtplib.SMTP(catcher.host, catcher.smtp_port, "x", timeout=10) as smtp,
    ):
        smtp.sendmail("a@n.example", ["b@k.example"], b"Subject: kept\r\n\r\n")
        other = sqlite3.connect(state)
        assert other.execute("SELECT subject FROM message").fetchall() == [("kept",)]
        other.close()


def test_messages_survive_a_restart_and_ids_are_not_used_again(tmp_path):
    state = tmp_path / "mail.sqlite3"
    ids = []
    for _start in range(2):
        with (
            running_catcher(state=state) as catcher,
            smtplib.SMTP(catcher.host, catcher.smtp_port, "x", timeout=10) as smtp,
        ):
            smtp.sendmail("a@n.example", ["b@k.example"], b"Subject: x\r\n\r\n")
            ids += [message["id"] for message in catcher.messages()]
            catcher.delete_all()
    assert ids == [1, 2]


def test_any_log_in_is_taken(catcher):
    with smtplib.SMTP(catcher.host, catcher.smtp_port, "me.example", timeout=10) as smtp:
        assert smtp.login("anybody", "anything")[0] == 235


def test_addresses_outside_ascii_are_taken(catcher):
    with smtplib.SMTP(catcher.host, catcher.smtp_port, "me.example", timeout=10) as smtp:
        smtp.ehlo()
        smtp.sendmail(
            "a@n.example",
            ["jörg@k.example"],
            "Subject: für Jörg\r\n\r\n".encode(),
            ["SMTPUTF8", "BODY=8BITMIME"],
        )
    (message,) = catcher.messages()
    assert (message["recipients"], message["subject"]) == (["jörg@k.example"], "für Jörg")


def test_copies_are_counted_by_message_id(catcher, send):
    for _time in range(2):
        send()
    send(raw=b"Message-ID: <other@n.example>\r\n\r\n")
    assert catcher.copies() == {"<t1@n.example>": 2, "<other@n.example>": 1}


def test_refused_address_among_several(catcher, send):
    catcher.set_faults(refuse={"Gone@k.example": "550 5.1.1 No such user"})
    assert send(recipients=["gone@K.example", "pat@k.example"]) == {
        "gone@K.example": (550, b"5.1.1 No such user")
    }
    assert [message["recipients"] for message in catcher.messages()] == [["pat@k.example"]]


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        ("mail", smtplib.SMTPSenderRefused),
        ("rcpt", smtplib.SMTPRecipientsRefused),
        ("data", smtplib.SMTPDataError),
        ("content", smtplib.SMTPDataError),
    ],
)
def test_answer_at_a_stage_keeps_nothing(catcher, send, stage, error):
    catcher.set_faults(answer={stage: "451 4.3.0 Later"})
    with pytest.raises(error):
        send()
    assert catcher.messages() == []
    catcher.set_faults()
    assert send() == {}


@pytest.mark.parametrize(
    ("cut", "kept"),
    [("mail", 0), ("rcpt", 0), ("data", 0), ("content_before_keeping", 0), ("content_after_keeping", 1)],
)
def test_cut_hangs_up_without_a_word(catcher, send, cut, kept):
    catcher.set_faults(cut=cut)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        send()
    assert len(catcher.messages()) == kept


def test_delay_keeps_the_message_before_it_answers(catcher):
    catcher.set_faults(delay_seconds={"content": 5})
    smtp = smtplib.SMTP(catcher.host, catcher.smtp_port, "me.example", timeout=1)
    with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
        smtp.sendmail("a@n.example", ["b@k.example"], b"Subject: kept\r\n\r\n")
    smtp.close()
    assert [message["subject"] for message in catcher.messages()] == ["kept"]


NEEDS_ANSWER = 'faults: refuse: a@k.example: an answer such as "550 No such user" is needed.'


@pytest.mark.parametrize(
    ("faults", "sentence"),
    [
        ({"explode": True}, "faults: 'explode' is unknown; known are refuse, answer, delay_seconds, cut."),
        ({"refuse": ["a"]}, "faults: refuse: a JSON object is needed."),
        ({"refuse": {"a@k.example": "250 fine"}}, NEEDS_ANSWER),
        ({"refuse": {"a@k.example": "550 a\r\nb"}}, NEEDS_ANSWER),
        (
            {"answer": {"quit": "451 x"}},
            "faults: answer: 'quit' is no stage; stages are mail, rcpt, data, content.",
        ),
        (
            {"delay_seconds": {"mail": -1}},
            "faults: delay_seconds: mail: a number of seconds up to 3600 is needed.",
        ),
        (
            {"cut": "never"},
            f"faults: cut: one of {', '.join(CUTS)} is needed, or nothing.",
        ),
    ],
)
def test_unknown_faults_are_refused(catcher, faults, sentence):
    with pytest.raises(FaultsError) as caught:
        catcher.set_faults(**faults)
    assert str(caught.value) == sentence


def test_catcher_that_is_stopped_at_once_ends_cleanly(monkeypatch):
    failures = []
    monkeypatch.setattr(threading, "excepthook", failures.append)
    prompt = asyncio.BaseEventLoop.create_server

    async def slow(*args, **kwargs):
        await asyncio.sleep(0.2)
        return await prompt(*args, **kwargs)

    monkeypatch.setattr(asyncio.BaseEventLoop, "create_server", slow)
    with running_catcher():
        pass
    assert failures == []
