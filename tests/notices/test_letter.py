"""Letters: text and HTML from one template, facts that stay data."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from notices import letter
from notices.letter import CalendarPart, Letter, as_html, local_time, one_line, write_letter
from notices.recipient import Recipient

BASE = "https://attune.example"
TO = Recipient("robin@example.org", "en", "Europe/London")


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sample" / "mails").mkdir(parents=True)
    monkeypatch.setattr(letter, "PLATFORM", tmp_path)
    return tmp_path / "sample" / "mails"


def write(templates: Path, content: str, **facts: object) -> Letter:
    (templates / "note.txt").write_text(content)
    return write_letter(TO, template="sample/note", facts=facts, base_url=BASE)


def test_a_template_gives_subject_text_and_html(templates: Path) -> None:
    written = write(templates, "Subject: Hello {{ name }}\nDear {{ name }},\n\nsee {{ base_url }}/x.\n", name="Ada")
    assert written.subject == "Hello Ada"
    assert written.text == "Dear Ada,\n\nsee https://attune.example/x.\n"
    assert '<a href="https://attune.example/x">https://attune.example/x</a>.' in written.html


@pytest.mark.parametrize("nasty", ["a\r\nBcc: evil@example.com", "a\nBcc: e@example.com", "a\x00b", "a\u2028Bcc: x", "a\x85b", "a\x0bb", "\r\nBEGIN:VALARM"])
def test_R70_a_fact_stays_on_its_line_in_subject_and_text(templates: Path, nasty: str) -> None:
    written = write(templates, "Subject: For {{ name }}\nFor {{ name }}.\nEnd.\n", name=nasty)
    assert len(written.subject.splitlines()) == 1
    assert len(written.text.splitlines()) == 2


@given(st.text())
def test_one_line_is_one_line_and_settled(words: str) -> None:
    line = one_line(words)
    assert len(line.splitlines()) <= 1
    assert line.isprintable()
    assert one_line(line) == line


@given(st.text(max_size=80))
def test_facts_are_never_markup_in_the_html(words: str) -> None:
    page = as_html("s", words, base_url=BASE)
    body = page.partition('border-radius:8px">')[2]
    for tag in ("<script", "<img", "<iframe", "<style"):
        assert tag not in body.lower()
    assert as_html("<b>", "x", base_url=BASE).count("<b>") == 0


def test_facts_are_never_template(templates: Path) -> None:
    written = write(templates, "Subject: s\n{{ name }}\n", name="{{ base_url }}{% raw %}")
    assert written.text == "{{ base_url }}{% raw %}\n"


@pytest.mark.parametrize("address", ["https://evil.example/x", "https://attune.example.evil.org/", "http://attune.example/x", "javascript:alert(1)"])
def test_only_our_own_addresses_become_links(address: str) -> None:
    assert "<a " not in as_html("s", f"see {address} now", base_url=BASE)


def test_the_html_loads_nothing() -> None:
    page = as_html("s", "hello", base_url=BASE)
    for sign in ("src=", "url(", "<link", "@import", "http"):
        assert sign not in page


def test_a_missing_fact_is_an_error(templates: Path) -> None:
    with pytest.raises(UndefinedError):
        write(templates, "Subject: s\n{{ nobody_gave_this }}\n")


@pytest.mark.parametrize("name", ["note", "../../etc/passwd", "sample/../note", "/etc/passwd", "sample/note.txt", ""])
def test_a_template_is_named_package_slash_name(name: str) -> None:
    with pytest.raises(ValueError, match="package/name"):
        write_letter(TO, template=name, facts={}, base_url=BASE)


def test_a_template_without_subject_is_an_error(templates: Path) -> None:
    with pytest.raises(ValueError, match="Subject"):
        write(templates, "Hello\n")


def test_times_are_written_in_the_recipients_zone(templates: Path) -> None:
    written = write(templates, "Subject: s\n{{ start | local(zone) }}\n", start=datetime(2026, 7, 1, 17, 0, tzinfo=UTC))
    assert written.text == "Wednesday 1 July 2026, 18:00 (Europe/London)\n"
    assert local_time(datetime(2026, 11, 23, 18, 0, tzinfo=UTC), "UTC") == "Monday 23 November 2026, 18:00 (UTC)"


def test_a_letter_survives_being_kept() -> None:
    original = Letter("a@example.org", "s", "t", "<p>t</p>", CalendarPart("CANCEL", b"BEGIN:VCALENDAR\r\n\xc3\xa9"))
    assert Letter.from_json(original.as_json()) == original
    plain = Letter("a@example.org", "s", "t", "<p>t</p>")
    assert Letter.from_json(plain.as_json()) == plain
