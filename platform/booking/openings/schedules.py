"""Schedules out of the database as the pure engine reads them: one statement however many there are, or a column of somebody else's."""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from booking.openings.schedule import Absence, DateOverride, Schedule, WeeklyRule, ZoneChange
from core.reading import Reading
from therapists.holiday_calendars import is_calendar, names_of_holidays
from therapists.schedule_models import HoursOverride, ScheduleZoneChange, TherapistSchedule, TimeOff, WorkingHours


@dataclass(frozen=True, slots=True)
class ScheduleNamed:
    """A schedule's own row; `zone` is the therapist's where it has none."""

    id: int
    name: str
    zone: str
    country: str | None
    subdivision: str | None


@dataclass(slots=True)
class _Rules:
    weekly: list[WeeklyRule] = field(default_factory=list)
    overrides: dict[date, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    absences: list[Absence] = field(default_factory=list)
    zone_changes: list[ZoneChange] = field(default_factory=list)


# Statements are built once: putting one together costs more than running it.
_week, _day, _travel, _off = WorkingHours.__table__.c, HoursOverride.__table__.c, ScheduleZoneChange.__table__.c, TimeOff.__table__.c


def rules_of(schedule: FromClause) -> ScalarSelect[Any]:
    """Everything that belongs to a schedule's row, as the text of one JSON list of ["hours", weekday, from minute, to minute], ["override", date, from
    minute, to minute], ["travel", date, zone] and ["off", first date, last date, from minute, to minute]; NULL if there is nothing.
    """
    own = schedule.c

    def told(kind: str, *columns: ColumnElement[Any], of: ColumnElement[bool]) -> Select[Any]:
        return select(func.json_build_array(literal_column(f"'{kind}'"), *columns).label("rule")).where(of).correlate(schedule)

    on_this = and_(_off.therapist_id == own.therapist_id, or_(_off.schedule_id.is_(None), _off.schedule_id == own.id))
    rules = union_all(
        told("hours", _week.weekday, _week.from_minute, _week.to_minute, of=_week.schedule_id == own.id),
        told("override", _day.day, _day.from_minute, _day.to_minute, of=_day.schedule_id == own.id),
        told("travel", _travel.day, _travel.zone, of=_travel.schedule_id == own.id),
        told("off", _off.first_day, _off.last_day, _off.from_minute, _off.to_minute, of=on_this),
    ).subquery()
    return select(cast(func.json_agg(rules.c.rule), Text)).correlate(schedule).scalar_subquery()


_schedule_row = TherapistSchedule.__table__
_RULES = Reading(
    select(_schedule_row.c.id, rules_of(_schedule_row).label("rules")).where(_schedule_row.c.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
)


def schedules_of(named: Collection[ScheduleNamed]) -> dict[int, Schedule]:
    """The schedules by id, each with its week, dates, time off, travel and holidays."""
    rows_of = {each.id: each for each in named}
    found = dict(_RULES.tuples({"ids": sorted(rows_of)})) if rows_of else {}
    return {schedule_id: schedule_from(row, found.get(schedule_id)) for schedule_id, row in rows_of.items()}


def schedule_from(row: ScheduleNamed, rules: str | None) -> Schedule:
    """The schedule of this row with the rules that `rules_of` told."""
    read = _Rules()
    for kind, *facts in json.loads(rules or "[]"):
        if kind == "hours":
            read.weekly.append(WeeklyRule(*facts))
        elif kind == "override":
            day, opens, closes = facts
            spans = read.overrides[date.fromisoformat(day)]
            if opens is not None and closes is not None:
                spans.append((opens, closes))
        elif kind == "travel":
            read.zone_changes.append(ZoneChange(date.fromisoformat(facts[0]), facts[1]))
        else:
            first, last, *minutes = facts
            read.absences.append(Absence(date.fromisoformat(first), date.fromisoformat(last), *minutes))
    return _schedule(row, read)


def _schedule(row: ScheduleNamed, rules: _Rules) -> Schedule:
    # A later edition of the calendars may lack a subdivision that an earlier one had: then no holiday is taken, rather than none offered.
    has_calendar = row.country is not None and is_calendar(row.country, row.subdivision)
    return Schedule(
        zone=row.zone,
        weekly=tuple(rules.weekly),
        overrides=tuple(DateOverride(day, tuple(spans)) for day, spans in rules.overrides.items()),
        absences=tuple(rules.absences),
        zone_changes=tuple(rules.zone_changes),
        holiday=names_of_holidays(row.country, row.subdivision) if has_calendar and row.country is not None else None,
    )
