"""Fetching from an address that a stranger chose: only outward, only to the number that was looked at, never long and never much."""

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.outside_fetch import LARGEST, Fetched, FetchFailed, Validators, fetch
from core.public_address import AddressRefused, is_public, read_address
from tests.fakes.calendar_server import CalendarServer, calendar_server


@pytest.fixture
def server() -> Iterator[CalendarServer]:
    with calendar_server() as running:
        running.body = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
        yield running


@pytest.fixture
def inner() -> Iterator[CalendarServer]:
    """Something inside our own network that nobody may reach."""
    with calendar_server() as running:
        yield running


def ask(server: CalendarServer, **how: object) -> Fetched:
    return fetch(server.address, accept="text/calendar", loopback=[server.loopback], **how)  # type: ignore[arg-type]


REFUSED = {
    "R67_loopback": "http://127.0.0.1:{port}/",
    "R67_loopback_by_https": "https://127.0.0.1:{port}/",
    "R67_metadata": "https://169.254.169.254/latest/meta-data",
    "R67_ipv6": "https://[::1]:{port}/",
    "R67_mapped": "https://[::ffff:127.0.0.1]:{port}/",
    "R67_decimal": "https://2130706433:{port}/",
    "R67_hexadecimal": "https://0x7f.0.0.1:{port}/",
    "R67_short": "https://127.1:{port}/",
    "R67_file": "file:///etc/passwd",
    "R67_other_scheme": "gopher://calendar.example:{port}/",
    "plain_http": "http://calendar.example/",
    "a_name_and_password": "https://calendar.example@127.0.0.1:{port}/",
    "no_dots": "https://localhost:{port}/",
    "a_privileged_port": "https://calendar.example:25/",
    "a_backslash": "https://calendar.example\\@127.0.0.1:{port}/",
    "a_line_break": "https://calendar.example/\r\nHost: inner",
    "a_bad_port": "https://calendar.example:99999/",
}


@pytest.mark.parametrize("address", REFUSED.values(), ids=list(REFUSED))
def test_an_address_that_may_not_be_asked_is_refused_before_a_packet(address: str, inner: CalendarServer) -> None:
    with pytest.raises(AddressRefused):
        fetch(address.format(port=inner.port), accept="text/calendar", resolve=lambda host, port: ["127.0.0.1"])
    assert inner.connections == 0


INWARD = """10.0.0.1 172.16.0.1 192.168.1.1 127.0.0.1 0.0.0.0 169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255 198.18.0.1 ::1 :: fe80::1 fc00::1 fec0::1
    ff02::1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:db8::1 2001::1 fe80::1%eth0 x"""


@pytest.mark.parametrize("number", INWARD.split())
def test_R67_numbers_that_are_not_of_the_public_internet(number: str) -> None:
    assert not is_public(number)


@pytest.mark.parametrize("number", ["93.184.216.34", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946"])
def test_numbers_that_are(number: str) -> None:
    assert is_public(number)


@pytest.mark.parametrize("numbers", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"]], ids=["inward", "mixed", "mapped"])
def test_R67_a_name_that_leads_inward_is_refused_before_a_packet(numbers: list[str], inner: CalendarServer) -> None:
    with pytest.raises(AddressRefused, match="inward"):
        fetch(f"https://calendar.example:{inner.port}/", accept="text/calendar", resolve=lambda host, port: numbers)
    assert inner.connections == 0


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "http://169.254.169.254/", "file:///etc/passwd", "//127.0.0.1:{port}/"]
)
def test_R67_E17_a_redirect_inward_is_refused_before_a_packet(where: str, server: CalendarServer, inner: CalendarServer) -> None:
    server.status, server.headers = 302, {"Location": where.format(port=inner.port)}
    with pytest.raises(AddressRefused):
        ask(server)
    assert inner.connections == 0


def test_a_redirect_outward_is_followed_at_most_three_times(server: CalendarServer) -> None:
    server.status, server.headers = 302, {"Location": "/elsewhere.ics"}
    with pytest.raises(FetchFailed, match="redirects"):
        ask(server)
    assert [asked["path"] for asked in server.asked] == ["/private-token/basic.ics", *["/elsewhere.ics"] * 3]


def test_webcal_is_https() -> None:
    address = read_address("webcal://calendar.example/a b.ics".replace(" ", "%20"))
    assert (address.text, address.port) == ("https://calendar.example/a%20b.ics", 443)


def test_what_has_not_changed_is_not_sent_again(server: CalendarServer) -> None:
    server.etag = '"one"'
    first = ask(server)
    assert (first.content, first.validators.etag) == (server.body, '"one"')
    assert ask(server, known=first.validators).content is None
    assert ask(server, known=Validators('"other"')).content == server.body


@pytest.mark.parametrize(("body", "packed"), [(b"x" * (LARGEST + 1), False), (b"x" * 50_000_000, True)], ids=["plain", "R68_packed_fifty_megabytes"])
def test_R68_E17_more_than_two_megabytes_is_not_read(body: bytes, packed: bool, server: CalendarServer) -> None:
    server.body, server.packed = body, packed
    with pytest.raises(FetchFailed, match="too_large"):
        ask(server)


def test_a_packed_answer_is_unpacked(server: CalendarServer) -> None:
    server.packed = True
    assert ask(server).content == server.body


def test_R68_an_answer_that_drips_is_cut_off_when_the_time_is_over(server: CalendarServer) -> None:
    server.body, server.drip = b"x" * 1000, 0.05
    began = time.monotonic()
    with pytest.raises(FetchFailed, match="timeout"):
        ask(server, seconds=0.4)
    assert time.monotonic() - began < 3


def test_a_name_that_takes_too_long_to_resolve_is_given_up(server: CalendarServer) -> None:
    with pytest.raises(FetchFailed, match="timeout"):
        ask(server, seconds=0.2, resolve=lambda host, port: server.closing.wait(5) and [])


def test_an_answer_that_breaks_off_is_no_answer(server: CalendarServer) -> None:
    server.announced = len(server.body) + 10
    with pytest.raises(FetchFailed):
        ask(server)


def test_E16_a_server_that_fails_or_is_gone_is_no_answer(server: CalendarServer) -> None:
    server.status = 500
    with pytest.raises(FetchFailed, match="status_500"):
        ask(server)
    with pytest.raises(FetchFailed, match="not_reached"):
        fetch("http://127.0.0.1:9/", accept="text/calendar", loopback=["127.0.0.1:9"])


def test_the_name_is_kept_for_tls_and_host_while_the_number_is_called(tmp_path: Path) -> None:
    serving, trusting = _certificates(tmp_path, "calendar.example")
    asked: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: asked.append(name)  # type: ignore[assignment]
    with calendar_server(serving) as server:
        server.body = b"here"
        how = {"accept": "text/calendar", "loopback": [server.loopback], "resolve": lambda host, port: ["127.0.0.1"]}
        assert fetch(f"https://calendar.example:{server.port}/a.ics", trust=trusting, **how).content == b"here"  # type: ignore[arg-type]
        with pytest.raises(FetchFailed, match="untrusted"):
            fetch(f"https://calendar.example:{server.port}/a.ics", **how)  # type: ignore[arg-type]
    assert asked[0] == "calendar.example"
    assert server.asked[0]["Host"] == f"calendar.example:{server.port}"


def _certificates(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(written + secret)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "server.pem")
    return serving, ssl.create_default_context(cadata=written.decode())
