"""Wishes about times as people write them, a line for each weekday, and as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from booking.waitlist.reading import EntryShown
from therapists.practice_pages.hours.form import WEEK, week_sent, written_minute


def wishes_sent(sent: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """As `join` over the API takes them, and under which field of the form what is wrong belongs. A time that is none is left as it stands, and refused."""
    written, places = week_sent(sent)
    times = [{"weekday": each["weekday"], "from_minute": _minute(each["from"]), "to_minute": _minute(each["to"])} for each in written["windows"]]
    dates = {name: text for name in ("earliest", "latest") if (text := sent.get(name, "").strip())}
    return {"times": times, "any_of_kind": sent.get("any_of_kind") == "yes", **dates}, {
        **{path.replace("windows", "times"): field for path, field in places.items()},
        "times": "day-0",
    }


def wishes_in_words(entry: EntryShown) -> str:
    """Such as ``Tuesday 18:00 to 21:00; not before 2026-12-01``."""
    times = [f"{WEEK[each.weekday]} {written_minute(each.from_minute)} to {written_minute(each.to_minute)}" for each in _in_order(entry.times)]
    dates = [f"not before {entry.earliest.isoformat()}"] if entry.earliest else []
    dates += [f"not after {entry.latest.isoformat()}"] if entry.latest else []
    return "; ".join([", ".join(times) or "at any time", *dates])


def _in_order(times: Sequence[Any]) -> list[Any]:
    return sorted(times, key=lambda each: (each.weekday, each.from_minute))


def _minute(text: str) -> int | str:
    hours, _, minutes = text.partition(":")
    is_clock = len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal() and (hours + minutes).isascii() and minutes < "60"
    return int(hours) * 60 + int(minutes) if is_clock else text
