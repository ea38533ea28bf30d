"""A letter: subject, text, the HTML made from the text, and perhaps a calendar object. Pure.

A template is ``platform/<package>/mails/<name>.txt``; its first line is ``Subject: ...``. The text is written once: the HTML part shows the same
paragraphs and makes links of our own addresses only. Facts are data, never template, and each becomes one line: a name that carries a line break can
neither add a header nor forge a paragraph.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from core.zones import zone as zone_named
from notices.recipient import Recipient

Method: TypeAlias = Literal["REQUEST", "CANCEL", "REPLY"]

PLATFORM = Path(__file__).resolve().parents[1]
TEMPLATE_NAME = re.compile(r"[a-z_]+/[a-z_]+")
SUBJECT = "Subject: "
ADDRESS_IN_TEXT = re.compile(r"https?://[^\s<>\"]+")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar object (RFC 5545) whose METHOD is `method`; it travels as text/calendar and as the file invite.ics."""

    method: Method
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """Ready to be sent to one address."""

    address: str
    subject: str
    text: str
    html: str
    calendar: CalendarPart | None = None

    def as_json(self) -> dict[str, Any]:
        calendar = self.calendar and {"method": self.calendar.method, "content": base64.b64encode(self.calendar.content).decode()}
        return {"address": self.address, "subject": self.subject, "text": self.text, "html": self.html, "calendar": calendar}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Letter":
        calendar = kept["calendar"] and CalendarPart(kept["calendar"]["method"], base64.b64decode(kept["calendar"]["content"]))
        return cls(kept["address"], kept["subject"], kept["text"], kept["html"], calendar)


def one_line(words: str) -> str:
    """The same words on one line, without control characters or line separators."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


def local_time(instant: datetime, zone: str) -> str:
    """``Monday 23 November 2026, 18:00 (Europe/London)``."""
    there = instant.astimezone(zone_named(zone))
    return f"{DAYS[there.weekday()]} {there.day} {MONTHS[there.month - 1]} {there.year}, {there:%H:%M} ({zone})"


def write_letter(recipient: Recipient, *, template: str, facts: Mapping[str, Any], base_url: str, calendar: CalendarPart | None = None) -> Letter:
    """Fill a template. `facts` may hold text, numbers, lists of text, and instants, which the filter ``local`` writes in the recipient's zone.

    ValueError for a template name that is not ``package/name`` or a template without a subject; jinja2.UndefinedError for a missing fact.
    """
    if not TEMPLATE_NAME.fullmatch(template):
        raise ValueError(f"a template is named package/name, not {template!r}")
    package, name = template.split("/")
    first, _, rest = (PLATFORM / package / "mails" / f"{name}.txt").read_text().partition("\n")
    if not first.startswith(SUBJECT):
        raise ValueError(f"the first line of {template} is not 'Subject: ...'")
    known = {"base_url": base_url, "zone": recipient.zone, **{key: _inert(value) for key, value in facts.items()}}
    words = _words()
    # The subject is parted from the body before facts come in, so that no fact can move the border.
    subject = one_line(words.from_string(first.removeprefix(SUBJECT)).render(known))
    text = words.from_string(rest).render(known).strip() + "\n"
    return Letter(recipient.address, subject, text, as_html(subject, text, base_url=base_url), calendar)


def as_html(subject: str, text: str, *, base_url: str) -> str:
    """The text as a small page: paragraphs, line breaks, links to `base_url`. No image, no style sheet, no other origin."""
    paragraphs = [Markup("<br>\n").join(_linked(line, base_url) for line in paragraph.split("\n")) for paragraph in re.split(r"\n{2,}", text.strip())]
    return _pages().get_template("letter.html").render(subject=subject, paragraphs=paragraphs)


def _linked(line: str, base_url: str) -> Markup:
    parts, end = [], 0
    for found in ADDRESS_IN_TEXT.finditer(line):
        address = found.group().rstrip(".,;:!?)")
        if address == base_url or address.startswith(f"{base_url}/"):
            parts += [escape(line[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(address)]
            end = found.start() + len(address)
    return Markup("").join([*parts, escape(line[end:])])


def _inert(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list | tuple):
        return [_inert(each) for each in value]
    return value


@cache
def _words() -> Environment:
    # Plain text: there is nothing to escape into.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)  # noqa: S701
    environment.filters["local"] = _local
    return environment


@cache
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined, autoescape=True)


def _local(instant: datetime, zone: str) -> str:
    return local_time(instant, zone)
