"""The client against a server that does everything wrong."""

import datetime as dt
import gzip
import ipaddress
import ssl

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dunright.remote.errors import BadData, Misconfigured, RateLimited, Unavailable
from dunright.remote.http import MEGABYTE, Http, Reply, Retry, parsed
from dunright.remote.protocols import Allowance
from tests.remote.loopback import HTML, Answer, loopback

QUICK = Retry(attempts=3, first_wait=0.01, longest_wait=0.02)
MAINTENANCE = Answer(b"<html><body>Down for maintenance</body></html>", 503, HTML)


class Counter:
    """A budget that only counts."""

    def __init__(self):
        self.taken = 0

    def take(self, calls=1):
        self.taken += calls

    def note(self, allowance: Allowance):
        raise AssertionError(allowance)


@pytest.fixture
def http(server):
    with Http("Books", frozenset({server.url}), retry=QUICK) as client:
        yield client


def as_json(reply: Reply):
    return parsed(reply, msgspec.json.decode, system="Books")


def sentence_of(raised):
    return raised.value.sentence


def test_get_returns_what_read_makes_of_the_answer(server, http):
    server.answer({"a": 1})
    assert http.get(f"{server.url}/x", read=as_json, params={"b": "c d"}, headers={"X-Y": "z"}) == {"a": 1}
    asked = server.asked[0]
    assert (asked.method, asked.path, asked.query) == ("GET", "/x", {"b": "c d"})
    assert (asked.headers["x-y"], asked.headers["user-agent"]) == ("z", "Dunright")


def test_connection_is_kept_alive(server, http):
    server.answer({})
    for _ in range(3):
        http.get(server.url, read=as_json)
    assert {asked.headers["connection"] for asked in server.asked} == {"keep-alive"}


@pytest.mark.parametrize(
    "fault",
    [
        MAINTENANCE,
        Answer(b"<!DOCTYPE html><p>Hello</p>"),
        Answer(b'{"a": [1, 2', 200),
        Answer(b'{"a": "' + b"x" * 5000 + b'"}', cut=100),
        Answer(b"\xff\xfe", 200),
        Answer(b"[" * 100_000, 200),
        Answer(b"", 200),
        Answer(b"not gzip at all", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_get_is_tried_again_after_a_fault_that_may_pass(server, http, fault):
    budget = Counter()
    server.answer(fault, fault, {"a": 1})
    assert http.get(server.url, read=as_json, budget=budget) == {"a": 1}
    assert (len(server.asked), budget.taken) == (3, 3)


def test_get_gives_up_after_the_last_attempt(server, http):
    server.answer(MAINTENANCE)
    with pytest.raises(Unavailable) as raised:
        http.get(server.url, read=as_json)
    assert sentence_of(raised) == (
        "Books answered with a web page instead of data (HTTP 503), as in maintenance."
    )
    assert len(server.asked) == QUICK.attempts


def test_json_of_another_shape_is_not_asked_for_again(server, http):
    server.answer([1])
    decode = msgspec.json.Decoder(dict).decode
    with pytest.raises(BadData) as raised:
        http.get(server.url, read=lambda reply: parsed(reply, decode, system="Books"))
    assert sentence_of(raised) == "Books sent an answer of an unknown shape (HTTP 200)."
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        Answer(b"x" * (2 * MEGABYTE)),
        Answer(gzip.compress(b"x" * (50 * MEGABYTE)), 200, {"Content-Encoding": "gzip"}),
    ],
)
def test_body_that_is_too_large_is_not_read(server, body):
    server.answer(body)
    with (
        Http("Books", frozenset({server.url}), retry=QUICK, largest_body=MEGABYTE) as http,
        pytest.raises(BadData) as raised,
    ):
        http.get(server.url, read=as_json)
    assert sentence_of(raised) == "Books sent an answer of more than 1 MB, which was not read."
    assert len(server.asked) == 1


def test_answer_that_drips_for_ever_is_left_at_the_deadline(server):
    server.answer(Answer(b"x" * 1000, pause=0.05))
    with (
        Http("Books", frozenset({server.url}), retry=Retry(attempts=1), deadline=0.3) as http,
        pytest.raises(Unavailable) as raised,
    ):
        http.get(server.url, read=as_json)
    assert sentence_of(raised) == "Books answered too slowly; it is asked again later."


def test_server_that_says_nothing_is_left_at_the_deadline(server):
    server.answer(Answer(b"x", pause=2))
    with (
        Http("Books", frozenset({server.url}), retry=Retry(attempts=1), deadline=0.2) as http,
        pytest.raises(Unavailable),
    ):
        http.get(server.url, read=lambda reply: reply)


def test_redirect_is_not_followed(server, http):
    with loopback() as elsewhere:
        server.answer(Answer(b"", 302, {"Location": f"{elsewhere.url}/x"}))
        with pytest.raises(Unavailable) as raised:
            http.get(server.url, read=as_json, headers={"Authorization": "secret"})
        host = elsewhere.url.removeprefix("http://")
        assert sentence_of(raised) == f"Books answered with a redirect to {host}, which is not followed."
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "address", ["http://localhost:1", "https://{host}", "http://x@{host}", "http://{host}.evil.example"]
)
def test_unknown_host_is_never_called(server, http, address):
    server.answer({})
    with pytest.raises(Misconfigured):
        http.get(address.format(host=server.url.removeprefix("http://")), read=as_json)
    assert server.asked == []


def test_closed_port_is_unavailable(server):
    with loopback() as gone:
        pass
    with Http("Books", frozenset({gone.url}), retry=QUICK) as http, pytest.raises(Unavailable) as raised:
        http.get(gone.url, read=as_json)
    assert sentence_of(raised) == "Books cannot be reached; is this machine online?"


@pytest.mark.parametrize(("pause", "asked"), [(0.01, 3), (60, 1)])
def test_short_limit_is_waited_for_and_a_long_one_is_the_callers(server, http, pause, asked):
    def read(_reply):
        raise RateLimited("Too often.", retry_after=pause)

    server.answer({})
    with pytest.raises(RateLimited):
        http.get(server.url, read=read)
    assert len(server.asked) == asked


def test_post_is_sent_once_whatever_happens(server, http):
    server.answer(MAINTENANCE)
    reply = http.post_form(f"{server.url}/token", {"code": "a&b"})
    assert (reply.status, reply.is_html) == (503, True)
    server.answer(Answer(b"x" * 5000, cut=10))
    with pytest.raises(Unavailable):
        http.post_form(f"{server.url}/token", {"code": "a&b"})
    assert [asked.form for asked in server.asked] == [{"code": "a&b"}] * 2


def test_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    with loopback(tls=self_signed(tmp_path)) as server:
        server.answer({})
        with (
            Http("Books", frozenset({server.url}), retry=Retry(attempts=1)) as http,
            pytest.raises(Unavailable) as raised,
        ):
            http.get(server.url, read=as_json)
        assert sentence_of(raised) == (
            "The certificate of Books could not be verified, so nothing was sent; "
            "check the clock and the certificates of this machine."
        )
        assert server.asked == []


def self_signed(folder) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
