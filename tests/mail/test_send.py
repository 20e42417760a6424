"""Every stage of a hand-over, cut or answered with no: what is certain, and whether anything of it went out."""

import socket
import struct
import time

import pytest

from dunright.mail.errors import Refused, Reply, TryLater, Uncertain
from dunright.mail.send import Accepted, SmtpConnection

CONTENT = b"Subject: Invoice\r\n\r\nPlease pay.\r\n"
LETTER = {"sender": "anna@n.example", "content": CONTENT}


class Attempt:
    """Stands for the commit of the attempt: how often it was made, and what the server had heard by then."""

    def __init__(self, script=None):
        self.times = 0
        self.heard = None
        self.script = script

    def __call__(self):
        self.times += 1
        if self.script is not None:
            self.heard = list(self.script.said_after_go_ahead)


def hand_over(
    server, attempt, *, recipients=("ap@k.example",), content=CONTENT, sender="anna@n.example", **seconds
):
    with SmtpConnection(server, **{"command_seconds": 5, **seconds}) as connection:
        return connection.hand_over(
            sender=sender, recipients=recipients, content=content, before_content=attempt
        )


def test_hand_over_accepted_commits_the_attempt_once_before_any_content(scripted):
    server, script = scripted()
    attempt = Attempt(script)
    assert hand_over(server, attempt) == Accepted(Reply(250, "accepted as 7"), {})
    assert (attempt.times, attempt.heard) == (1, [])
    assert script.contents == [CONTENT + b".\r\n"]
    assert script.commands[1:] == [
        f"MAIL FROM:<anna@n.example> SIZE={len(CONTENT)}",
        "RCPT TO:<ap@k.example>",
        "DATA",
        "quit",
    ]


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize(
    "reply", [None, b"421 closing\r\n", b"451 later\r\n", b"999 what\r\n", b"nonsense\r\n", b""]
)
def test_hand_over_that_fails_before_the_content_is_safe_to_try_again(scripted, stage, reply):
    def cut(handler):
        if reply:
            handler.wfile.write(reply)
        return False

    server, script = scripted(**{stage: cut})
    attempt = Attempt()
    with pytest.raises(TryLater):
        hand_over(server, attempt)
    assert (attempt.times, script.said_after_go_ahead, script.contents) == (0, [], [])


@pytest.mark.parametrize(
    ("stage", "error_type", "error_stage", "refused"),
    [
        ("greeting", TryLater, "connect", {}),
        ("ehlo", TryLater, "hello", {}),
        ("mail", Refused, "sender", {}),
        ("rcpt", Refused, "recipients", {"ap@k.example": Reply(554, "no")}),
        ("data", Refused, "data", {}),
        ("content", Refused, "content", {}),
    ],
)
def test_hand_over_answered_with_a_firm_no(scripted, stage, error_type, error_stage, refused):
    server, script = scripted(**{stage: b"554 no\r\n"})
    attempt = Attempt()
    with pytest.raises(error_type) as caught:
        hand_over(server, attempt)
    assert (caught.value.reply, caught.value.stage, caught.value.refused) == (
        Reply(554, "no"),
        error_stage,
        refused,
    )
    assert attempt.times == (1 if stage == "content" else 0)
    assert len(script.contents) == (1 if stage == "content" else 0)


@pytest.mark.parametrize("reply", [b"421 closing\r\n", b"451-busy\r\n451 later\r\n"])
def test_hand_over_answered_for_now_after_the_content_is_safe_to_try_again(scripted, reply):
    server, _script = scripted(content=reply)
    attempt = Attempt()
    with pytest.raises(TryLater) as caught:
        hand_over(server, attempt)
    assert (caught.value.stage, attempt.times) == ("content", 1)


def half_a_reply(handler):
    handler.wfile.write(b"25")
    return False


def first_line_of_a_reply(handler):
    handler.wfile.write(b"250-almost\r\n")
    return False


def endless_line(handler):
    handler.wfile.write(b"2" * 20_000)
    return False


@pytest.mark.parametrize(
    "reply",
    [
        None,
        b"nonsense\r\n",
        b"354 go on\r\n",
        b"150 hm\r\n",
        half_a_reply,
        first_line_of_a_reply,
        endless_line,
    ],
)
def test_hand_over_without_a_clear_answer_after_the_content_is_uncertain(scripted, reply):
    server, script = scripted(content=reply)
    attempt = Attempt()
    with pytest.raises(Uncertain):
        hand_over(server, attempt)
    assert (attempt.times, len(script.contents)) == (1, 1)


def test_hand_over_cut_within_the_content_is_uncertain(scripted):
    server, script = scripted(cut_within_content=True)
    attempt = Attempt()
    with pytest.raises(Uncertain):
        hand_over(server, attempt, content=CONTENT * 100_000)
    assert (attempt.times, script.contents) == (1, [])


def test_hand_over_cut_by_the_server_at_once_after_354_is_uncertain(scripted):
    def go_ahead_and_reset(handler):
        handler.wfile.write(b"354 go\r\n")
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    server, _script = scripted(data=go_ahead_and_reset)

    class SlowAttempt(Attempt):
        def __call__(self):
            super().__call__()
            time.sleep(0.1)

    attempt = SlowAttempt()
    with pytest.raises(Uncertain):
        hand_over(server, attempt)
    assert attempt.times == 1


