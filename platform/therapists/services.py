"""Services: what a therapist offers to be booked, at what price and on which terms.

A service that was booked is never deleted: retiring it takes it off every list, and bookings keep what was agreed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core.db import db
from core.errors import Invalid, NotFound
from core.money import Money
from therapists.closed import Errors, facet, refuse
from therapists.currencies import CURRENCIES
from therapists.models import GROUP, Concession, Service, Therapist
from therapists.profile import touch
from therapists.profile_changes import ask_to_read
from therapists.service_lengths import as_lengths, length_errors, set_lengths
from therapists.statements import replace_rows

IN_PERSON_MODES = frozenset({"in_person", "walk_and_talk"})
CONSULTATION_MINUTES = range(10, 31)


# (service as it is, its new fee if it is given, its new lower fees by name if they are given)
BeforeFeeChanges = Callable[[Service, Money | None, dict[str, int] | None], None]
_checks: list[BeforeFeeChanges] = []


def before_fee_changes(check: BeforeFeeChanges) -> None:
    """`check` raises where somebody is booked at a fee that must not rise, or end, at once. Connecting twice changes nothing."""
    if check not in _checks:
        _checks.append(check)


class GroupIsInstant(Invalid):
    code, detail = "group_is_instant", "A session of a group is booked at once: each client takes one seat, and nobody can hold all of it."


def add_service(therapist: Therapist, terms: Mapping[str, Any], *, now: datetime) -> Service:
    """A new service, bookable as soon as the profile is published. `terms` are the columns, with `fee` (Money), `place` and `concessions`."""
    service = Service(therapist_id=therapist.person_id, concessions=[], lengths=[], **{name: value for name, value in terms.items() if name not in _SPECIAL})
    service.buffer_before, service.buffer_after = terms.get("buffer_before", 0), terms.get("buffer_after", 0)
    _set_fee_and_place(service, therapist, terms)
    _set_schedule(service, therapist, terms)
    refuse(_errors_in(service, therapist, terms.get("concessions", ())), length_errors(service, terms.get("lengths", ())))
    therapist.services.append(service)
    db.session.flush()
    _set_concessions(service, terms.get("concessions", ()))
    _ask_to_read(therapist, terms, now=now)
    set_lengths(service, terms.get("lengths", ()))
    touch(therapist, now=now)
    return service_of(therapist.person_id, service.public_id)


def change_service(therapist: Therapist, public_id: UUID, terms: Mapping[str, Any], *, now: datetime) -> Service:
    """Change some terms for bookings from now on; what is booked stays as agreed."""
    service = service_of(therapist.person_id, public_id)
    for check in _checks:
        check(service, terms.get("fee"), {each["name"]: each["fee"].amount for each in terms["concessions"]} if "concessions" in terms else None)
    for name, value in terms.items():
        if name not in _SPECIAL:
            setattr(service, name, value)
    _set_fee_and_place(service, therapist, terms)
    _set_schedule(service, therapist, terms)
    concessions = terms["concessions"] if "concessions" in terms else [_as_terms(row, service) for row in service.concessions]
    lengths = terms["lengths"] if "lengths" in terms else as_lengths(service)
    with db.session.no_autoflush:
        refuse(_errors_in(service, therapist, concessions), length_errors(service, lengths))
    if "lengths" in terms:
        set_lengths(service, lengths)
    if "concessions" in terms:
        _set_concessions(service, concessions)
        _ask_to_read(therapist, terms, now=now)
    touch(therapist, now=now)
    return service_of(therapist.person_id, public_id)


def retire_service(therapist: Therapist, public_id: UUID, *, now: datetime) -> None:
    """Nobody can book it from now on."""
    service_of(therapist.person_id, public_id).active = False
    touch(therapist, now=now)


def service_of(therapist_id: int, public_id: UUID) -> Service:
    """One active service of this therapist; NotFound for anybody else's."""
    wanted = select(Service).where(Service.therapist_id == therapist_id, Service.public_id == public_id, Service.active)
    whole = (selectinload(Service.concessions), selectinload(Service.lengths), joinedload(Service.place), joinedload(Service.schedule))
    service = db.session.scalars(wanted.options(*whole).execution_options(populate_existing=True)).one_or_none()
    if service is None:
        raise NotFound
    return service


