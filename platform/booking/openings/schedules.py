"""Schedules out of the database as the pure engine reads them: two statements however many there are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text

from booking.openings.schedule import Absence, DateOverride, Schedule, WeeklyRule, ZoneChange
from core.db import db
from therapists.holiday_calendars import is_calendar, names_of_holidays


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


_RULES = text(
    """
    SELECT schedule_id, 'hours' AS kind, CAST(NULL AS date) AS first, CAST(NULL AS date) AS last, weekday, from_minute, to_minute, NULL AS zone
      FROM working_hours WHERE schedule_id = ANY(CAST(:ids AS bigint[]))
    UNION ALL
    SELECT schedule_id, 'override', day, NULL, NULL, from_minute, to_minute, NULL
      FROM hours_overrides WHERE schedule_id = ANY(CAST(:ids AS bigint[]))
    UNION ALL
    SELECT schedule_id, 'travel', day, NULL, NULL, NULL, NULL, zone
      FROM schedule_zone_changes WHERE schedule_id = ANY(CAST(:ids AS bigint[]))
    UNION ALL
    SELECT s.id, 'off', o.first_day, o.last_day, NULL, o.from_minute, o.to_minute, NULL
      FROM schedules s JOIN time_off o ON o.therapist_id = s.therapist_id AND (o.schedule_id IS NULL OR o.schedule_id = s.id)
      WHERE s.id = ANY(CAST(:ids AS bigint[]))
    """
)


def schedules_of(named: Collection[ScheduleNamed]) -> dict[int, Schedule]:
    """The schedules by id, each with its week, dates, time off, travel and holidays."""
    rows_of = {each.id: each for each in named}
    rules: defaultdict[int, _Rules] = defaultdict(_Rules)
    found = db.session.execute(_RULES, {"ids": sorted(rows_of)}).all() if rows_of else ()
    for schedule_id, kind, first, last, weekday, opens, closes, zone in found:
        own = rules[schedule_id]
        if kind == "hours":
            own.weekly.append(WeeklyRule(weekday, opens, closes))
        elif kind == "override":
            spans = own.overrides[first]
            if opens is not None and closes is not None:
                spans.append((opens, closes))
        elif kind == "travel":
            own.zone_changes.append(ZoneChange(first, zone))
        else:
            own.absences.append(Absence(first, last, opens, closes))
    return {schedule_id: _schedule(row, rules[schedule_id]) for schedule_id, row in rows_of.items()}


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
