"""The directory: everybody who is published and whose credentials count today, filtered by what they published. No score, one order, no hidden fact.

Without a place it shows everybody; with one, only those who may treat somebody who is there (`therapists.authorisation`). Filters read published things
alone: an identity statement that is not published, a hold's reason or a style answer can be reached by no filter and no order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import ARRAY, ColumnElement, Select, String, and_, cast, exists, func, literal_column, not_, or_, select, tuple_
from sqlalchemy.orm import selectinload

from booking.availability import openings_between
from booking.models import Booking
from core.db import db
from core.http import cursor_of
from core.money import Money
from desk.listing import position_in
from taxonomy.vocabulary import vocabulary
from taxonomy.words import phrase
from therapists.accepting import accepting_at
from therapists.authorisation import authorisation
from therapists.facts import standings
from therapists.grounds import Authorisation
from therapists.models import Concession, Credential, IdentityStatement, OfferedModality, Service, SpokenLanguage, Therapist, TreatedConcern
from therapists.publication import is_listed
from therapists.standing import CHECKED_WITHIN, LIVE_STATES, NEW_CLIENTS_STOP_AFTER, RECHECK_EVERY

# How far the next opening is looked for: near first, because most are near.
STEPS = (timedelta(days=3), timedelta(days=10), timedelta(days=28))
MOST_READ = 200  # rows of one request; a page may then be shorter, and says that there is more
LIKE_A_NAME = 72
MOST_NAMES = 200
SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")
# What a card shows: no texts of concessions, no places.
CARD = (selectinload(Therapist.languages), selectinload(Therapist.services), selectinload(Therapist.credentials).selectinload(Credential.records))
WORKING_LEVELS = ("native", "working")


@dataclass(frozen=True)
class Filters:
    """What was asked. None and empty: not asked. `service` facts (unit, mode, fee) have to meet in one session that is offered."""

    place: str | None = None
    language: str | None = None
    concern: str | None = None
    modality: str | None = None
    unit: str | None = None
    mode: str | None = None
    age_band: str | None = None
    ceiling: Money | None = None
    concession: bool = False
    insurer: str | None = None
    access: str | None = None
    identity: tuple[str, str] | None = None
    accepting: bool | None = None
    opening_within: timedelta | None = None
    name: str = ""
    words: str = ""


@dataclass(frozen=True)
class Entry:
    """One line: the therapist, the next real opening of a session, whether they may treat somebody in the place that was named, and hours given here."""

    therapist: Therapist
    next_opening: datetime | None
    authorisation: Authorisation | None
    minutes_here: int


@dataclass(frozen=True)
class DirectoryPage:
    items: Sequence[Entry]
    next: str | None


@dataclass
class _Reading:
    entries: list[Entry] = field(default_factory=list)
    last: Therapist | None = None
    read: int = 0


def directory(filters: Filters, *, limit: int, now: datetime, cursor: str | None = None) -> DirectoryPage:
    """One page, the longest published first. What only Python can judge (law, lapses by zone, real time) drops out as it is read."""
    wanted = select(Therapist).where(*conditions(filters, now=now)).order_by(Therapist.published_at, Therapist.public_id).options(*CARD)
    position = position_in(cursor) if cursor is not None else None
    reading, more = _Reading(), True
    while more and len(reading.entries) < limit and reading.read < MOST_READ:
        wish = limit - len(reading.entries)
        found = _after(wanted, position, wish + 1)
        more, batch = len(found) > wish, found[:wish]
        for entry in _entries(batch, filters, now):
            reading.entries.append(entry)
        if batch:
            reading.last, reading.read = batch[-1], reading.read + len(batch)
            assert reading.last.published_at is not None, "only published profiles are read"
            position = (reading.last.published_at, reading.last.public_id)
    return DirectoryPage(reading.entries, cursor_of(position[0].isoformat(), str(position[1])) if more and position else None)


def conditions(filters: Filters, *, now: datetime) -> list[ColumnElement[bool]]:
    """Everything that the database can judge by its indexes."""
    asked: list[ColumnElement[bool] | None] = [
        Therapist.published_at.is_not(None),
        Therapist.held_at.is_(None),
        _not_left(now),
        _current(filters.place, now),
        _row(SpokenLanguage, SpokenLanguage.language, filters.language, SpokenLanguage.level.in_(WORKING_LEVELS)),
        _row(TreatedConcern, TreatedConcern.concern, filters.concern),
        _row(OfferedModality, OfferedModality.modality, filters.modality),
        _list("@>", Therapist.age_bands, filters.age_band) if filters.age_band else None,
        _list("@>", Therapist.insurers, filters.insurer) if filters.insurer else None,
        _list("@>", Therapist.access, filters.access) if filters.access else None,
        _accepting(filters.accepting, now),
        _identity(filters.identity),
        _session(filters),
        _named(filters.name),
        Therapist.search.bool_op("@@")(func.plainto_tsquery(SIMPLE, " ".join(phrase(filters.words)))) if filters.words else None,
    ]
    return [each for each in asked if each is not None]


def facet_counts(filters: Filters, *, now: datetime) -> dict[str, dict[str, int]]:
    """How many of those that the filters leave state each word of a list; law by place and openings are judged later, on the page."""
    left = select(Therapist.person_id).where(*conditions(filters, now=now)).subquery()

    def counted(column: Any, owner: Any, *rules: ColumnElement[bool]) -> dict[str, int]:
        rows = select(column, func.count(owner.distinct())).where(owner.in_(select(left.c.person_id)), *rules).group_by(column).order_by(column)
        return {row[0]: row[1] for row in db.session.execute(rows)}

    sessions = (Service.active.is_(True), Service.kind == "session")
    return {
        "languages": counted(SpokenLanguage.language, SpokenLanguage.therapist_id, SpokenLanguage.level.in_(WORKING_LEVELS)),
        "concerns": counted(TreatedConcern.concern, TreatedConcern.therapist_id),
        "modalities": counted(OfferedModality.modality, OfferedModality.therapist_id),
        "units": counted(Service.unit, Service.therapist_id, *sessions),
        "modes": counted(Service.mode, Service.therapist_id, *sessions),
    }


def next_openings(therapists: Sequence[Therapist], *, mode: str | None, unit: str | None, now: datetime) -> dict[int, datetime]:
    """The first opening of a session of each of these, within four weeks; who has none is missing."""
    services = {
        service.id: each.person_id
        for each in therapists
        for service in each.services
        if service.active and service.kind == "session" and mode in (None, service.mode) and unit in (None, service.unit)
    }
    found: dict[int, datetime] = {}
    for step in STEPS:
        waiting = [service_id for service_id, person_id in services.items() if person_id not in found]
        for service_id, starts in openings_between(waiting, now, now + step, now=now, limit=1).items() if waiting else ():
            if starts:
                person_id = services[service_id]
                found[person_id] = min(starts[0], found.get(person_id, starts[0]))
    return found


def minutes_delivered(ids: Sequence[int]) -> dict[int, int]:
    """Minutes of completed sessions here, by therapist; consultations are no therapy and do not count."""
    length = func.extract("epoch", Booking.ends_at - Booking.starts_at) / 60
    counted = select(Booking.therapist_id, func.sum(length)).where(Booking.therapist_id.in_(ids), Booking.state == "completed", Booking.kind == "session")
    return {therapist_id: int(minutes) for therapist_id, minutes in db.session.execute(counted.group_by(Booking.therapist_id))}


def verified_count(*, now: datetime) -> tuple[int, int]:
    """(therapists, countries) shown today with a credential that is current in every zone of the world; who is barred or on hold is not counted."""
    tomorrow = (now + timedelta(days=1)).date()
    accepted = [slug for slug, register in vocabulary().registers.items() if register.accepted_for_practice and not register.add_on_to]
    current = exists().where(
        Credential.therapist_id == Therapist.person_id,
        Credential.state.in_(LIVE_STATES),
        Credential.expires_on > tomorrow,
        Credential.checked_at >= now - RECHECK_EVERY - NEW_CLIENTS_STOP_AFTER,
        Credential.decided_at >= now - CHECKED_WITHIN,
        Credential.register.in_(accepted),
    )
    barred = exists().where(Credential.therapist_id == Therapist.person_id, or_(Credential.restricted, Credential.state.in_(("suspended", "revoked"))))
    shown = select(func.count(), func.count(Therapist.country.distinct())).where(
        Therapist.published_at.is_not(None), Therapist.held_at.is_(None), _not_left(now), current, ~barred
    )
    therapists, countries = db.session.execute(shown).one()
    return therapists, countries


def _after(wanted: Select[Any], position: tuple[datetime, object] | None, limit: int) -> Sequence[Therapist]:
    if position is not None:
        wanted = wanted.where(tuple_(Therapist.published_at, Therapist.public_id) > tuple_(*position))
    found: Sequence[Therapist] = db.session.scalars(wanted.limit(limit).execution_options(populate_existing=True)).all()
    return found


def _entries(batch: Sequence[Therapist], filters: Filters, now: datetime) -> list[Entry]:
    shown = [each for each in batch if is_listed(each, now=now)]
    law: dict[int, Authorisation] = {}
    if filters.place is not None and shown:
        standing, modes = standings([each.person_id for each in shown]), [filters.mode or "video"]
        law = {each.person_id: authorisation(standing[each.person_id], filters.place, modes, now, now=now) for each in shown}
        shown = [each for each in shown if law[each.person_id].is_given]
    openings = next_openings(shown, mode=filters.mode, unit=filters.unit, now=now)
    if filters.opening_within is not None:
        shown = [each for each in shown if each.person_id in openings and openings[each.person_id] <= now + filters.opening_within]
    minutes = minutes_delivered([each.person_id for each in shown])
    return [Entry(each, openings.get(each.person_id), law.get(each.person_id), minutes.get(each.person_id, 0)) for each in shown]


def _not_left(now: datetime) -> ColumnElement[bool]:
    return or_(Therapist.leaves_at.is_(None), Therapist.leaves_at > now)


def _current(place: str | None, now: datetime) -> ColumnElement[bool]:
    # A day of slack either way covers every zone; `is_listed` and the law decide exactly.
    rules = [Credential.therapist_id == Therapist.person_id, Credential.state.in_(LIVE_STATES), Credential.expires_on >= (now - timedelta(days=1)).date()]
    if place is not None:
        rules.append(_list("&&", Credential.jurisdictions, place, place.split("-")[0]))
    return exists().where(and_(*rules))


def _list(operator: str, column: Any, *words: str) -> ColumnElement[bool]:
    """``@>``: the list holds all of these words; ``&&``: at least one."""
    theirs: ColumnElement[bool] = column.bool_op(operator)(cast(list(words), ARRAY(String)))
    return theirs


def _row(table: Any, column: Any, slug: str | None, *more: ColumnElement[bool]) -> ColumnElement[bool] | None:
    return exists().where(table.therapist_id == Therapist.person_id, column == slug, *more) if slug is not None else None


def _accepting(asked: bool | None, now: datetime) -> ColumnElement[bool] | None:
    if asked is None:
        return None
    return accepting_at(now) if asked else not_(accepting_at(now))


def _identity(asked: tuple[str, str] | None) -> ColumnElement[bool] | None:
    if asked is None:
        return None
    theirs = IdentityStatement.therapist_id == Therapist.person_id
    return exists().where(
        theirs, IdentityStatement.kind == asked[0], IdentityStatement.value == asked[1], IdentityStatement.relation == "shares", IdentityStatement.published
    )


def _session(filters: Filters) -> ColumnElement[bool] | None:
    """One session that is offered meets unit, mode and fee together; a concession counts only where it was asked for."""
    if not (filters.unit or filters.mode or filters.ceiling or filters.concession):
        return None
    rules: list[ColumnElement[bool]] = [Service.therapist_id == Therapist.person_id, Service.active.is_(True), Service.kind == "session"]
    if filters.unit:
        rules.append(Service.unit == filters.unit)
    if filters.mode:
        rules.append(Service.mode == filters.mode)
    if filters.ceiling is not None:
        fits = Service.fee_amount <= filters.ceiling.amount
        reduced = exists().where(Concession.service_id == Service.id, Concession.fee_amount <= filters.ceiling.amount)
        rules += [Service.fee_currency == filters.ceiling.currency, or_(fits, reduced) if filters.concession else fits]
    elif filters.concession:
        rules.append(exists().where(Concession.service_id == Service.id))
    return exists().where(*rules)


def _named(name: str) -> ColumnElement[bool] | None:
    """Names that begin so, or hold a word that does; where there is none, names that look like it."""
    folded = " ".join(phrase(name))
    if not folded:
        return None
    starts = Therapist.folded_name.startswith(folded, autoescape=True)
    words = Therapist.search.bool_op("@@")(func.to_tsquery(SIMPLE, " & ".join(f"{word}:*" for word in phrase(name))))
    begins = or_(starts, and_(words, Therapist.folded_name.contains(folded, autoescape=True)))
    if db.session.scalar(select(Therapist.person_id).where(begins, Therapist.published_at.is_not(None)).limit(1)) is not None:
        return begins
    everybody = select(Therapist.person_id, Therapist.folded_name).where(Therapist.published_at.is_not(None))
    names = {row.person_id: row.folded_name for row in db.session.execute(everybody)}
    like = process.extract(folded, names, scorer=fuzz.WRatio, score_cutoff=LIKE_A_NAME, limit=MOST_NAMES)
    return Therapist.person_id.in_([person_id for _, _, person_id in like])
