"""One line of the directory as it goes out: plain values in the shape of `DirectoryCardSchema`, ready to be encoded."""

from datetime import datetime
from typing import Any

from core.money import Money
from matching.directory import Entry
from therapists.accepting import holds
from therapists.collects import collection_words
from therapists.shown import insurance_words, photo_json

TELL_US = "Tell us where you are to see whether this therapist may treat you."
MAY = "May treat somebody who is there, by what we have checked."
SUPERVISED = "May treat somebody who is there, under supervision, by what we have checked."


def card(entry: Entry, *, now: datetime) -> dict[str, Any]:
    """What everybody may read, in the order of the schema; whole hours."""
    line, law = entry.therapist, entry.authorisation
    cheapest = min(line.sessions, key=lambda service: service.fee_amount, default=None)
    supervised = law is not None and law.is_only_supervised
    return {
        "id": line.public_id,
        "display_name": line.display_name,
        "headline": line.headline,
        "photo": photo_json(line),
        "country": line.country,
        "accepting": holds(line.accepting, line.accepting_said_at, line.collects, now=now),
        "collection_words": collection_words(line.collects),
        "units": line.units,
        "languages": line.languages,
        "modes": sorted({service.mode for service in line.services}),
        "fee_from": Money(cheapest.fee_amount, cheapest.fee_currency) if cheapest else None,
        "insurers": line.insurers,
        "insurance_words": insurance_words(line.insurers),
        "answer_within_hours": line.answer_within_hours,
        "badges": entry.badges,
        "next_opening": entry.next_opening,
        "may_treat": {"may": law.is_given if law else None, "supervised": supervised, "words": TELL_US if law is None else SUPERVISED if supervised else MAY},
        "hours": {"delivered_here": line.minutes_here // 60, "declared": line.hours_declared},
    }