def test_hand_over_refused_while_the_content_still_goes_out_is_a_no(scripted):
    def go_ahead_and_refuse(handler):
        handler.wfile.write(b"354 go\r\n552 5.3.4 too big\r\n")
        handler.rfile.read(1)
        return False

    server, _script = scripted(data=go_ahead_and_refuse)
    with pytest.raises(Refused) as caught:
        hand_over(server, Attempt())
    assert (caught.value.stage, caught.value.reply) == ("content", Reply(552, "5.3.4 too big"))


def test_hand_over_without_answer_in_time_before_the_content(scripted):
    def wait(handler):
        handler.rfile.read(1)
        return False

    server, _script = scripted(rcpt=wait)
    attempt = Attempt()
    with pytest.raises(TryLater) as caught:
        hand_over(server, attempt, command_seconds=0.2)
    assert (
        str(caught.value) == f"smtp://127.0.0.1:{server.port} could not be used: it did not answer in time."
    )
    assert attempt.times == 0


def test_hand_over_waits_longer_for_the_final_reply_than_for_commands(scripted):
    def late(handler):
        time.sleep(0.5)
        handler.wfile.write(b"250 at last\r\n")
        return True

    server, _script = scripted(content=late)
    assert hand_over(server, Attempt(), command_seconds=0.3, final_reply_seconds=5).reply == Reply(
        250, "at last"
    )


def test_hand_over_without_final_reply_in_time_is_uncertain(scripted):
    def wait(handler):
        handler.rfile.read(1)
        return False

    server, _script = scripted(content=wait)
    with pytest.raises(Uncertain) as caught:
        hand_over(server, Attempt(), final_reply_seconds=0.2)
    assert caught.value.reason == (
        f"smtp://127.0.0.1:{server.port} gave no answer after the message began to go out: it did not answer in time."
    )


def test_hand_over_where_nothing_listens(scripted, free_port):
    server, _script = scripted()
    with pytest.raises(TryLater) as caught:
        hand_over(type(server)("127.0.0.1", free_port, "plain"), Attempt())
    assert caught.value.stage == "connect"
    assert str(caught.value) == f"smtp://127.0.0.1:{free_port} could not be used: nothing listens there."
    assert caught.value.is_settings is False


@pytest.mark.parametrize("error", [RuntimeError("the row is gone"), KeyboardInterrupt()])
def test_hand_over_sends_nothing_when_the_attempt_cannot_be_committed(scripted, error):
    server, script = scripted()

    def fail():
        raise error

    with pytest.raises(type(error)) as caught, SmtpConnection(server) as connection:
        connection.hand_over(
            sender="anna@n.example", recipients=["ap@k.example"], content=CONTENT, before_content=fail
        )
    assert caught.value is error
    assert (script.said_after_go_ahead, script.contents, script.commands[-1]) == ([], [], "DATA")


def test_hand_over_goes_to_the_others_when_some_recipients_are_refused(scripted):
    server, script = scripted(
        rcpt_by_address={"gone@k.example": b"550 no such user\r\n", "full@k.example": b"452 full\r\n"}
    )
    accepted = hand_over(server, Attempt(), recipients=["gone@k.example", "ap@k.example", "full@k.example"])
    assert accepted.refused == {
        "gone@k.example": Reply(550, "no such user"),
        "full@k.example": Reply(452, "full"),
    }
    assert [reply.is_permanent for reply in accepted.refused.values()] == [True, False]
    assert len(script.contents) == 1


def test_hand_over_with_all_recipients_refused_one_for_now_is_tried_again(scripted):
    server, script = scripted(
        rcpt_by_address={"gone@k.example": b"550 gone\r\n", "full@k.example": b"452 full\r\n"}
    )
    with pytest.raises(TryLater) as caught:
        hand_over(server, Attempt(), recipients=["gone@k.example", "full@k.example"])
    assert caught.value.reply == Reply(452, "full")
    assert caught.value.refused == {
        "gone@k.example": Reply(550, "gone"),
        "full@k.example": Reply(452, "full"),
    }
    assert script.contents == []


def test_hand_over_stops_at_421_among_the_recipients(scripted):
    server, script = scripted(rcpt_by_address={"two@k.example": b"421 shutting down\r\n"})
    with pytest.raises(TryLater) as caught:
        hand_over(server, Attempt(), recipients=["one@k.example", "two@k.example", "three@k.example"])
    assert caught.value.reply == Reply(421, "shutting down")
    assert script.commands[-1] == "RCPT TO:<two@k.example>"


def test_hand_over_asks_once_for_an_address_given_twice(scripted):
    server, script = scripted()
    hand_over(server, Attempt(), recipients=["AP@k.example", "ap@K.example", "b@k.example"])
    assert [line for line in script.commands if line.startswith("RCPT")] == [
        "RCPT TO:<AP@k.example>",
        "RCPT TO:<b@k.example>",
    ]


