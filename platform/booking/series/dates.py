"""Which dates of a series can be booked, and what stands against the others: the same rules as for a single booking, asked of every date."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from booking.openings.availability import Offer, instant_of, judge_starts
from booking.openings.limits import Tally, reached_with
from booking.refusals import AWAY, DETAILS, OpeningTaken
from booking.series.plan import Planned, Rhythm
from care.doors import refusals_over
from care.eligibility import Refusal
from core.http import as_text

WORDS = DETAILS | {
    "busy": OpeningTaken.detail,
    "client_busy": "You already have an appointment or a request at this time.",
    "may_not_treat": "The therapist cannot take this appointment on that day.",
    "paused": "Booking is paused until somebody has spoken with you.",
}
UNSAID = "This cannot be booked."
_Found: TypeAlias = Mapping[datetime, tuple[Sequence[str], Sequence[Refusal]]]


@dataclass(frozen=True, slots=True)
class JudgedDate:
    """One date with the codes of all that stands against it; none when it can be booked."""

    planned: Planned
    conflicts: tuple[str, ...]

    @property
    def start(self) -> datetime | None:
        return None if self.planned.start is None else instant_of(self.planned.start)

    @property
    def can_be_booked(self) -> bool:
        return self.start is not None and not self.conflicts

    def as_problem(self) -> dict[str, Any]:
        """As a member of a refusal."""
        start = self.start
        return {
            "position": self.planned.position,
            "wall": self.planned.wall,
            "start": None if start is None else as_text(start),
            "reasons": [{"code": code, "detail": WORDS.get(code, UNSAID)} for code in self.conflicts],
        }


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom, and by which rules. The own time of clients who were not asked yet says nothing; `passes_over` are rules set aside."""

    offer: Offer
    client_ids: tuple[int, ...]
    now: datetime
    ignoring: Collection[int] = ()
    passes_over: frozenset[str] = frozenset()
    clients_asked: bool = True


def judge(asked: Asked, dates: Iterable[Planned], *, enough: int) -> list[JudgedDate]:
    """Each date in order, until `enough` of them can be booked.

    Notice and booking window are asked of the first date alone: a series may reach beyond the window, as far as it may be long. Dates of the series that can
    be booked count for the later ones.
    """
    judged: list[JudgedDate] = []
    chosen: list[tuple[int, int]] = []
    plan = list(dates)
    found, tallies = _found(asked, plan)
    for planned in plan:
        if len(chosen) >= enough:
            break
        over = reached_with(tallies, chosen, planned.start, asked.offer.terms.minutes) if planned.start is not None else []
        date = JudgedDate(planned, tuple(_conflicts(asked, planned, over, found)))
        judged.append(date)
        if date.can_be_booked and planned.start is not None:
            chosen.append(asked.offer.terms.session(planned.start))
    return judged


def plan_of(rhythm: Rhythm, count: int, *, extends: bool) -> Iterable[Planned]:
    """The dates to be judged: `count`, or as many as there are for a series that makes up for what is taken."""
    return rhythm.dates() if extends else rhythm.plan(count)


def _found(asked: Asked, plan: Sequence[Planned]) -> tuple[_Found, Sequence[Tally]]:
    """By start what stands against the time and why the therapist may not; and the limits. Everything is read once, however many dates there are."""
    offer, starts = asked.offer, {planned.position: instant_of(planned.start) for planned in plan if planned.start is not None}
    each = [(offer if position == 1 else _later(offer), start) for position, start in starts.items()]
    clients = asked.client_ids if asked.clients_asked else ()
    judged = judge_starts(each, client_ids=clients, now=asked.now, ignoring=asked.ignoring)
    facts: dict[str, Any] = {"kind": offer.kind, "unit": offer.unit, "mode": offer.mode}
    refusals = refusals_over(offer.therapist_id, asked.client_ids, list(starts.values()), **facts, now=asked.now)
    return {start: (codes, refusals[start]) for (_, start), codes in zip(each, judged.obstacles, strict=True)}, judged.tallies


def _conflicts(asked: Asked, planned: Planned, over: Sequence[str], found: _Found) -> list[str]:
    if planned.start is None:
        return ["no_such_time"]
    obstacles, refusals = found[instant_of(planned.start)]
    codes = [code for code in dict.fromkeys(_said(obstacle) for obstacle in [*obstacles, *over]) if code not in asked.passes_over]
    if refusals:
        # A pause is the client's own affair: a therapist who proposes is not told of it.
        paused = asked.clients_asked and any(refusal.code == "paused" for refusal in refusals)
        codes.append("paused" if paused else "may_not_treat")
    return list(dict.fromkeys(codes))


def of_length(offer: Offer, minutes: int) -> Offer:
    """The same for sessions of another length, on the grid of the service."""
    return replace(offer, terms=offer.terms_for(minutes))


def _later(offer: Offer) -> Offer:
    return replace(offer, terms=replace(offer.terms, lead_seconds=0, days_ahead=None))


def _said(code: str) -> str:
    """Why somebody does not work is theirs."""
    return "out_of_hours" if code in AWAY else code
