"""The safety desk: whom the operator has declared for it, on the strength of a qualification that somebody has seen, and when they are on duty.

Only they own, work on and close a safety case. Outside of their hours, and while nobody is declared, nothing we say promises that somebody gets in touch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from accounts.people import person_named
from accounts.roles import roles_of
from core import audit
from core.db import db
from core.errors import Forbidden, Invalid, NotFound
from core.zones import known_zone
from desk.duty import Hours, duty_until, is_current, refused_hours
from desk.kinds import ROLE_OF_KIND, SAFETY
from desk.models import SafetyDeskMember
from taxonomy.vocabulary import vocabulary


class NotAtSafetyDesk(Forbidden):
    code, detail = "not_at_safety_desk", "Only who is declared for the safety desk, with a qualification that is current, works on a safety case."


@dataclass(frozen=True)
class Declared:
    """`qualification`, `issued_by`: what was seen, by whom it was given; `valid_until` its last day. `hours`: see `duty`."""

    qualification: str
    issued_by: str
    seen_on: date
    valid_until: date
    languages: Sequence[str]
    zone: str
    hours: Hours


@dataclass(frozen=True)
class OnDuty:
    """Somebody is there now. `until`: when the last of them goes; `languages`: what they speak together."""

    until: datetime
    languages: tuple[str, ...]


def declare_member(person_public_id: object, declared: Declared, *, by: int, now: datetime) -> SafetyDeskMember:
    """Declare, or declare anew. NotFound for nobody; Invalid by field: the person must have the role, and nobody records their own qualification."""
    person = person_named(person_public_id)
    if person is None:
        raise NotFound
    errors = _errors(declared, now=now)
    if ROLE_OF_KIND[SAFETY] not in roles_of(person.id):
        errors["person_id"] = [f"Give them the role {ROLE_OF_KIND[SAFETY]} first."]
    if person.id == by:
        errors["person_id"] = ["Nobody records their own qualification."]
    if errors:
        raise Invalid(errors=errors)
    member = db.session.get(SafetyDeskMember, person.id, populate_existing=True)
    if member is None:
        member = SafetyDeskMember(person_id=person.id)
        db.session.add(member)
    for name in ("qualification", "issued_by", "seen_on", "valid_until", "zone"):
        setattr(member, name, getattr(declared, name))
    member.languages, member.hours = sorted(set(declared.languages)), [list(each) for each in declared.hours]
    member.declared_by, member.declared_at = by, now
    db.session.flush()
    audit.record("desk.safety_member_declared", subject=("person", person.id), actor=by)
    return member


def remove_member(person_public_id: object, *, by: int) -> int:
    """Their id. NotFound for whoever is not declared. Their cases go back to the queue: `cases.release_safety_cases_of`."""
    person = person_named(person_public_id)
    if person is None:
        raise NotFound
    gone = delete(SafetyDeskMember).where(SafetyDeskMember.person_id == person.id).returning(SafetyDeskMember.person_id)
    if db.session.execute(gone).scalar_one_or_none() is None:
        raise NotFound
    audit.record("desk.safety_member_removed", subject=("person", person.id), actor=by)
    return person.id


def members() -> Sequence[SafetyDeskMember]:
    return db.session.scalars(select(SafetyDeskMember).options(joinedload(SafetyDeskMember.person)).order_by(SafetyDeskMember.declared_at)).all()


def require_qualified(person_id: int, *, now: datetime) -> None:
    """NotAtSafetyDesk unless they are declared and their qualification is current."""
    member = db.session.get(SafetyDeskMember, person_id, populate_existing=True)
    if member is None or not is_current(member.valid_until, member.zone, now):
        raise NotAtSafetyDesk


def on_duty(*, now: datetime) -> OnDuty | None:
    """Who is there now, all together; None when nobody is. Whoever lost the role or the qualification does not count."""
    there = []
    for member in db.session.scalars(select(SafetyDeskMember)):
        until = duty_until(member.hours, member.zone, now)
        if until is not None and is_current(member.valid_until, member.zone, now) and ROLE_OF_KIND[SAFETY] in roles_of(member.person_id):
            there.append((until, member.languages))
    if not there:
        return None
    return OnDuty(max(until for until, _ in there), tuple(sorted({language for _, spoken in there for language in spoken})))


def _errors(declared: Declared, *, now: datetime) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not known_zone(declared.zone):
        return {"zone": ["Give a time zone such as Europe/London."]}
    if (wrong := refused_hours(declared.hours)) is not None:
        errors["hours"] = [wrong]
    if unknown := sorted(set(declared.languages) - set(vocabulary().languages)):
        errors["languages"] = [f"Not in our vocabulary: {', '.join(unknown)}."]
    if not is_current(declared.valid_until, declared.zone, now):
        errors["valid_until"] = ["This is over."]
    if is_current(declared.seen_on, declared.zone, now) and declared.seen_on > now.date():
        errors["seen_on"] = ["Nobody can have seen it yet."]
    return errors