def test_hand_over_without_recipients_is_a_mistake_of_the_caller(scripted):
    server, _script = scripted()
    with pytest.raises(ValueError, match=r"^A message needs at least one recipient\.$"):
        hand_over(server, Attempt(), recipients=[])


def test_hand_over_reports_authentication_required_as_a_matter_of_settings(scripted):
    server, _script = scripted(mail=b"530 5.7.0 Authentication required\r\n")
    with pytest.raises(TryLater) as caught:
        hand_over(server, Attempt())
    assert (caught.value.stage, caught.value.is_settings) == ("login", True)


def test_hand_over_doubles_leading_dots_and_repairs_line_ends(scripted):
    server, script = scripted()
    hand_over(server, Attempt(), content=b"Subject: x\n\n.\n..two\rlast .\r\n.end")
    assert script.contents == [b"Subject: x\r\n\r\n..\r\n...two\r\nlast .\r\n..end\r\n.\r\n"]


@pytest.mark.parametrize("address", ["a@k.example>\r\nDATA", "a b@k.example", "", "Ann <a@k.example>"])
def test_hand_over_never_says_an_unusable_address(scripted, address):
    server, script = scripted()
    accepted = hand_over(server, Attempt(), recipients=[address, "ap@k.example"])
    assert accepted.refused == {
        address: Reply(553, "5.1.3 This is not one usable e-mail address; the mail server was not asked.")
    }
    assert [line for line in script.commands if line.startswith("RCPT")] == ["RCPT TO:<ap@k.example>"]


def test_hand_over_writes_an_international_domain_in_its_ascii_form(scripted):
    server, script = scripted()
    hand_over(server, Attempt(), recipients=["ap@müller.example"])
    assert "RCPT TO:<ap@xn--mller-kva.example>" in script.commands


def test_hand_over_to_a_non_ascii_address_needs_a_server_that_offers_it(scripted):
    server, script = scripted()
    with pytest.raises(Refused) as caught:
        hand_over(server, Attempt(), recipients=["jörg@k.example"])
    assert caught.value.refused == {
        "jörg@k.example": Reply(
            553, "5.6.7 The mail server does not take addresses with letters outside ASCII (no SMTPUTF8)."
        )
    }
    assert script.contents == []


def test_hand_over_to_a_non_ascii_address_where_offered(scripted):
    server, script = scripted(ehlo=b"250-script\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
    hand_over(server, Attempt(), recipients=["jörg@k.example"])
    assert script.commands[1:3] == ["MAIL FROM:<anna@n.example> SMTPUTF8", "RCPT TO:<jörg@k.example>"]


def test_hand_over_of_other_than_ascii_bytes_says_8bitmime(scripted):
    server, script = scripted()
    hand_over(server, Attempt(), content="Subject: x\r\n\r\nJörg\r\n".encode())
    assert script.commands[1] == "MAIL FROM:<anna@n.example> SIZE=21 BODY=8BITMIME"


def test_hand_over_of_other_than_ascii_bytes_to_a_seven_bit_server_is_refused(scripted):
    server, script = scripted(ehlo=b"250 script\r\n")
    with pytest.raises(Refused) as caught:
        hand_over(server, Attempt(), content="Jörg".encode())
    assert caught.value.reply.text.endswith(
        "takes only messages of 7-bit text, and this one holds other bytes."
    )
    assert script.contents == []


def test_connection_is_used_for_one_message_after_another(scripted):
    server, script = scripted()
    with SmtpConnection(server) as connection:
        for number in range(3):
            connection.hand_over(
                sender="anna@n.example",
                recipients=["ap@k.example"],
                content=b"%d" % number,
                before_content=Attempt(),
            )
    assert script.connections == 1
    assert script.contents == [b"0\r\n.\r\n", b"1\r\n.\r\n", b"2\r\n.\r\n"]
    assert [line for line in script.commands if line == "rset"] == ["rset", "rset"]


@pytest.mark.parametrize("reply", [None, b"421 idle too long\r\n", b"500 what\r\n"])
def test_connection_that_the_server_has_closed_is_opened_anew(scripted, reply):
    server, script = scripted(rset=reply)
    with SmtpConnection(server) as connection:
        for _number in range(2):
            accepted = connection.hand_over(**LETTER, recipients=["ap@k.example"], before_content=Attempt())
    assert accepted.reply == Reply(250, "accepted as 7")
    assert (script.connections, len(script.contents)) == (2, 2)


def test_connection_goes_on_after_a_refused_message(scripted):
    server, script = scripted(rcpt_by_address={"gone@k.example": b"550 gone\r\n"})
    with SmtpConnection(server) as connection:
        with pytest.raises(Refused):
            connection.hand_over(**LETTER, recipients=["gone@k.example"], before_content=Attempt())
        connection.hand_over(**LETTER, recipients=["ap@k.example"], before_content=Attempt())
    assert (script.connections, len(script.contents)) == (1, 1)


def test_check_says_nothing_of_a_message(scripted):
    server, script = scripted()
    with SmtpConnection(server) as connection:
        connection.check()
    assert [line.split()[0] for line in script.commands] == ["ehlo", "quit"]
