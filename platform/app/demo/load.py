"""Load the invented cast and one account per role into an empty database.

The cast states dates as of its own clock; they are moved by the days since, so that a licence that had expired three weeks ago has expired three weeks
ago on any day. Openings come from working hours and are therefore always relative to today.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from accounts.models import Person
from accounts.passwords import hash_password
from accounts.people import new_account, new_person
from accounts.roles import grant_role
from app.demo.bookings import add_bookings
from app.demo.checks import add_checks
from app.demo.credentials import FICTIONAL, add_credential, claims_of
from core.db import db
from core.errors import Forbidden
from core.zones import local_date
from desk.safety_desk import Declared, declare_member
from payments.collection.choose import choose_way
from therapists.executor import name_executor
from therapists.models import (
    Concession,
    IdentityStatement,
    OfferedModality,
    PracticePlace,
    Service,
    SpokenLanguage,
    Therapist,
    TreatedConcern,
)
from therapists.profile import DEFAULT_SCHEDULE
from therapists.profile_models import ProfileReview
from therapists.schedule_models import HoursOverride, TherapistSchedule, WorkingHours

CAST = Path(__file__).with_name("cast.json")
PASSWORD = "seven quiet herons wading"  # noqa: S105 printed by `make run`; this data cannot be loaded in production
DOMAIN = "demo.attune.example"
STAFF = (
    ("client", "Cleo Client"),
    ("verifier", "Vera Verifier"),
    ("matchmaker", "Mats Matchmaker"),
    ("safety_responder", "Sol Responder"),
    ("admin", "Ada Admin"),
)
# A first credential is looked at by two people.
SECOND_VERIFIER = ("Vito Verifier", f"second-verifier@{DOMAIN}")
SHOWN_THERAPIST = "T16"


class NotInProduction(Forbidden):
    code, detail = "not_in_production", "Demonstration data is never loaded in production."


@dataclass(frozen=True)
class SignIn:
    role: str
    email: str
    password: str


def sign_ins() -> list[SignIn]:
    """An account of each role, and the second verifier's, as `load_demo` makes them."""
    shown = next(row for row in cast()["therapists"] if row["id"] == SHOWN_THERAPIST)
    emails = {role: staff_email(role) for role, _ in STAFF} | {"therapist": email_of(shown)}
    return [SignIn(role, email, PASSWORD) for role, email in sorted([*emails.items(), ("verifier", SECOND_VERIFIER[1])])]


def staff_email(role: str) -> str:
    return f"{role.replace('_', '-')}@{DOMAIN}"


def email_of(row: dict[str, Any]) -> str:
    return f"{row['name'].lower()}@{DOMAIN}"


@cache
def cast() -> dict[str, Any]:
    """The cast as written: ``{"clock": ..., "therapists": [...]}``."""
    loaded: dict[str, Any] = json.loads(CAST.read_text())
    return loaded


def days_since_written(now: datetime) -> timedelta:
    """By how much the dates of the cast move today."""
    return timedelta(days=(now.date() - datetime.fromisoformat(cast()["clock"]).date()).days)


def is_empty() -> bool:
    """Nobody is known here yet."""
    return db.session.execute(select(Person.id).limit(1)).first() is None


def load_demo(*, environment: str, now: datetime) -> dict[str, Therapist]:
    """Accounts of each role, and the cast by its ids. Forbidden `not_in_production`."""
    if environment == "production":
        raise NotInProduction
    password_hash = hash_password(PASSWORD)
    people = {role: _account(name, staff_email(role), {role}, password_hash, now=now) for role, name in STAFF}
    loaded = load_cast(now=now, verifier_id=people["verifier"].id, password_hash=password_hash)
    add_bookings(people["client"].id, loaded, now=now)
    _declare_safety_desk(people["safety_responder"], by=people["admin"].id, now=now)
    return loaded


def _declare_safety_desk(responder: Person, *, by: int, now: datetime) -> None:
    """One invented responder, on duty around the clock."""
    declared = Declared(
        qualification="Suicide intervention, invented for demonstration",
        issued_by="Nobody",
        seen_on=now.date(),
        valid_until=now.date() + timedelta(days=365),
        languages=("en",),
        zone=responder.zone,
        hours=[[weekday, 0, 1440] for weekday in range(7)],
    )
    declare_member(responder.public_id, declared, by=by, now=now)


def load_cast(*, now: datetime, verifier_id: int, password_hash: str) -> dict[str, Therapist]:
    """The twenty-two therapists by their ids ("T01"...), each with an account."""
    moved = days_since_written(now)
    verifiers = (verifier_id, _account(*SECOND_VERIFIER, {"verifier"}, password_hash, now=now).id)
    rows = cast()["therapists"]
    loaded = {row["id"]: _Writer(row, verifiers, password_hash, moved, now).write() for row in rows}
    # Each names the next one of the cast as professional executor.
    for row, executor in zip(rows, [*rows[1:], rows[0]], strict=True):
        name_executor(loaded[row["id"]], name=executor["name"], email=email_of(executor), agreed_on=now.date(), now=now)
    return loaded


