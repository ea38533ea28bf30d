"""How a session went, as it may be reported: who may say what, from when on, and what the other side may contest. Pure; instants are aware UTC.

Unless somebody reports otherwise within a day of its end, a session took place. What says that it did not stands open for three days, in which the other
side may contest it; a person then decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["client", "therapist"]
COMPLETED_AFTER = timedelta(hours=24)
CONTESTED_WITHIN = timedelta(hours=72)
WAITED = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Report:
    """`sides` may say it; `from_start` after the start, or from the end on when None."""

    sides: frozenset[Side]
    took_place: bool
    from_start: timedelta | None = timedelta(0)


BOTH: frozenset[Side] = frozenset({"client", "therapist"})
REPORTS: dict[str, Report] = {
    "took_place": Report(frozenset({"therapist"}), took_place=True, from_start=None),
    "ended_early": Report(BOTH, took_place=True),
    "client_absent": Report(frozenset({"therapist"}), took_place=False, from_start=WAITED),
    "therapist_absent": Report(frozenset({"client"}), took_place=False, from_start=WAITED),
    "technical_failure": Report(BOTH, took_place=False),
}
# What only a person at the desk, or nobody's answer, makes of it.
UNCLEAR = "unclear"
DECIDED = (*REPORTS, UNCLEAR)


def took_place(outcome: str) -> bool:
    """Whether a booking with this outcome is completed, rather than one that did not happen."""
    return outcome in REPORTS and REPORTS[outcome].took_place


def reportable(side: Side, *, starts_at: datetime, ends_at: datetime, now: datetime, is_group: bool = False) -> list[str]:
    """What this side may report now; nothing once the day after the end is over. Who of a group was absent says nothing of the others."""
    if now >= ends_at + COMPLETED_AFTER:
        return []
    return [
        outcome
        for outcome, report in REPORTS.items()
        if side in report.sides
        and not (is_group and outcome == "client_absent")
        and now >= (ends_at if report.from_start is None else starts_at + report.from_start)
    ]


def contest_until(reported_at: datetime) -> datetime:
    """The other side may contest it before this instant."""
    return reported_at + CONTESTED_WITHIN


def final_at(outcome: str | None, *, reported_at: datetime | None, ends_at: datetime) -> datetime:
    """When an uncontested booking is settled by itself."""
    if outcome is None or reported_at is None or took_place(outcome):
        return ends_at + COMPLETED_AFTER
    return contest_until(reported_at)
