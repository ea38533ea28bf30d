"""Hours as people write them (``09:00-12:30, 14:00-18:00``), and the forms of a schedule as texts and back into the bodies that the API takes."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, TypeAlias

from core.forms import whole_number
from therapists.schedule_models import HoursOverride, TherapistLimits, TherapistSchedule, WorkingHours

Body: TypeAlias = dict[str, Any]
Sent: TypeAlias = Mapping[str, str]
# Under which field of the form an error of the API belongs.
Places: TypeAlias = dict[str, str]
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EMPTY_ROWS, MOST_DATES, MOST_TRAVELS = 3, 400, 60
LIMITS = ("day_sessions", "day_minutes", "week_sessions", "week_minutes")


def week_of(schedule: TherapistSchedule) -> Body:
    """A line for each day."""
    return {f"day-{day}": _written(row for row in schedule.hours if row.weekday == day) for day in range(len(WEEK))}


def week_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_hours` over the API takes it."""
    windows: list[Body] = []
    places: Places = {}
    for day in range(len(WEEK)):
        for span in _spans(sent.get(f"day-{day}", "")):
            places[f"windows.{len(windows)}"] = f"day-{day}"
            windows.append({"weekday": day, **span})
    return {"windows": windows}, places


def dates_of(schedule: TherapistSchedule, *, since: str) -> Body:
    """The dates from `since` on that differ."""
    rows = sorted((row for row in schedule.overrides if row.day.isoformat() >= since), key=lambda row: row.day)
    texts: Body = {}
    for at, (day, of_day) in enumerate(groupby(rows, key=lambda row: row.day)):
        texts |= {f"days.{at}.day": day.isoformat(), f"days.{at}.hours": _written(row for row in of_day if row.from_minute is not None)}
    return texts


def dates_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_overrides` over the API takes them. A row with hours and no date is asked for its date."""
    rows = [at for at in range(MOST_DATES + EMPTY_ROWS) if _text(sent, f"days.{at}.day") or _text(sent, f"days.{at}.hours")]
    days: list[Body] = []
    places: Places = {}
    for index, at in enumerate(rows):
        day = _text(sent, f"days.{at}.day")
        days.append({**({"day": day} if day else {}), "windows": _spans(_text(sent, f"days.{at}.hours"))})
        places |= {f"days.{index}": f"days.{at}.day", f"days.{index}.windows": f"days.{at}.hours"}
    return {"days": days}, places


def travels_of(schedule: TherapistSchedule) -> Body:
    """From which date on in which zone."""
    rows = sorted(schedule.zone_changes, key=lambda row: row.day)
    return {f"changes.{at}.{name}": str(getattr(row, name)) for at, row in enumerate(rows) for name in ("day", "zone")}


def travels_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_zone_changes` over the API takes them."""
    rows = [at for at in range(MOST_TRAVELS + EMPTY_ROWS) if _text(sent, f"changes.{at}.day") or _text(sent, f"changes.{at}.zone")]
    changes = [{name: text for name in ("day", "zone") if (text := _text(sent, f"changes.{at}.{name}"))} for at in rows]
    return {"changes": changes}, {f"changes.{index}.{name}": f"changes.{at}.{name}" for index, at in enumerate(rows) for name in ("day", "zone")}


def about_of(schedule: TherapistSchedule) -> Body:
    """Name, zone, holidays, and whether it is the default one."""
    return {
        "name": schedule.name,
        "zone": schedule.zone or "",
        "country": schedule.holiday_country or "",
        "subdivision": schedule.holiday_subdivision or "",
        "is_default": "yes" if schedule.is_default else "",
    }


def about_sent(sent: Sent) -> tuple[Body, Places]:
    """As a change of a schedule over the API takes it."""
    country, subdivision = _text(sent, "country"), _text(sent, "subdivision")
    holidays = {"country": country, "subdivision": subdivision or None} if country else None
    body: Body = {"name": _text(sent, "name"), "zone": _text(sent, "zone") or None, "holidays": holidays}
    if sent.get("is_default") == "yes":
        body["is_default"] = True
    return body, {"holidays": "subdivision" if subdivision else "country", "holidays.country": "country", "holidays.subdivision": "subdivision"}


def limits_shown(limits: TherapistLimits) -> Body:
    """How much they take on in all."""
    texts: Body = {name: "" if getattr(limits, name) is None else str(getattr(limits, name)) for name in LIMITS}
    return {**texts, "week_start": str(limits.week_start), "count_requests": "yes" if limits.count_requests else ""}


def limits_sent(sent: Sent) -> Body:
    """As `set_limits` over the API takes them."""
    numbers: Body = {name: whole_number(text) if (text := _text(sent, name)) else None for name in LIMITS}
    return {**numbers, "week_start": whole_number(_text(sent, "week_start")), "count_requests": sent.get("count_requests") == "yes"}


def rows_shown(texts: Mapping[str, Any], name: str, *, most: int) -> range:
    """The rows of a list in which something stands, and a few empty ones."""
    return range(min(most, len({path.split(".")[1] for path, text in texts.items() if path.startswith(f"{name}.") and text}) + EMPTY_ROWS))


def written_minute(minute: int) -> str:
    """Such as 09:30."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _written(rows: Iterable[WorkingHours | HoursOverride]) -> str:
    spans = sorted((row.from_minute or 0, row.to_minute or 0) for row in rows)
    return ", ".join(f"{written_minute(start)}-{written_minute(end)}" for start, end in spans)


def _spans(written: str) -> list[dict[str, str]]:
    spans = (part.strip().partition("-") for part in written.split(",") if part.strip())
    return [{"from": start.strip(), "to": end.strip()} for start, _, end in spans]


def _text(sent: Sent, name: str) -> str:
    return sent.get(name, "").strip()
