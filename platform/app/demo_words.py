"""How the demonstration speaks: titles, sentences, times and money; and what it says when the story does not go on."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from app.loopback_mail import address_of

API = "/api/v1"
ZONE = "Europe/London"


class Broken(Exception):
    """The story did not go as it should."""


def require(held: bool, otherwise: str) -> None:
    if not held:
        raise Broken(otherwise)


def title(words: str) -> None:
    print(f"\n== {words}")


def say(words: str) -> None:
    print(f"  {words}")


def heard(message: EmailMessage) -> None:
    say(f"Mail to {address_of(message)}: {message['Subject']}")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local(text: str) -> str:
    return f"{instant(text).astimezone(ZoneInfo(ZONE)):%a %d %b %H:%M}"


def in_url(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo('UTC')):%Y-%m-%dT%H:%M:%SZ}"


def money(amount: dict[str, Any]) -> str:
    return f"{amount['amount'] / 100:.2f} {amount['currency']}" if amount["amount"] else "free"
