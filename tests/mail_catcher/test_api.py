from datetime import datetime, timedelta
from urllib.parse import quote

import pytest


def test_messages_lists_what_matches(send, ask):
    send(subject="One", recipients=["Pat@k.example"])
    send(subject="Two", recipients=["ann@k.example", "pat@k.example"])
    send(subject="Three", recipients=["ann@k.example"])
    answer = ask("/api/messages?to=PAT@k.example").json
    assert answer["total"] == 2
    assert [(one["id"], one["subject"], one["recipients"]) for one in answer["messages"]] == [
        (2, "Two", ["ann@k.example", "pat@k.example"]),
        (1, "One", ["Pat@k.example"]),
    ]


def test_messages_since_a_moment(send, ask):
    send(subject="One")
    received = datetime.fromisoformat(ask("/api/messages").json["messages"][0]["received_at"])
    totals = [
        ask(f"/api/messages?since={quote((received + timedelta(seconds=later)).isoformat())}").json["total"]
        for later in (-1, 0, 1)
    ]
    assert totals == [1, 1, 0]


def test_messages_after_an_id_and_with_a_limit(send, ask):
    for _time in range(3):
        send()
    assert [one["id"] for one in ask("/api/messages?after=1").json["messages"]] == [3, 2]
    limited = ask("/api/messages?limit=1").json
    assert ([one["id"] for one in limited["messages"]], limited["total"]) == ([3], 3)


def test_message(send, ask):
    send(text="Please pay.", html="<p>Please pay.</p>", files=[("a b.pdf", "application/pdf", b"%PDF")])
    message = ask("/api/messages/1").json
    del message["received_at"], message["headers"], message["size"]
    assert message == {
        "id": 1,
        "mail_from": "anna@n.example",
        "recipients": ["pat@k.example"],
        "message_id": "<t1@n.example>",
        "from": "Anna Byrne <anna@n.example>",
        "to": "Pat Kelly <pat@k.example>",
        "cc": "",
        "reply_to": "",
        "subject": "Invoice INV-1",
        "date": "2026-11-24T11:05:00+01:00",
        "files": 1,
        "text": "Please pay.\n",
        "html": "<p>Please pay.</p>\n",
        "attachments": [
            {
                "number": 1,
                "name": "a b.pdf",
                "media_type": "application/pdf",
                "size": 4,
                "path": "/messages/1/files/1/a%20b.pdf",
            }
        ],
    }
    assert ask("/messages/1/files/1/a%20b.pdf").body == b"%PDF"


def test_message_raw(catcher, send, ask):
    send()
    assert ask("/api/messages/1/raw").body == catcher.raw(1)


def test_copies(send, ask):
    send()
    send()
    assert ask("/api/copies").json == {"copies": {"<t1@n.example>": 2}}


def test_delete_messages(send, ask):
    send()
    assert ask("/api/messages", method="DELETE").json == {"deleted": 1}
    assert ask("/api/messages").json == {"total": 0, "messages": []}


def test_faults_are_set_and_read(send, ask):
    faults = {"refuse": {"pat@k.example": "550 no"}, "answer": {}, "delay_seconds": {}, "cut": ""}
    assert ask("/api/faults", method="PUT", body={"refuse": {"pat@k.example": "550 no"}}).json == faults
    assert ask("/api/faults").json == faults
    assert ask("/api/faults", method="PUT", body={}).json["refuse"] == {}


NEEDS_OFFSET = "since: the moment needs its offset, such as +00:00 (in an address: %2B00:00)."


@pytest.mark.parametrize(
    ("path", "method", "body", "status", "error"),
    [
        (
            "/api/messages?since=yesterday",
            "GET",
            None,
            400,
            "since: a moment such as 2026-11-24T11:00:00+00:00 is needed.",
        ),
        ("/api/messages?since=2026-11-24", "GET", None, 400, NEEDS_OFFSET),
        ("/api/messages?limit=0", "GET", None, 400, "limit: a whole number from 1 to 10000 is needed."),
        ("/api/messages?after=-1", "GET", None, 400, "after: a whole number is needed."),
        ("/api/messages/9", "GET", None, 404, "There is no message 9."),
        ("/api/nothing", "GET", None, 404, "There is nothing at this address."),
        ("/api/faults", "PUT", [], 400, "faults: a JSON object is needed."),
    ],
)
def test_mistakes_get_a_sentence(ask, path, method, body, status, error):
    answer = ask(path, method=method, body=body)
    assert (answer.status, answer.json) == (status, {"error": error})