def _account(name: str, email: str, roles: set[str], password_hash: str, *, now: datetime, zone: str = "Europe/London") -> Person:
    person = new_person(now=now, name=name, zone=zone)
    new_account(person, email=email, password_hash=password_hash, now=now, confirmed_at=now)
    for role in sorted(roles):
        grant_role(person.id, role, now=now)
    return person


class _Writer:
    """One row of the cast into the tables."""

    def __init__(self, row: dict[str, Any], verifiers: tuple[int, int], password_hash: str, moved: timedelta, now: datetime) -> None:
        self.row, self.password_hash, self.moved, self.now = row, password_hash, moved, now
        self.verifiers = verifiers

    def write(self) -> Therapist:
        row, now = self.row, self.now
        person = _account(row["name"], email_of(row), {"therapist"}, self.password_hash, now=now, zone=row["zone"])
        therapist = Therapist(
            person_id=person.id,
            display_name=row["name"],
            headline=FICTIONAL,
            about=row["note"],
            country=row["country"],
            zone=row["zone"],
            works_from=row.get("works_from"),
            published_at=now,
            accepting_said_at=now,
            accepting=row["accepting"],
            places=row["free_places"],
            waitlist_open=row["waitlist_open"],
            held_at=now if row["held"] else None,
            held_reason=row["held"],
            units=row["units"],
            age_bands=row["age_bands"],
            insurers=row["insurers"],
            verified_competences=row["verified_competences"],
            created_at=now,
            changed_at=now,
            **{f"style_{name}": row["style"].get(name) for name in ("led", "intensity", "past", "warmth")},
        )
        db.session.add(therapist)
        db.session.flush()
        db.session.add(ProfileReview(therapist_id=person.id, approved_at=now))
        choose_way(person.id, "therapist_invoices", now=now)
        self._add_statements(therapist.person_id)
        self._add_hours(therapist.person_id)
        self._add_services(therapist.person_id)
        add_checks(therapist, by=self.verifiers[0], works_with_minors=row["youth_checked"], now=now)
        for claimed in claims_of(row):
            add_credential(therapist.person_id, row, claimed, self.verifiers, self.moved, now=now)
        db.session.flush()
        return therapist

    def _add_statements(self, therapist_id: int) -> None:
        row, now = self.row, self.now
        for modality in row["modalities"]:
            verified = now if modality in row["verified_modalities"] else None
            db.session.add(OfferedModality(therapist_id=therapist_id, modality=modality, verified_at=verified))
        for position, concern in enumerate(row["core_concerns"], 1):
            verified = now if concern in row["verified_concerns"] else None
            db.session.add(TreatedConcern(therapist_id=therapist_id, concern=concern, core_position=position, verified_at=verified))
        db.session.add_all(TreatedConcern(therapist_id=therapist_id, concern=concern) for concern in row["declared_concerns"])
        for position, language in enumerate(row["languages"]):
            db.session.add(SpokenLanguage(therapist_id=therapist_id, language=language, level="working" if position else "native"))
        for relation, stated in (("shares", row["identity"]), ("experienced_with", row["experienced_with"])):
            for kind, values in stated.items():
                db.session.add_all(
                    IdentityStatement(therapist_id=therapist_id, kind=kind, value=value, relation=relation, audience="public") for value in values
                )

    def _add_hours(self, therapist_id: int) -> None:
        row = self.row
        today = local_date(row["zone"], int(self.now.timestamp()))
        schedule = TherapistSchedule(therapist_id=therapist_id, name=DEFAULT_SCHEDULE, is_default=True)
        db.session.add(schedule)
        db.session.flush()
        db.session.add_all(WorkingHours(schedule_id=schedule.id, weekday=day, from_minute=start, to_minute=end) for day, start, end in row["hours"])
        for days in range(row["closed_days"]):
            db.session.add(HoursOverride(schedule_id=schedule.id, day=today + timedelta(days=days)))
        for extra in row["extra_hours"]:
            day = today + timedelta(days=extra["in_days"])
            db.session.add(HoursOverride(schedule_id=schedule.id, day=day, from_minute=extra["from_minute"], to_minute=extra["to_minute"]))

    def _add_services(self, therapist_id: int) -> None:
        places: dict[str, PracticePlace] = {}
        for offered in self.row["services"]:
            town = offered["town"]
            if town and town not in places:
                places[town] = PracticePlace(therapist_id=therapist_id, label="Practice", town=town, jurisdiction=self._jurisdiction_of_practice())
                db.session.add(places[town])
                db.session.flush()
            service = Service(
                therapist_id=therapist_id,
                kind=offered["kind"],
                unit=offered["unit"],
                mode=offered["mode"],
                place_id=places[town].id if town else None,
                minutes=offered["minutes"],
                fee_amount=offered["fee"]["amount"],
                fee_currency=offered["fee"]["currency"],
                booking_mode=offered["booking_mode"],
                buffer_after=10 if offered["kind"] == "session" else 0,
            )
            if concession := offered["concession"]:
                service.concessions = [Concession(name="Reduced fee", fee_amount=concession["amount"], rule="For people on a low income; you say so yourself.")]
            db.session.add(service)

    def _jurisdiction_of_practice(self) -> str:
        return str(self.row["credential"]["jurisdictions"][0])
