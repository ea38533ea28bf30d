"""The acts on an intake: begin (consent first), find it again, answer a screen. What the answers mean for care and for safety is pushed down at once."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, Uuid, bindparam, or_, select, update

from accounts.consent import ConsentRequired, current_text, give_consent, require_current_texts
from accounts.people import new_person
from care.attendance import record_attendance
from care.pause import is_paused
from care.places import record_place
from care.safety_question import hear
from care.safety_record import record_of
from core import audit
from core.db import after_refusal, db
from core.errors import Conflict, Gone, NotFound
from core.tokens import digest_of, new_token
from core.writing import Writing
from matching.answers import checked, floors_of, free_words, zone_of
from matching.danger import settle_gate
from matching.models import Intake
from matching.questionnaire import SCREEN_BY_NAME
from taxonomy.vocabulary import vocabulary

IDLE = timedelta(minutes=60)
PURPOSE = "matching"


class IntakeClosed(Gone):
    """`can_mail_a_link`: an address was named while they were open, and only there a link goes."""

    code, detail = "intake_closed", "These answers were closed on this device after an hour. A link by mail opens them again."
    NO_WAY_BACK = (
        "These answers were closed on this device after an hour. No address was named for them, so they cannot be opened again here. You can begin anew."
    )

    def __init__(self, *, can_mail_a_link: bool) -> None:
        super().__init__(None if can_mail_a_link else self.NO_WAY_BACK, extra={"can_mail_a_link": can_mail_a_link})


class PlaceFirst(Conflict):
    code, detail = "place_first", "Please say first where you are, so that help shown to you is help near you."


@dataclass(frozen=True)
class Visitor:
    """Who asks: the secret of this browser's cookie, and the person who is signed in, if any."""

    secret: str | None = None
    person_id: int | None = None


def begin_intake(visitor: Visitor, *, text_version: str | None, now: datetime) -> tuple[Intake, str | None]:
    """A new intake, and the secret for the guest's cookie (None for somebody signed in). Beginning anew takes no guest out of a pause, or of what their
    answers about safety restrict.

    ConsentRequired, with the text to show, before anything is stored; Invalid for another text than today's.
    """
    if text_version is None:
        raise ConsentRequired(extra={"purpose": PURPOSE, "text_version": current_text(PURPOSE).version})
    require_current_texts({PURPOSE: text_version})
    token = new_token() if visitor.person_id is None else None
    person_id = visitor.person_id if visitor.person_id is not None else _guest_in_danger(visitor, now=now) or new_person(now=now).id
    give_consent(person_id, PURPOSE, text_version=text_version, now=now)
    intake = Intake(public_id=uuid.uuid4(), person_id=person_id, cookie_digest=token.digest if token else None, started_at=now, last_active_at=now, revision=0)
    intake.answers = {}
    db.session.add(intake)
    db.session.flush()
    audit.record("matching.intake_begun", subject=("intake", intake.public_id))
    return intake, token.secret if token else None


def find_intake(public_id: uuid.UUID, visitor: Visitor, *, now: datetime, for_change: bool = False) -> Intake:
    """The visitor's own intake. NotFound for anybody else's; IntakeClosed for a guest who was idle for an hour."""
    wanted = select(Intake).where(Intake.public_id == public_id).execution_options(populate_existing=True)
    intake = db.session.scalars(wanted.with_for_update() if for_change else wanted).one_or_none()
    if intake is None or not _is_theirs(intake, visitor):
        raise NotFound
    if is_closed(intake, visitor, now=now):
        raise IntakeClosed(can_mail_a_link=intake.return_to is not None)
    return intake


_NAMES = tuple(column.name for column in Intake.__table__.columns)
_ME = bindparam("me", type_=BigInteger)
_COME_BACK = Writing(
    update(Intake)
    .where(
        Intake.public_id == bindparam("which", type_=Uuid),
        or_(Intake.person_id == _ME, (Intake.cookie_digest == bindparam("digest", type_=LargeBinary)) & (Intake.last_active_at > bindparam("closed_by"))),
    )
    .values(last_active_at=bindparam("at"))
    .returning(*Intake.__table__.columns)
)


