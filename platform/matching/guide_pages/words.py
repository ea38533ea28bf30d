"""What somebody answered, in words for the guide who reads it: times as on a clock, amounts as money, codes without underscores. Pure."""

from collections.abc import Mapping
from typing import Any

from core.money import Money

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOUR = 60


def in_words(value: Any) -> str:
    """An answer of any shape that the questions have."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return "; ".join(in_words(each) for each in value)
    if isinstance(value, Mapping):
        return _of_parts(value)
    return "not stated" if value is None else str(value).replace("_", " ")


def _of_parts(value: Mapping[str, Any]) -> str:
    if {"weekday", "from_minute", "to_minute"} <= set(value):
        return f"{DAYS[value['weekday']]} {_clock(value['from_minute'])} to {_clock(value['to_minute'])}"
    if {"amount", "currency"} <= set(value):
        return str(Money(value["amount"], value["currency"]))
    if "any_of" in value:
        kind = f"{in_words(value['kind'])}: " if "kind" in value else ""
        strength = f" ({in_words(value['strength'])})" if "strength" in value else ""
        return kind + " or ".join(in_words(each) for each in value["any_of"]) + strength
    return ", ".join(f"{in_words(name)} {in_words(each)}" for name, each in value.items())


def _clock(minute: int) -> str:
    return f"{minute // HOUR:02}:{minute % HOUR:02}"
