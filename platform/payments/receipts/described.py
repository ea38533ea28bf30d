"""What a payment was for, in words that tell nobody about anybody's health; and what payees are called. Asked of whoever knows, connected by the assembly."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

WORDS_FOR: dict[str, str] = {
    "session": "Appointment",
    "late_fee": "Fee for a late cancellation",
    "no_show_fee": "Fee for an appointment that was not come to",
    "pack": "Appointments paid ahead",
    "gift": "Gift code",
    "cart": "Several appointments",
}


@dataclass(frozen=True, slots=True)
class Described:
    """`what` is neutral; it took or takes place `at`, on the clocks of `zone`."""

    what: str
    at: datetime
    zone: str


Describe: TypeAlias = Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, Described]]
NamesOf: TypeAlias = Callable[[Collection[int]], Mapping[int, str]]
_describers: dict[str, Describe] = {}
_names: list[NamesOf] = []


def when_describing(purpose: str, describe: Describe) -> None:
    """One who knows for each purpose. Connecting twice changes nothing."""
    if _describers.setdefault(purpose, describe) is not describe:
        raise ValueError(f"somebody else describes {purpose} already")


def when_naming_payees(names_of: NamesOf) -> None:
    """Connecting twice changes nothing."""
    if names_of not in _names:
        _names.append(names_of)


def described(purpose: str, references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Described]:
    """What is known of these; what nobody knows is left out."""
    describe = _describers.get(purpose)
    return describe(references) if describe is not None and references else {}


def payee_names(person_ids: Collection[int]) -> dict[int, str]:
    """By person id."""
    return {person_id: name for names_of in _names for person_id, name in names_of(person_ids).items()}