_SPECIAL = ("fee", "place", "concessions", "schedule", "lengths")


def _set_fee_and_place(service: Service, therapist: Therapist, terms: Mapping[str, Any]) -> None:
    fee: Money | None = terms.get("fee")
    if fee is not None:
        service.fee_amount, service.fee_currency = fee.amount, fee.currency
    if "place" in terms:
        place = next((place for place in therapist.locations if place.public_id == terms["place"]), None)
        refuse({"place": ["Not one of your places."]} if terms["place"] is not None and place is None else {})
        service.place_id = place.id if place else None


def _set_schedule(service: Service, therapist: Therapist, terms: Mapping[str, Any]) -> None:
    if "schedule" in terms:
        schedule = next((schedule for schedule in therapist.schedules if schedule.public_id == terms["schedule"]), None)
        refuse({"schedule": ["Not one of your schedules."]} if terms["schedule"] is not None and schedule is None else {})
        service.schedule_id = schedule.id if schedule else None


def _errors_in(service: Service, therapist: Therapist, concessions: Sequence[Mapping[str, Any]]) -> Errors:
    errors: Errors = {}
    if service.unit not in therapist.units:
        errors["unit"] = ["Not one of the units you work with; add it to your formats first."]
    if service.mode not in facet("modes"):
        errors["mode"] = ["Not a word of our vocabulary; see /api/v1/taxonomy."]
    if (service.mode in IN_PERSON_MODES) != (service.place_id is not None):
        errors["place"] = ["A service in person needs one of your places, every other service has none."]
    if service.fee_currency not in CURRENCIES:
        errors["fee"] = ["Not a currency of ISO 4217."]
    if service.kind == "consultation" and service.fee_amount != 0:
        errors["fee"] = ["A consultation is free."]
    if service.kind == "consultation" and service.minutes not in CONSULTATION_MINUTES:
        errors["minutes"] = ["A consultation lasts 10 to 30 minutes."]
    return errors | _grid_errors(service) | _group_errors(service) | _concession_errors(service, concessions)


def _grid_errors(service: Service) -> Errors:
    """Counted from the full hour, starts repeat only where a step fits into hours, or hours into it. Without a step the length is one."""
    step = service.step_minutes or service.minutes
    if service.align != "hour" or not (60 % step and step % 60):
        return {}
    return {"step_minutes": [f"Counted from the full hour, a step divides 60 or is a multiple of 60; {step} minutes are neither."]}


def _group_errors(service: Service) -> Errors:
    """GroupIsInstant for a group that waits for an answer, or that can be booked as a series."""
    if (service.unit == GROUP) != (service.seats is not None):
        return {"seats": ["A group has 2 to 30 seats, every other service has none."]}
    if service.unit == GROUP and (service.booking_mode != "instant" or service.series_most):
        raise GroupIsInstant
    return {}


def _concession_errors(service: Service, concessions: Sequence[Mapping[str, Any]]) -> Errors:
    errors: Errors = {}
    names: set[str] = set()
    for index, concession in enumerate(concessions):
        fee: Money = concession["fee"]
        if fee.currency != service.fee_currency or fee.amount >= service.fee_amount:
            errors[f"concessions.{index}.fee"] = ["Lower than the fee, in the same currency."]
        if concession["name"] in names:
            errors[f"concessions.{index}.name"] = ["Given twice."]
        names.add(concession["name"])
    return errors


def _set_concessions(service: Service, concessions: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        Concession(
            service_id=service.id,
            name=each["name"],
            fee_amount=each["fee"].amount,
            rule=each.get("rule", ""),
            evidence=each.get("evidence", "self_declared"),
        )
        for each in concessions
    ]
    replace_rows(service.concessions, rows)


def _ask_to_read(therapist: Therapist, terms: Mapping[str, Any], *, now: datetime) -> None:
    if words := [word for each in terms.get("concessions", ()) for word in (each["name"], each.get("rule", "")) if word]:
        ask_to_read(therapist, "concessions", words, now=now)


def _as_terms(row: Concession, service: Service) -> dict[str, Any]:
    return {"name": row.name, "fee": Money(row.fee_amount, service.fee_currency)}
