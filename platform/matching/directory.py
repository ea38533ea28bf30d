"""The directory: everybody who is published and whose credentials count today, filtered by what they published. No score, one order, no hidden fact.

Without a place it shows everybody; with one, only those who may treat somebody who is there (`therapists.authorisation`). What can be asked for is
`directory_filters`' to say. A page is read in a handful of statements, whatever its length, and as columns: nothing of it is an object of the session.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, DateTime, Select, Uuid, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from booking.delivered import COUNTED, MINUTES
from booking.models import Booking
from booking.openings.availability import offers_of, openings_of
from core.http import cursor_of
from core.reading import Reading
from desk.listing import position_in
from matching.directory_filters import Conditions, Filters, conditions, is_shown_to
from therapists.authorisation import authorisation
from therapists.badges import Badge, badges_from
from therapists.checked_credentials import checked_credentials
from therapists.facts import checks_of
from therapists.grounds import Authorisation
from therapists.models import Service, SpokenLanguage, Therapist
from therapists.required_checks import supported
from therapists.standing import CheckFacts, CredentialFacts, Standing

# How far the next opening is looked for: near first, past any weekend, because most are near.
STEPS = (timedelta(days=4), timedelta(days=28))
MOST_READ = 200  # rows of one request; a page may then be shorter, and says that there is more


class Offered(NamedTuple):
    """A service that can be booked; the fee in minor units."""

    id: int
    kind: str
    unit: str
    mode: str
    fee_amount: int
    fee_currency: str


class Line(NamedTuple):
    """What the directory shows of a profile. `services` become `Offered`."""

    person_id: int
    public_id: uuid.UUID
    display_name: str
    headline: str
    age_bands: list[str]
    country: str
    accepting: bool
    accepting_said_at: datetime
    collects: str | None
    works_from: str | None
    units: list[str]
    hours_declared: int | None
    insurers: list[str]
    answer_within_hours: int
    photo_digest: str | None
    photo_alt: str
    published_at: datetime
    languages: list[str]
    services: list[Offered]
    minutes_here: int

    @property
    def sessions(self) -> list[Offered]:
        return [service for service in self.services if service.kind == "session"]


def _lines() -> Select[Any]:
    """Everybody as a `Line`, the longest published first."""
    spoken = select(SpokenLanguage.language).where(SpokenLanguage.therapist_id == Therapist.person_id).order_by(SpokenLanguage.language)
    languages = func.array(spoken.scalar_subquery())
    service = func.jsonb_build_array(*[getattr(Service, name) for name in Offered._fields])
    services = select(func.jsonb_agg(aggregate_order_by(service, Service.id))).where(Service.therapist_id == Therapist.person_id, Service.active)
    own = {"languages": languages, "services": services.scalar_subquery(), "minutes_here": _minutes_here()}
    columns = [own[name].label(name) if name in own else getattr(Therapist, name) for name in Line._fields]
    return select(*columns).order_by(Therapist.published_at, Therapist.public_id)


def _minutes_here() -> Any:
    return select(MINUTES).where(Booking.therapist_id == Therapist.person_id, *COUNTED).scalar_subquery()


LINES = _lines()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the therapist, their badges, the next real opening of a session, and whether they may treat somebody in the place that was named."""

    therapist: Line
    badges: list[Badge]
    next_opening: datetime | None
    authorisation: Authorisation | None


@dataclass(frozen=True)
class DirectoryPage:
    items: Sequence[Entry]
    next: str | None


@dataclass
class _Reading:
    entries: list[Entry] = field(default_factory=list)
    position: tuple[datetime, uuid.UUID] | None = None
    read: int = 0


