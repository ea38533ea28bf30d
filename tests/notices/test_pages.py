"""The development mailbox page."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from notices.letter import CalendarPart, Letter
from notices.message import message_of
from notices.transport import MailboxFolder
from tests.browser import Browser

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
NASTY = "<script>alert(1)</script>\"'><img src=x>"


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MailboxFolder:
    folder = MailboxFolder(tmp_path / "mailbox")
    monkeypatch.setitem(app.extensions, "mail_transport", folder)
    monkeypatch.setitem(app.config, "ENVIRONMENT", "development")
    return folder


def put(folder: MailboxFolder, name: str, subject: str = "Hello") -> None:
    letter = Letter("robin@example.org", subject, f"text {NASTY}\n", f"<p>{NASTY}</p>", CalendarPart("REQUEST", b"BEGIN:VCALENDAR\r\n" + NASTY.encode()))
    folder.send(message_of(letter, sender="hello@attune.example", message_id=f"<{name}@attune.example>", written_at=AT), to="robin@example.org")


def test_it_lists_and_shows_messages(client: Callable[[], Browser], folder: MailboxFolder) -> None:
    browser = client()
    assert "Nothing has been sent yet" in browser.get("/mailbox").text
    put(folder, "one", "First thing")
    assert "First thing" in browser.get("/mailbox").text
    shown = browser.get("/mailbox/one")
    assert shown.status_code == 200
    assert "robin@example.org" in shown.text
    assert "BEGIN:VCALENDAR" in shown.text


def test_nothing_in_a_message_becomes_markup(client: Callable[[], Browser], folder: MailboxFolder) -> None:
    put(folder, "one", NASTY)
    for page in (client().get("/mailbox").text, client().get("/mailbox/one").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "<iframe sandbox title" in client().get("/mailbox/one").text


def test_a_letter_is_shown_with_its_own_styles_and_no_script(client: Callable[[], Browser], folder: MailboxFolder) -> None:
    put(folder, "one")
    policy = client().get("/mailbox/one").headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert "default-src 'self'" in policy


def test_a_message_that_is_not_there_is_missing(client: Callable[[], Browser], folder: MailboxFolder) -> None:
    assert client().get("/mailbox/none").status_code == 404
    assert client().get("/mailbox/..%2Fone").status_code == 404


@pytest.mark.parametrize("environment", ["production", "test"])
def test_elsewhere_there_is_no_mailbox(
    client: Callable[[], Browser], folder: MailboxFolder, app: Flask, monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    put(folder, "one")
    monkeypatch.setitem(app.config, "ENVIRONMENT", environment)
    assert client().get("/mailbox").status_code == 404
    assert client().get("/mailbox/one").status_code == 404
