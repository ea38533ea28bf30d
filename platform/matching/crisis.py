"""Help that is there right now, near the person, and help that costs little. Shown whenever a safety answer asks for it and whenever nobody fits."""

from datetime import date
from typing import Any

from core.clock import now
from desk.safety_desk import on_duty
from taxonomy.vocabulary import vocabulary

Json = dict[str, Any]

LOW_COST = (
    "Public health services and family doctors can refer people to therapy that costs nothing or little.",
    "Training institutes and universities run clinics with low fees, where trainees work under supervision.",
    "Charities for a certain problem or group often offer talks, groups or therapy for free.",
    "Many therapists keep a few places with a lower fee: say that you need one, and the list counts it.",
)


AT_THE_DESK = "Somebody trained is at our desk now and reads what you told us. If you are in danger, do not wait for us."
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
        **our_desk(),
    }


def our_desk() -> Json:
    """What can honestly be said about our own safety desk at this moment. Comes after the help that is there for everybody."""
    there = on_duty(now=now())
    languages = [vocabulary().languages[each].label for each in there.languages if each in vocabulary().languages] if there is not None else []
    return {"desk_on_duty": there is not None, "desk_text": AT_THE_DESK if there is not None else NOBODY_AT_THE_DESK, "desk_languages": languages}