def directory(filters: Filters, *, limit: int, now: datetime, cursor: str | None = None) -> DirectoryPage:
    """One page, the longest published first. What only Python can judge (law, lapses by zone, real time) drops out as it is read.

    The position of a page is that of the last profile that was looked at, shown or not: whatever changes meanwhile, nobody comes twice and nobody who
    stays is left out.
    """
    wanted = conditions(filters, now=now)
    reading, more = _Reading(position=position_in(cursor) if cursor is not None else None), True
    while more and len(reading.entries) < limit and reading.read < MOST_READ:
        wish = limit - len(reading.entries)
        found = _after(wanted, reading.position, wish + 1)
        more, batch = len(found) > wish, found[:wish]
        reading.entries += entries(batch, filters, now=now)
        if batch:
            reading.position, reading.read = (batch[-1].published_at, batch[-1].public_id), reading.read + len(batch)
    position = reading.position
    return DirectoryPage(reading.entries, cursor_of(position[0].isoformat(), str(position[1])) if more and position else None)


def entries(batch: Sequence[Line], filters: Filters, *, now: datetime) -> list[Entry]:
    """Those of the lines that are shown to somebody with these filters, complete."""
    held = checked_credentials([each.person_id for each in batch])
    checks = checks_of(held)
    standing = {each.person_id: _standing(each, [facts for facts, _ in held[each.person_id]], checks[each.person_id]) for each in batch}
    shown = [each for each in batch if is_shown_to(standing[each.person_id], filters, now=now)]
    law: dict[int, Authorisation] = {}
    if filters.place is not None and shown:
        modes = [filters.mode or "video"]
        law = {each.person_id: authorisation(supported(standing[each.person_id], now, now=now), filters.place, modes, now, now=now) for each in shown}
        shown = [each for each in shown if law[each.person_id].is_given]
    openings = next_openings(shown, mode=filters.mode, unit=filters.unit, now=now)
    if filters.opening_within is not None:
        shown = [each for each in shown if each.person_id in openings and openings[each.person_id] <= now + filters.opening_within]
    return [Entry(each, badges_from(held[each.person_id], now=now), openings.get(each.person_id), law.get(each.person_id)) for each in shown]


def _standing(line: Line, credentials: Sequence[CredentialFacts], checks: Sequence[CheckFacts]) -> Standing:
    """As much as lists judge by: who is held or has left is on no line."""
    return Standing(
        therapist_id=line.person_id,
        credentials=tuple(credentials),
        barred=False,
        units=frozenset(line.units),
        age_bands=frozenset(line.age_bands),
        works_from=line.works_from,
        country=line.country,
        checks=tuple(checks),
    )


def next_openings(therapists: Iterable[Line], *, mode: str | None, unit: str | None, now: datetime) -> dict[int, datetime]:
    """The first opening of a session of each of these, within four weeks; who has none is missing."""
    ids = [each.id for line in therapists for each in line.sessions if mode in (None, each.mode) and unit in (None, each.unit)]
    offers, found, since = offers_of(ids), dict[int, datetime](), now
    for step in STEPS:
        waiting = [offer for offer in offers.values() if offer.therapist_id not in found]
        for service_id, starts in openings_of(waiting, since, now + step, now=now, limit=1).items():
            if starts:
                person_id = offers[service_id].therapist_id
                found[person_id] = min(starts[0], found.get(person_id, starts[0]))
        since = now + step
    return found


def _after(wanted: Conditions, position: tuple[datetime, uuid.UUID] | None, limit: int) -> list[Line]:
    given = wanted.given | {"limit": limit}
    if position is not None:
        given |= {"after_instant": position[0], "after_id": position[1]}
    return [_line(row) for row in _page_of(wanted.rules, is_first=position is None).tuples(given)]


@cache
def _page_of(rules: tuple[ColumnElement[bool], ...], *, is_first: bool) -> Reading:
    """The statement of one shape of question; putting one together costs more than running it."""
    after = tuple_(bindparam("after_instant", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid))
    beyond = () if is_first else (tuple_(Therapist.published_at, Therapist.public_id) > after,)
    return Reading(LINES.where(*rules, *beyond).limit(bindparam("limit", type_=BigInteger)))


def _line(row: Any) -> Line:
    line = Line(*row)
    return line._replace(services=[Offered(*each) for each in line.services or ()], minutes_here=int(line.minutes_here))
