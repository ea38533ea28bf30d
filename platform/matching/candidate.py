"""A therapist as the ranking sees them: stated and checked facts, services, real openings. Pure.

There is no field for what a therapist pays us, when they signed up, their name, title, years of experience or reviews: what is not here
cannot count. Lists are statements (what is not listed is not offered); only single facts can be unknown, and then they are None.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.money import Money
from progress.therapist_effect import Effect
from therapists.standing import ServiceFacts, Standing

CORE_CONCERNS = 5


@dataclass(frozen=True)
class Style:
    """The four dimensions, each -1..+1: client-led to therapist-led, reserve to intensity, present to past, challenge to warmth. None = not stated."""

    led: float | None = None
    intensity: float | None = None
    past: float | None = None
    warmth: float | None = None

    def items(self) -> tuple[tuple[str, float | None], ...]:
        return (("led", self.led), ("intensity", self.intensity), ("past", self.past), ("warmth", self.warmth))


NO_STYLE = Style()


# What a therapist usually does is told, and counts, from this many answers on.
ENOUGH_ANSWERS = 5


@dataclass(frozen=True)
class Record:
    """How reliably somebody has answered and come, as measured once a day (`booking.track_record`); all zero for somebody new.

    `on_time` of `requests` that were answered or left to lapse; `kept` of `appointments` whose time came or that the therapist called off.
    `usual_answer_hours`: four in five of their answers came within so many hours; None below `ENOUGH_ANSWERS`. `promised_hours` is their own promise.
    """

    requests: int = 0
    on_time: int = 0
    appointments: int = 0
    kept: int = 0
    usual_answer_hours: int | None = None
    promised_hours: int = 48

    @property
    def expected_answer_hours(self) -> int:
        return self.promised_hours if self.usual_answer_hours is None else self.usual_answer_hours

    @property
    def is_new(self) -> bool:
        """Too little is known to say how they usually are."""
        return self.requests + self.appointments < ENOUGH_ANSWERS

    @property
    def answer_basis(self) -> str:
        """Whether the expected hours are what was measured, or what they say themselves."""
        return "promised" if self.usual_answer_hours is None else "usual"


NEW_HERE = Record()


@dataclass(frozen=True)
class OfferedService:
    """One bookable service with its openings: ascending UTC seconds of starts inside the horizon.

    `concessions` are lower fees for people who say they need one; `town` is where sessions in person take place.
    """

    service_id: int
    facts: ServiceFacts
    minutes: int
    fee: Money
    concessions: tuple[Money, ...] = ()
    on_request: bool = False
    town: str | None = None
    openings: tuple[int, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """`key` is the public id. `free_places` None means that the therapist sets no limit.

    `shares` maps a kind of identity (gender, faith, ...) to the therapist's own published words; `experienced` maps a kind to whom they
    say they have experience with (`populations` for the closed list).
    The `_if_asked` ones count only for somebody who looks for exactly that value. `effects` are measured outcomes by domain (a concern).
    """

    therapist_id: int
    key: str
    standing: Standing
    accepting: bool = True
    free_places: int | None = None
    waitlist_open: bool = False
    core_concerns: tuple[str, ...] = ()
    verified_concerns: frozenset[str] = frozenset()
    declared_concerns: frozenset[str] = frozenset()
    modalities: frozenset[str] = frozenset()
    verified_modalities: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    shares: Mapping[str, frozenset[str]] = field(default_factory=dict)
    experienced: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shares_if_asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    experienced_if_asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    access: frozenset[str] = frozenset()
    insurers: frozenset[str] = frozenset()
    style: Style = NO_STYLE
    record: Record = NEW_HERE
    effects: Mapping[str, Effect] = field(default_factory=dict)
    services: tuple[OfferedService, ...] = ()

    @property
    def full_concerns(self) -> frozenset[str]:
        """Core concerns that count fully: among the first five in the therapist's own order, and checked."""
        return frozenset(self.core_concerns[:CORE_CONCERNS]) & self.verified_concerns

    @property
    def all_concerns(self) -> frozenset[str]:
        return frozenset(self.core_concerns) | self.declared_concerns

    @property
    def has_room(self) -> bool:
        """Takes new clients and has a place for one."""
        return self.accepting and (self.free_places is None or self.free_places > 0)
