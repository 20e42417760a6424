"""The inbox as a browser gets it, with mails that try to get out of their frame."""

import pytest

HOSTILE = '"><script>alert(1)</script>'


def test_inbox_lists_the_latest_first(send, ask):
    send(subject="First")
    send(subject="Second", files=[("a.pdf", "application/pdf", b"%PDF")])
    page = ask("/")
    assert page.status == 200
    assert page.text.index("Second") < page.text.index("First")
    assert ("Pat Kelly" in page.text, "1 file" in page.text, "24 Nov<" in page.text) == (True, True, True)


def test_inbox_without_mail_says_so(ask):
    assert "No mail yet." in ask("/").text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("first", True),
        ("PAT kelly", True),
        ("pay.", True),
        ("k.example first", True),
        ("second", False),
        ("%25", False),
    ],
)
def test_inbox_search(send, ask, search, found):
    send(subject="First")
    page = ask(f"/?search={search.replace(' ', '+')}")
    assert ("/messages/1" in page.text, "No message matches." in page.text) == (found, not found)


def test_inbox_has_pages(send, ask):
    for number in range(51):
        send(subject=f"Number {number}.")
    assert ("Number 50." in ask("/").text, "Number 0." in ask("/").text) == (True, False)
    assert ("Number 50." in ask("/?page=2").text, "Number 0." in ask("/?page=2").text) == (False, True)
    assert "Page 2 of 2" in ask("/?page=99").text


@pytest.mark.parametrize("view", ["text", "headers", "source"])
def test_message_shows_hostile_text_as_text(send, ask, view):
    send(subject=HOSTILE, text=HOSTILE, to=f'"{HOSTILE[2:]}" <pat@k.example>')
    page = ask(f"/messages/1?view={view}")
    assert ("<script" in page.text, "&lt;script&gt;alert(1)" in page.text) == (False, True)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")


def test_message_html_is_shown_in_a_sandboxed_frame_under_its_own_policy(send, ask):
    send(html=f"<p>Hello</p>{HOSTILE}<img src=https://evil.example/x>")
    page = ask("/messages/1")
    assert (
        '<iframe class="paper" title="The message as HTML" src="/messages/1/html" sandbox="allow-popups'
        in page.text
    )
    frame = ask("/messages/1/html")
    assert frame.text.endswith(f"<p>Hello</p>{HOSTILE}<img src=https://evil.example/x>\n")
    assert frame.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
    )


def test_message_shows_recipients_that_its_headers_hide(send, ask):
    send(recipients=["pat@k.example", "hidden@k.example"])
    assert "<dt>Delivered to</dt><dd>pat@k.example, hidden@k.example</dd>" in ask("/messages/1").text


def test_message_without_html_shows_its_text(send, ask):
    send(text="Only text")
    assert (
        '<pre class="paper text" role="group" tabindex="0" aria-label="The message as text">Only text'
        in ask("/messages/1").text
    )


def test_message_leads_to_its_neighbours(send, ask):
    for _time in range(3):
        send()
    page = ask("/messages/2").text
    assert ('href="/messages/3">Newer' in page, 'href="/messages/1">Older' in page) == (True, True)


@pytest.mark.parametrize(
    ("media_type", "opened_type"),
    [
        ("application/pdf", "application/pdf"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/html", "application/octet-stream"),
    ],
)
def test_file_is_opened_only_when_its_kind_is_harmless(send, ask, media_type, opened_type):
    send(files=[("März 1.bin", media_type, b"content")])
    opened = ask("/messages/1/files/1/x?open=1")
    assert (opened.status, opened.headers["Content-Type"]) == (200, opened_type)
    saved = ask("/messages/1/files/1/x")
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"] == "attachment; filename*=UTF-8''M%C3%A4rz%201.bin"
    assert saved.headers["X-Content-Type-Options"] == "nosniff"


def test_file_content_is_the_sent_one(send, ask):
    send(files=[("a.pdf", "application/pdf", b"%PDF\r\n\x00\xff")])
    assert ask("/messages/1/files/1/a.pdf").body == b"%PDF\r\n\x00\xff"


def test_raw_message_is_byte_for_byte(catcher, send, ask):
    send()
    saved = ask("/messages/1/raw")
    assert (saved.body, saved.headers["Content-Type"]) == (catcher.raw(1), "message/rfc822")


def test_delete_all(catcher, send, ask):
    send()
    answer = ask("/delete", method="POST")
    assert (answer.status, answer.headers["Location"], catcher.messages()) == (303, "/", [])


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/nothing", 404, "There is nothing at this address."),
        ("/messages/7", 404, "There is no message 7. It may have been deleted."),
        ("/messages/7/html", 404, "There is no message 7. It may have been deleted."),
        ("/delete", 404, "There is nothing at this address."),
        ("/?page=x", 400, "page: a whole number is needed."),
    ],
)
def test_wrong_addresses_get_a_sentence(ask, path, status, sentence):
    page = ask(path)
    assert (page.status, f"<p>{sentence}</p>" in page.text) == (status, True)


def test_wrong_view_and_missing_file(send, ask):
    send()
    assert (ask("/messages/1?view=x").status, ask("/messages/1/files/1/x").status) == (400, 404)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"Host": "evil.example"}),
        ("POST", "/delete", {"Origin": "http://evil.example"}),
        ("POST", "/delete", {"Origin": "null"}),
    ],
)
def test_requests_from_other_sites_are_refused(catcher, send, ask, method, path, headers):
    send()
    assert (ask(path, method=method, headers=headers).status, len(catcher.messages())) == (403, 1)


@pytest.mark.parametrize(
    ("path", "content_type"), [("/catcher.css", "text/css; charset=utf-8"), ("/icon.svg", "image/svg+xml")]
)
def test_static_files(ask, path, content_type):
    answer = ask(path)
    assert (answer.status, answer.headers["Content-Type"], len(answer.body) > 200) == (
        200,
        content_type,
        True,
    )
