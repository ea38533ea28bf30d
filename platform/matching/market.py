"""Therapists out of the database as the ranking sees them: published ones, with real openings where they may treat these people. Read fresh, never cached."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking.openings.availability import openings_between
from booking.track_record.measure import track_records_of
from booking.track_record.models import TrackRecord
from care.capacity import places_taken
from core.db import db
from core.money import Money
from matching.candidate import Candidate, OfferedService, Record, Style
from matching.faces import Face, Shown, face_of
from matching.listing import TALK, Occasion, bookable, may_treat, offered_to
from matching.ranking import Ranked
from therapists.accepting import is_accepting
from therapists.audiences import helps_to_find, is_shown
from therapists.checked_credentials import checked_credentials
from therapists.facts import standings
from therapists.models import Service, Therapist
from therapists.standing import ServiceFacts, Standing

HORIZON = timedelta(days=28)
POPULATION = "population"
SPOKEN_LEVELS = ("native", "working")
# What the functions below have to find loaded.
STATED = (
    selectinload(Therapist.modalities),
    selectinload(Therapist.concerns),
    selectinload(Therapist.languages),
    selectinload(Therapist.identities),
    selectinload(Therapist.services).selectinload(Service.concessions),
    selectinload(Therapist.services).selectinload(Service.place),
)


@dataclass(frozen=True)
class Market:
    """Candidates, and what cards say of them, by the public key of the therapist."""

    candidates: tuple[Candidate, ...]
    faces: dict[str, Face]


def market_for(
    occasion: Occasion, *, client_id: int | None, signed_in: bool, only: Collection[str] | None = None, ids: Collection[int] | None = None
) -> Market:
    """Everybody who is published, or those of `only` (public ids) or `ids`. Openings are looked up only for those who may treat these people.

    With `client_id`, openings that clash with that person's own time are left out. What therapists state for clients alone serves no guest: `signed_in`.
    """
    wanted = select(Therapist).where(Therapist.published_at.is_not(None)).options(*STATED).order_by(Therapist.person_id)
    if only is not None:
        wanted = wanted.where(Therapist.public_id.in_(list(only)))
    if ids is not None:
        wanted = wanted.where(Therapist.person_id.in_(list(ids)))
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).unique().all()
    taken = places_taken([therapist.person_id for therapist in found])
    standing = standings([therapist.person_id for therapist in found])
    measured = track_records_of([therapist.person_id for therapist in found])
    candidates = [
        candidate_of(
            each,
            standing[each.person_id],
            places_taken=taken.get(each.person_id, 0),
            signed_in=signed_in,
            now=occasion.now,
            measured=measured.get(each.person_id),
        )
        for each in found
    ]
    checked = checked_credentials([therapist.person_id for therapist in found])
    faces = {str(therapist.public_id): face_of(therapist, checked[therapist.person_id]) for therapist in found}
    return Market(_with_openings(occasion, candidates, client_id=client_id), faces)


def shown_of(ranked: Ranked, occasion: Occasion, market: Market) -> Shown:
    """Somebody of this market as they are to be shown."""
    talks = tuple(bookable(occasion, ranked.candidate, each) for each in offered_to(occasion, ranked.candidate, TALK))
    return Shown(ranked, market.faces[ranked.candidate.key], talks)


def candidate_of(
    therapist: Therapist, standing: Standing, *, places_taken: int, signed_in: bool, now: datetime, measured: TrackRecord | None = None
) -> Candidate:
    """What this therapist states to this audience and what was checked; needs everything loaded. Openings are added later."""
    core = sorted((row for row in therapist.concerns if row.core_position is not None), key=lambda row: row.core_position or 0)
    spoken = (row.language for row in therapist.languages if row.level in SPOKEN_LEVELS)
    return Candidate(
        therapist_id=therapist.person_id,
        key=str(therapist.public_id),
        standing=standing,
        accepting=is_accepting(therapist, now=now),
        free_places=None if therapist.places is None else max(0, therapist.places - places_taken),
        waitlist_open=therapist.waitlist_open,
        core_concerns=tuple(row.concern for row in core),
        verified_concerns=frozenset(row.concern for row in therapist.concerns if row.verified_at is not None),
        declared_concerns=frozenset(row.concern for row in therapist.concerns if row.core_position is None),
        modalities=frozenset(row.modality for row in therapist.modalities),
        verified_modalities=frozenset(row.modality for row in therapist.modalities if row.verified_at is not None),
        languages=frozenset(spoken),
        shares=_stated(therapist, "shares", lambda audience: is_shown(audience, signed_in=signed_in)),
        shares_if_asked=_stated(therapist, "shares", helps_to_find),
        experienced=_experienced(therapist, lambda audience: is_shown(audience, signed_in=signed_in)),
        experienced_if_asked=_stated(therapist, "experienced_with", helps_to_find),
        access=frozenset(therapist.access),
        insurers=frozenset(therapist.insurers),
        record=record_of(therapist, measured),
        style=Style(therapist.style_led, therapist.style_intensity, therapist.style_past, therapist.style_warmth),
        services=tuple(_offered(service) for service in therapist.services if service.active),
    )


def record_of(therapist: Therapist, measured: TrackRecord | None) -> Record:
    """What was measured, beside what they promise."""
    if measured is None:
        return Record(promised_hours=therapist.answer_within_hours)
    names = ("requests", "on_time", "appointments", "kept", "usual_answer_hours")
    return Record(**{name: getattr(measured, name) for name in names}, promised_hours=therapist.answer_within_hours)


def openings_from(now: datetime, service_ids: Collection[int], *, client_id: int | None) -> dict[int, tuple[int, ...]]:
    """Real openings inside the horizon, as rising UTC seconds, by service."""
    found = openings_between(service_ids, now, now + HORIZON, now=now, client_id=client_id)
    return {service_id: tuple(int(start.timestamp()) for start in starts) for service_id, starts in found.items()}


def _with_openings(occasion: Occasion, candidates: Sequence[Candidate], *, client_id: int | None) -> tuple[Candidate, ...]:
    """Whoever may not treat these people is not asked for time."""
    unit = occasion.wishes.unit
    asked = [
        service.service_id
        for candidate in candidates
        for service in candidate.services
        if service.facts.unit == unit and may_treat(occasion, candidate, service)
    ]
    openings = openings_from(occasion.now, asked, client_id=client_id) if asked else {}

    def timed(candidate: Candidate) -> Candidate:
        return replace(candidate, services=tuple(replace(each, openings=openings.get(each.service_id, ())) for each in candidate.services))

    return tuple(timed(candidate) for candidate in candidates)


def _offered(service: Service) -> OfferedService:
    return OfferedService(
        service_id=service.id,
        # As at every door: a trainee is labelled as supervised, and never counts where a floor of competence is needed.
        facts=ServiceFacts(service.kind, service.unit, frozenset({service.mode}), supervised_allowed=True),
        minutes=service.minutes,
        fee=service.fee,
        concessions=tuple(Money(row.fee_amount, service.fee_currency) for row in service.concessions),
        on_request=service.booking_mode == "request",
        town=service.place.town if service.place is not None else None,
    )


def _stated(therapist: Therapist, relation: str, may: Callable[[str], bool]) -> dict[str, frozenset[str]]:
    rows = [row for row in therapist.identities if row.relation == relation and may(row.audience)]
    return {kind: frozenset(row.value for row in rows if row.kind == kind) for kind in {row.kind for row in rows}}


def _experienced(therapist: Therapist, may: Callable[[str], bool]) -> dict[str, frozenset[str]]:
    stated = _stated(therapist, "experienced_with", may)
    populations = stated.get(POPULATION, frozenset()) | frozenset(therapist.populations)
    return stated | {POPULATION: populations} if populations else stated
