"""Cases in words: kinds, steps, outcomes, and whatever a case holds of what happened. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

KIND_WORDS: Mapping[str, str] = {
    "safety": "Safety",
    "matchmaking": "Help with finding somebody",
    "call_back": "A call",
    "request": "A request that its therapist leaves unanswered",
    "leaving": "Appointments with somebody who cannot work any more",
    "complaint": "A complaint",
    "support": "Something that went wrong",
    "money": "Money",
    "privacy": "Privacy",
}
ACTION_WORDS: Mapping[str, str] = {
    "spoke": "I spoke with them",
    "called": "I called",
    "no_answer": "Nobody answered",
    "mailed": "I wrote to them",
    "referred": "I told them of other help",
    "escalated": "I passed it on",
    "note": "A note",
}
OUTCOME_WORDS: Mapping[str, str] = {
    "resolved": "It is resolved",
    "referred": "Somebody else takes care of them now",
    "emergency_help": "Emergency help was called",
    "no_contact": "They could not be reached",
    "not_needed": "Nothing was needed",
    "duplicate": "It stands in another case",
}
DONE_WORDS: Mapping[str, str] = {"opened": "Opened", "claimed": "Taken on", "released": "Given back", "closed": "Closed"}
PRIORITY_WORDS: Mapping[str, str] = {"urgent": "urgent", "high": "pressing", "normal": "", "low": "can wait"}


def plain(code: str) -> str:
    """A code for the eyes of a person."""
    known = {**ACTION_WORDS, **OUTCOME_WORDS, **DONE_WORDS}
    return known.get(code, code.replace("_", " ").capitalize())


def told(facts: Mapping[str, Any] | None, words: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """What a case holds, line by line: names and texts. `words`: what codes mean to whoever reads this kind."""
    return [(_name(name), text) for name, value in (facts or {}).items() for name, text in _lines(name, value, words or {})]


def _lines(name: str, value: Any, words: Mapping[str, str]) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [line for inner, each in value.items() for line in _lines(inner, each, words)]
    return [(name, _text(value, words))]


def _text(value: Any, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(_text(each, words) for each in value)
    return words.get(str(value), str(value))


def _name(name: str) -> str:
    return name.replace("_", " ").capitalize()