def come_back(public_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> Intake:
    """The visitor's own intake, locked and noted as in use: a copy, whose changes are kept by nobody. Refuses as `find_intake`. One statement."""
    digest = digest_of(visitor.secret) if visitor.secret is not None else None
    found = _COME_BACK.run({"which": public_id, "me": visitor.person_id, "digest": digest, "closed_by": now - IDLE, "at": now})
    if not found:
        find_intake(public_id, visitor, now=now)
        raise NotFound
    return Intake(**dict(zip(_NAMES, found[0], strict=True)))


def guests_intake(visitor: Visitor, *, now: datetime) -> Intake | None:
    """What lies open in this browser without belonging to an account; IntakeClosed after an hour."""
    if visitor.secret is None:
        return None
    found = db.session.scalars(select(Intake.public_id).where(Intake.cookie_digest == digest_of(visitor.secret))).one_or_none()
    return None if found is None else find_intake(found, Visitor(visitor.secret), now=now)


def current_intake(visitor: Visitor, *, now: datetime) -> Intake:
    """The intake of this browser, else the newest of the person who is signed in. NotFound without one; IntakeClosed when only a closed one is left."""
    newest = select(Intake.public_id).order_by(Intake.started_at.desc(), Intake.id.desc()).limit(1)
    closed: IntakeClosed | None = None
    for which in (
        Intake.cookie_digest == digest_of(visitor.secret) if visitor.secret else None,
        Intake.person_id == visitor.person_id if visitor.person_id is not None else None,
    ):
        found = db.session.scalars(newest.where(which)).one_or_none() if which is not None else None
        try:
            if found is not None:
                return find_intake(found, visitor, now=now)
        except IntakeClosed as error:
            closed = error
    raise closed or NotFound


def is_closed(intake: Intake, visitor: Visitor, *, now: datetime) -> bool:
    """A guest's browser that was idle for an hour has lost its way in; an account's session has its own limits."""
    return intake.person_id != visitor.person_id and now - intake.last_active_at >= IDLE


def close_here(public_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> None:
    """Whoever is signed in says that these answers are somebody else's: they are closed on this device, as they are after an hour. Refuses as `find_intake`."""
    intake = find_intake(public_id, visitor, now=now, for_change=True)
    if intake.cookie_digest is None:
        raise NotFound
    intake.last_active_at = min(intake.last_active_at, now - IDLE)
    db.session.flush()
    audit.record("matching.intake_closed", subject=("intake", intake.public_id))


def answer_screen(public_id: uuid.UUID, visitor: Visitor, *, screen: str, answers: dict[str, Any], now: datetime) -> Intake:
    """Replace the answers of one screen. Invalid by field; PlaceFirst when the safety questions come before the place."""
    intake = find_intake(public_id, visitor, now=now, for_change=True)
    said = free_words(screen, answers)
    # What somebody wrote is heard also where the page it stands on is refused.
    after_refusal(partial(_hear_all_the_same, intake.person_id, said, now=now))
    clean = checked(screen, answers, vocabulary=vocabulary())
    held = dict(intake.answers or {})
    if screen == "safety" and not held.get("place"):
        raise PlaceFirst
    for field in SCREEN_BY_NAME[screen].fields:
        held.pop(field.name, None)
    held.update({name: value for name, value in clean.items() if value is not None})
    intake.answers = held
    intake.revision += 1
    intake.last_active_at = now
    hear(intake.person_id, said, now=now)
    settle_gate(intake, answered=screen, now=now)
    tell_care(intake, now=now)
    db.session.flush()
    return intake


def newest_intake_of(person_id: int) -> Intake | None:
    """What this person began last. A guest has several only where an earlier one said something about their safety."""
    newest = select(Intake).where(Intake.person_id == person_id).order_by(Intake.started_at.desc(), Intake.id.desc()).limit(1)
    return db.session.scalars(newest.execution_options(populate_existing=True)).one_or_none()


def tell_care(intake: Intake, *, now: datetime) -> None:
    """Care knows the place, the age and the needs of everybody who will book, without ever reading an intake."""
    held = intake.answers or {}
    if held.get("place"):
        record_place(intake.person_id, held["place"], zone=zone_of(held, vocabulary=vocabulary()), source="intake", now=now)
    if held.get("age_band"):
        record_attendance(intake.person_id, age_band=held["age_band"], needs=floors_of(held, vocabulary=vocabulary()), now=now)


def _guest_in_danger(visitor: Visitor, *, now: datetime) -> int | None:
    """The guest whose answers lie open in this browser, if something about their safety is kept with them."""
    try:
        guest_id = current_intake(visitor, now=now).person_id
    except (NotFound, IntakeClosed):
        return None
    return guest_id if is_paused(guest_id) or record_of(guest_id) is not None else None


def _hear_all_the_same(person_id: int, said: list[str], *, now: datetime) -> None:
    hear(person_id, said, now=now)


def _is_theirs(intake: Intake, visitor: Visitor) -> bool:
    if visitor.person_id is not None and intake.person_id == visitor.person_id:
        return True
    return visitor.secret is not None and intake.cookie_digest == digest_of(visitor.secret)
