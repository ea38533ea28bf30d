"""Who is about to take something: the answers of this browser or account, and what care has to know of a person before anything is booked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from care.attendance import attendances_of, state_age_band
from care.own_booking import SomebodyHelps, require_adult
from care.places import place_of, record_place
from care.under_age import is_adult
from core.errors import Invalid, NotFound
from matching.adopt import adopt_intake
from matching.answers import checked, zone_of
from matching.cookie import visitor
from matching.finding.taking.offered import Offered
from matching.finding.widgets import Asked, asked
from matching.intake import IntakeClosed, close_here, current_intake
from matching.models import Intake
from matching.questionnaire import SCREEN_BY_NAME
from taxonomy.vocabulary import vocabulary

SCREEN = "place"
NEEDED = ("place", "age_band")


def own_intake(*, now: datetime) -> Intake | None:
    """The answers that are open here; None without any, or when they were closed."""
    try:
        return current_intake(visitor(), now=now)
    except (NotFound, IntakeClosed):
        return None


def open_questions(found: Offered, person_id: int, given: Mapping[str, Any], *, now: datetime) -> list[Asked]:
    """What has to be said before this person can book, with what was filled in. SomebodyHelps for somebody under 18 who is not in care here."""
    known = _known(person_id, now=now)
    if not found.is_known and known["age_band"] is not None and not is_adult(known["age_band"]):
        raise SomebodyHelps
    fields = {field.name: field for field in SCREEN_BY_NAME[SCREEN].fields}
    return [asked(fields[name], given, vocabulary()) for name in NEEDED if known[name] is None]


def settle_who(mine: Intake | None, found: Offered, person_id: int, form: Mapping[str, str], *, now: datetime) -> None:
    """Before something is taken off a list its answers become the account's, by their word; otherwise where they will be and how old they are is kept.

    Answers that matter for a direct choice become the account's too, or are closed on this device by the word that they are somebody else's. Invalid without
    the statement, or without an answer; SomebodyHelps for somebody under 18 who is not in care here, which stays said.
    """
    if mine is not None and mine.person_id != person_id and (found.is_on_list or found.asks_whose):
        if found.asks_whose and form.get("mine") == "no":
            close_here(mine.public_id, visitor(), now=now)
        else:
            adopt_intake(mine.public_id, visitor(), are_mine=form.get("mine") == "yes", person_id=person_id, now=now)
    if found.is_on_list:
        return
    known = _known(person_id, now=now)
    if known["age_band"] is not None and not found.is_known:
        require_adult(person_id, known["age_band"], now=now)
    said = checked(SCREEN, {name: form.get(name) or None for name in NEEDED if known[name] is None}, vocabulary=vocabulary())
    if any(each is None for each in said.values()):
        raise Invalid("Please say where you will be, and how old you are.")
    if "age_band" in said:
        if not found.is_known:
            require_adult(person_id, said["age_band"], now=now)
        state_age_band(person_id, said["age_band"], now=now)
    if "place" in said:
        record_place(person_id, said["place"], zone=zone_of(said, vocabulary=vocabulary()), source="profile", now=now)


def _known(person_id: int, *, now: datetime) -> dict[str, str | None]:
    place, attendance = place_of(person_id, at=now), attendances_of([person_id]).get(person_id)
    return {"place": place.jurisdiction if place else None, "age_band": attendance.age_band if attendance else None}
