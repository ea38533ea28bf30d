"""Help that is there right now, near the person. Shown whenever an answer asks for it; what our own desk can do comes after it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from care.places import place_of
from core.access import caller
from core.clock import now as now_of_transaction
from desk.safety_desk import on_duty
from taxonomy.vocabulary import vocabulary

Json = dict[str, Any]
GuestHere = Callable[[], int | None]
_guests: list[GuestHere] = []

AT_THE_DESK = "Somebody trained is at our desk now, for what people tell us about their safety. If you are in danger, do not wait for us."
NOBODY_AT_THE_DESK = "Nobody is at our desk at the moment, so nobody from here will get in touch now. The help above is there now."


def crisis_help_for(place: str | None, *, on: date) -> Json:
    """Emergency number, lines that a person has checked lately, and a directory, for a jurisdiction or country. Plain JSON."""
    found = vocabulary().help_for(place or "", on=on)
    return {
        "country": found.country,
        "emergency_number": found.emergency_number,
        "also": list(found.also),
        "lines": [{name: getattr(line, name) for name in ("name", "number", "sms", "url", "hours", "for_whom", "checked_on")} for line in found.lines],
        "directory": {"name": found.directory.name, "url": found.directory.url},
        "as_of": found.as_of,
        "draft": found.is_draft,
        **our_desk(),
    }


def our_desk() -> Json:
    """What can honestly be said about our own safety desk at this moment. Comes after the help that is there for everybody."""
    there = on_duty(now=now_of_transaction())
    languages = [vocabulary().languages[each].label for each in there.languages if each in vocabulary().languages] if there is not None else []
    return {"desk_on_duty": there is not None, "desk_text": AT_THE_DESK if there is not None else NOBODY_AT_THE_DESK, "desk_languages": languages}


def crisis_help_near(person_id: int, *, now: datetime) -> Json:
    """The same for somebody with an account: near where they are, as they last said it."""
    place = place_of(person_id, at=now)
    return crisis_help_for(place.jurisdiction if place is not None else None, on=now.date())


def guests_are_known_by(guest_here: GuestHere) -> None:
    """`guest_here` says which person without an account asks, if it knows. Connecting twice changes nothing."""
    if guest_here not in _guests:
        _guests.append(guest_here)


def crisis_help_here(*, now: datetime) -> Json:
    """Near whoever asks now: an account, or a guest who said where they are."""
    known = [caller().person_id, *(guest_here() for guest_here in _guests)]
    person_id = next((each for each in known if each is not None), None)
    return crisis_help_for(None, on=now.date()) if person_id is None else crisis_help_near(person_id, now=now)
