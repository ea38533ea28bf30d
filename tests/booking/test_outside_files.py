"""Calendars that real programs wrote: 89 with the busy time expected of each, broken ones, and those on which readers disagree."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.settings import CHECKOUT
from booking.outside.busy import NotACalendar, OutsideBusy, read_busy

FOLDER = Path(os.environ.get("SHARED_DATA", CHECKOUT.parent / "shared")) / "data" / "ics"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the shared calendars are not beside this checkout (SHARED_DATA names another place)")

# What we choose where readers disagree, and why: docs/adr/0005-outside-calendars.md.
CHOSEN = {
    "ical__office_365_invalid_timezone.ics": "ical.js",  # an unknown zone without description is the owner's
    "icalendar__issue_526_calendar_with_different_events.ics": "ical.js",
    "icalendar__issue_526_calendar_with_event_subset.ics": "ical.js",
    "icalendar__issue_526_calendar_with_events.ics": "ical.js",
    "icalendar__issue_526_calendar_with_shuffeled_events.ics": "ical.js",
    "python-recurring-ical-events__issue_86_x_wr_timezone_without_time_zone_in_dt.ics": "ical.js",  # X-WR-TIMEZONE says nothing about floating times
    "ical__rrule-exdate-mismatch.ics": "libical",  # a whole day that ends where it begins lasts a day
    "ical__rrule-rdate-period.ics": "ical (Python)",  # a period added to a series is read
    "icalendar__period_with_timezone.ics": "recurring-ical-events+icalendar",
    "icalendar__rfc_7265_appendix_example_2_ical.ics": "recurring-ical-events+icalendar",
    "icalendar__issue_1633_rdate_with_dates.ics": None,  # a period of dates is whole days of the owner, not of UTC
    "icalendar__big_bad_calendar.ics": "ical (Python)",  # events without a start take no time and are told
    "icalendar__pr_480_summary_with_colon.ics": "ical (Python)",
    "icalendar__small_bad_calendar.ics": "ical (Python)",
}


def cases(name: str) -> list[dict[str, Any]]:
    return json.loads((FOLDER / f"{name}.json").read_text())["cases"] if FOLDER.exists() else []


def read(folder: str, case: dict[str, Any]) -> OutsideBusy:
    low, high = (int(datetime.fromisoformat(edge).timestamp()) for edge in case["window"])
    return read_busy((FOLDER / folder / case["file"]).read_bytes(), owner_zone=case["owner_tz"], window=(low, high))


def written(found: OutsideBusy) -> list[list[str]]:
    return [[f"{datetime.fromtimestamp(edge, UTC):%Y-%m-%dT%H:%M:%SZ}" for edge in interval] for interval in found.busy]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["file"]) for case in cases("expected")])
def test_each_calendar_gives_exactly_the_expected_busy_time(case: dict[str, Any]) -> None:
    assert written(read("files", case)) == case["busy"]


def test_there_are_eighty_nine_of_them() -> None:
    assert len(cases("expected")) == 89


# A bare time zone, and a duration whose misplaced T is understood: nothing of them is lost.
NOTHING_LOST = {"icalendar__fuzz_testcase_vtimezone_lone_cr.ics", "node-ical__test_date_duration.ics"}
NO_CALENDAR = {"libical__issue339.ics"}  # a visiting card


@pytest.mark.parametrize("case", [pytest.param(case, id=case["file"]) for case in cases("broken")])
def test_a_broken_calendar_is_read_as_far_as_it_goes_and_says_what_was_skipped(case: dict[str, Any]) -> None:
    if case["file"] in NO_CALENDAR:
        with pytest.raises(NotACalendar):
            read("broken", case)
        return
    found = read("broken", case)
    assert (bool(found.skipped) or not found.whole) == (case["file"] not in NOTHING_LOST)


@pytest.mark.parametrize("case", [pytest.param(case, id=case["file"]) for case in cases("disputed")])
def test_where_readers_disagree_ours_is_the_documented_one(case: dict[str, Any]) -> None:
    chosen = CHOSEN[case["file"]]
    expected = case["results"][chosen]["busy"] if chosen else [["1997-01-01T05:00:00Z", "1997-01-02T05:00:00Z"]]
    ours = written(read("disputed", case))
    assert ours[: len(expected)] == expected, "the results of others are kept up to their fortieth interval"
    assert len(ours) == len(expected) or len(expected) == 40
