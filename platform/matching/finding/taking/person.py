"""Who is about to take something: the answers of this browser or account, and what care has to know of a person before anything is booked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from care.attendance import attendances_of, state_age_band
from care.places import place_of, record_place
from core.errors import Invalid, NotFound
from matching.adopt import adopt_intake
from matching.answers import checked, zone_of
from matching.cookie import visitor
from matching.finding.taking.offered import SomebodyHelps
from matching.finding.widgets import Asked, asked
from matching.intake import IntakeClosed, current_intake
from matching.models import Intake
from matching.questionnaire import SCREEN_BY_NAME
from taxonomy.vocabulary import vocabulary
from therapists.standing import ADULT_BANDS

SCREEN = "place"
NEEDED = ("place", "age_band")


def own_intake(*, now: datetime) -> Intake | None:
    """The answers that are open here; None without any, or when they were closed."""
    try:
        return current_intake(visitor(), now=now)
    except (NotFound, IntakeClosed):
        return None


def open_questions(person_id: int, given: Mapping[str, Any], *, now: datetime) -> list[Asked]:
    """What has to be said before this person can book, with what was filled in. SomebodyHelps for somebody under 18."""
    known = _known(person_id, now=now)
    if known["age_band"] is not None and known["age_band"] not in ADULT_BANDS:
        raise SomebodyHelps
    fields = {field.name: field for field in SCREEN_BY_NAME[SCREEN].fields}
    return [asked(fields[name], given, vocabulary()) for name in NEEDED if known[name] is None]


def settle_who(mine: Intake | None, person_id: int, form: Mapping[str, str], *, on_list: bool, now: datetime) -> None:
    """Before something is taken off a list its answers become the account's, by their word; otherwise where they will be and how old they are is kept.

    Invalid without the statement, or without an answer; SomebodyHelps for somebody under 18.
    """
    if on_list and mine is not None:
        if mine.person_id != person_id:
            adopt_intake(mine.public_id, visitor(), are_mine=form.get("mine") == "yes", person_id=person_id, now=now)
        return
    needed = [each.name for each in open_questions(person_id, {}, now=now)]
    said = checked(SCREEN, {name: form.get(name) or None for name in needed}, vocabulary=vocabulary())
    if any(said[name] is None for name in needed):
        raise Invalid("Please say where you will be, and how old you are.")
    if "age_band" in said:
        if said["age_band"] not in ADULT_BANDS:
            raise SomebodyHelps
        state_age_band(person_id, said["age_band"], now=now)
    if "place" in said:
        record_place(person_id, said["place"], zone=zone_of(said, vocabulary=vocabulary()), source="profile", now=now)


def _known(person_id: int, *, now: datetime) -> dict[str, str | None]:
    place, attendance = place_of(person_id, at=now), attendances_of([person_id]).get(person_id)
    return {"place": place.jurisdiction if place else None, "age_band": attendance.age_band if attendance else None}
