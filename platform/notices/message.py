"""A letter as a mail message: text and HTML as alternatives, a calendar object as a third alternative and as a file. Pure.

Headers are set through email.message.EmailMessage, whose policy refuses line breaks in them. RFC 5322, RFC 6047 (calendar objects in mail).
"""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from notices.letter import CalendarPart, Letter


def message_of(letter: Letter, *, sender: str, message_id: str, written_at: datetime) -> EmailMessage:
    """`sender` is ``Name <address>``. ValueError for an address with a line break or without an @."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender)
    message["To"] = _address(letter.address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = message_id
    # Holiday replies to a machine help nobody. RFC 3834.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if letter.calendar:
        _add_calendar(message, letter.calendar)
    return message


def _add_calendar(message: EmailMessage, calendar: CalendarPart) -> None:
    # Bytes, in base64: the content has its own line ends and lengths, and a gateway must not change them.
    message.add_alternative(calendar.content, maintype="text", subtype="calendar", params={"method": calendar.method, "charset": "utf-8"})
    message.add_attachment(calendar.content, maintype="application", subtype="ics", filename="invite.ics")


def _address(written: str) -> Address:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in written):
        raise ValueError("a mail address has no control characters")
    name, address = parseaddr(written)
    if "@" not in address:
        raise ValueError("a mail address has an @")
    return Address(display_name=name, addr_spec=address)
