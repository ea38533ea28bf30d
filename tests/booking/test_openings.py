"""The engine on the shared cases: what is listed, and what is not."""

from datetime import date

import pytest

from booking.openings.engine import Terms, openings, why_not
from booking.openings.schedule import Schedule, WeeklyRule, edge
from booking.openings.shifts import clock_shifts
from core.zones import day_bounds, known_zone, utc_offset
from tests.booking.moments import LONG_AGO, at, listed, minute, shown, works

NY = "America/New_York"
HOUR = Terms(60)
HALF = Terms(30)


def starts(day: str, *times: str) -> list[str]:
    return [f"{day}T{time}" for time in times]


def test_A1_the_day_of_the_change_keeps_the_wall_clock_hours():
    schedule = works(NY, "13:00-18:00")
    assert listed(schedule, HOUR, "2027-03-13") == starts("2027-03-13", "18:00", "19:00", "20:00", "21:00", "22:00")
    assert listed(schedule, HOUR, "2027-03-14") == starts("2027-03-14", "17:00", "18:00", "19:00", "20:00", "21:00")
    assert listed(schedule, HOUR, "2027-03-15") == starts("2027-03-15", "17:00", "18:00", "19:00", "20:00", "21:00")


def test_A2_the_autumn_change_moves_the_window_by_one_hour_of_utc():
    schedule = works(NY, "09:00-17:00")
    for day, first, last in (("06", "13:00", "20:00"), ("07", "14:00", "21:00"), ("08", "14:00", "21:00")):
        found = listed(schedule, HOUR, f"2027-11-{day}")
        assert (found[0], found[-1], len(found)) == (f"2027-11-{day}T{first}", f"2027-11-{day}T{last}", 8)


def test_A4_a_window_over_the_gap_is_an_hour_shorter_and_no_start_reads_two_oclock():
    found = listed(works(NY, "01:00-04:00", weekdays="6"), HALF, "2027-03-14")
    assert found == starts("2027-03-14", "06:00", "06:30", "07:00", "07:30")
    assert not any((at(start) + utc_offset(NY, at(start))) // 3600 % 24 == 2 for start in found)


def test_A5_the_repeated_hour_is_offered_twice_with_distinct_instants():
    found = listed(works(NY, "00:00-03:00", weekdays="6"), HALF, "2027-11-07")
    assert found == starts("2027-11-07", "04:00", "04:30", "05:00", "05:30", "06:00", "06:30", "07:00", "07:30")
    offsets = [utc_offset(NY, at(start)) // 3600 for start in found]
    assert offsets == [-4, -4, -4, -4, -5, -5, -5, -5]
    assert len(set(found)) == 8


def test_A6_a_window_that_begins_in_the_gap_begins_at_the_transition():
    schedule = works(NY, "02:30-05:00")
    assert listed(schedule, HOUR, "2027-03-14") == starts("2027-03-14", "07:00", "08:00")
    assert listed(schedule, HALF, "2027-03-14") == starts("2027-03-14", "07:00", "07:30", "08:00", "08:30")


def test_A7_a_midnight_that_does_not_exist_gives_the_transition():
    assert listed(works("Africa/Cairo", "00:00-02:00"), HALF, "2027-04-30") == ["2027-04-29T22:00", "2027-04-29T22:30"]


@pytest.mark.parametrize(
    ("zone", "day", "first", "end"),
    [
        pytest.param(NY, "2027-11-07", "2027-11-07T04:00", "2027-11-08T05:00", id="A9-25h"),
        pytest.param(NY, "2027-03-14", "2027-03-14T05:00", "2027-03-15T04:00", id="A9-23h"),
        pytest.param("America/Santiago", "2027-09-05", "2027-09-05T04:00", "2027-09-06T03:00", id="A9-no-midnight"),
        pytest.param("Australia/Lord_Howe", "2027-10-03", "2027-10-02T13:30", "2027-10-03T13:00", id="A9-23.5h"),
    ],
)
def test_A9_a_local_day_ends_where_the_next_begins(zone, day, first, end):
    assert tuple(map(shown, day_bounds(zone, date.fromisoformat(day)))) == (first, end)


def test_A10_a_whole_day_holds_as_many_hours_as_it_lasts():
    schedule = works(NY, "00:00-24:00")
    autumn, spring = listed(schedule, HOUR, "2027-11-07"), listed(schedule, HOUR, "2027-03-14")
    assert (len(autumn), autumn[-1]) == (25, "2027-11-08T04:00")
    assert (len(spring), spring[-1]) == (23, "2027-03-15T03:00")


def test_A12_a_quarter_hour_zone_starts_on_its_own_full_hour():
    assert listed(works("Asia/Kathmandu", "09:00-12:00"), HOUR, "2027-05-12") == starts("2027-05-12", "03:15", "04:15", "05:15")


def test_A13_the_grid_follows_the_window_or_the_clock_as_the_service_says():
    schedule = works("Asia/Kolkata", "07:30-12:00")
    assert listed(schedule, HOUR, "2027-05-12") == starts("2027-05-12", "02:00", "03:00", "04:00", "05:00")
    assert listed(schedule, Terms(60, align="hour"), "2027-05-12") == starts("2027-05-12", "02:30", "03:30", "04:30", "05:30")


def test_A15_a_query_day_is_the_viewers():
    schedule = works("Pacific/Auckland", "09:00-10:00", weekdays="1")
    range_ = day_bounds("Pacific/Honolulu", date(2027, 6, 14))
    found = openings(schedule, HOUR, busy=(), now=LONG_AGO, within=range_)
    assert [shown(start) for start in found] == ["2027-06-14T21:00"]
    assert (found[0] + utc_offset("Pacific/Honolulu", found[0])) % 86_400 == 11 * 3600


def test_A16_weeks_in_which_only_one_side_changed_its_clock_are_flagged():
    schedule = works(NY, "16:00-17:00", weekdays="3")
    days = ["2027-03-11", "2027-03-18", "2027-03-25", "2027-04-01", "2027-10-28", "2027-11-04", "2027-11-11"]
    found = [at(start) for day in days for start in listed(schedule, HOUR, day)]
    assert [shown(start)[11:13] for start in found] == ["21", "20", "20", "20", "20", "20", "21"]
    assert [(start + utc_offset("Europe/London", start)) // 3600 % 24 for start in found] == [21, 20, 20, 21, 21, 20, 21]
    assert clock_shifts(found, "Europe/London") == [False, True, True, False, False, True, False]


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        pytest.param("America/Vancouver", date(2027, 1, 15), "10:00", "2027-01-15T17:00", id="A18-vancouver"),
        pytest.param("America/Edmonton", date(2027, 1, 15), "10:00", "2027-01-15T16:00", id="A18-edmonton"),
        pytest.param("America/Winnipeg", date(2027, 1, 15), "10:00", "2027-01-15T15:00", id="A18-winnipeg"),
        pytest.param("Africa/Casablanca", date(2027, 2, 3), "10:00", "2027-02-03T10:00", id="A19-february"),
        pytest.param("Africa/Casablanca", date(2027, 3, 17), "10:00", "2027-03-17T10:00", id="A19-march"),
        pytest.param("America/Asuncion", date(2027, 7, 1), "10:00", "2027-07-01T13:00", id="A19-asuncion"),
    ],
)
def test_A18_A19_the_pinned_zone_data_is_the_one_in_use(zone, day, wall, expected):
    assert shown(edge(zone, day, minute(wall))) == expected


def test_A21_a_start_that_crosses_midnight_is_offered():
    found = listed(works(NY, "22:00-02:00", weekdays="4"), Terms(60, step=30), "2027-03-05", "2027-03-06")
    assert found == starts("2027-03-06", "03:00", "03:30", "04:00", "04:30", "05:00", "05:30", "06:00")


def test_A23_a_night_over_the_autumn_change_lasts_five_hours():
    found = listed(works(NY, "22:00-02:00", weekdays="5"), HOUR, "2027-11-06", "2027-11-07")
    assert found == starts("2027-11-07", "02:00", "03:00", "04:00", "05:00", "06:00")


def test_A24_twenty_four_oclock_is_an_end():
    assert listed(works("Europe/Berlin", "21:00-24:00"), HOUR, "2027-05-12") == starts("2027-05-12", "19:00", "20:00", "21:00")


def test_A26_an_override_belongs_to_the_local_date():
    schedule = works("Pacific/Auckland", "09:00-17:00", d20270618="10:00-11:00")
    usual = listed(works("Pacific/Auckland", "09:00-17:00"), HOUR, "2027-06-17")
    assert listed(schedule, HOUR, "2027-06-17") == usual
    assert len(usual) == 8
    assert listed(schedule, HOUR, "2027-06-18") == ["2027-06-17T22:00"]


def test_A28_an_empty_override_takes_the_day_its_tail_and_the_tail_that_arrives():
    usual, emptied = works("UTC", "22:00-02:00"), works("UTC", "22:00-02:00", d20270618="")
    before, after = listed(usual, HOUR, "2027-06-14", "2027-06-22"), listed(emptied, HOUR, "2027-06-14", "2027-06-22")
    gone = starts("2027-06-18", "00:00", "01:00", "22:00", "23:00") + starts("2027-06-19", "00:00", "01:00")
    assert [start for start in before if start not in gone] == after
    assert set(gone) <= set(before)


def test_A29_every_listed_start_lies_in_the_half_open_range_and_nothing_keeps_it_from_being_booked():
    schedule, within = works("UTC", "09:00-17:00"), (at("2027-05-12T12:00"), at("2027-05-12T15:00"))
    found = openings(schedule, HALF, busy=(), now=LONG_AGO, within=within)
    assert [shown(start)[11:] for start in found] == ["12:00", "12:30", "13:00", "13:30", "14:00", "14:30"]
    assert all(why_not(start, schedule, HALF, busy=(), now=LONG_AGO) == [] for start in found)


@pytest.mark.parametrize("name", ["EST5EDT", "", "../etc", "/etc/localtime", "Etc/GMT+5", "Europe/Nowhere", "europe/../../etc/passwd", "utc", "CET"])
def test_A30_other_zone_names_are_refused_before_any_file_is_read(name):
    assert not known_zone(name)
    with pytest.raises(ValueError, match="unknown time zone"):
        Schedule(zone=name)


@pytest.mark.parametrize("name", ["UTC", "Asia/Calcutta", "Asia/Katmandu", "Europe/Kyiv", "America/Argentina/Ushuaia"])
def test_A30_names_that_browsers_send_are_accepted(name):
    assert Schedule(zone=name).zone == name


def test_A31_half_an_hour_of_change_moves_the_clock_grid_but_not_the_window_grid():
    schedule = works("Australia/Lord_Howe", "00:00-06:00")
    by_window, by_clock = listed(schedule, HOUR, "2027-10-03"), listed(schedule, Terms(60, align="hour"), "2027-10-03")
    assert by_window == starts("2027-10-02", "13:30", "14:30", "15:30", "16:30", "17:30")
    assert by_clock == starts("2027-10-02", "13:30", "14:30", "16:00", "17:00", "18:00")


def test_A32_the_window_grid_counts_elapsed_time_over_the_gap():
    assert listed(works(NY, "01:00-05:00"), Terms(45), "2027-03-14") == starts("2027-03-14", "06:00", "06:45", "07:30", "08:15")


def test_A33_an_ambiguous_end_is_its_first_occurrence():
    assert listed(works(NY, "00:00-01:30"), HALF, "2027-11-07") == starts("2027-11-07", "04:00", "04:30", "05:00")


def test_A34_an_empty_override_between_two_nights():
    found = listed(works(NY, "22:00-02:00", d20270618=""), HOUR, "2027-06-17", "2027-06-19")
    assert found == starts("2027-06-17", "04:00", "05:00") + starts("2027-06-18", "02:00", "03:00") + starts("2027-06-20", "02:00", "03:00")


def test_B1_lead_time_is_elapsed_time():
    schedule, now = works(NY, "00:00-24:00"), at("2027-03-14T04:00")
    found = openings(schedule, Terms(60, lead_seconds=24 * 3600), busy=(), now=now, within=(now, now + 3 * 86_400))
    assert shown(found[0]) == "2027-03-15T04:00"
    assert shown(openings(schedule, HOUR, busy=(), now=now, within=(now, now + 3 * 86_400))[0]) == "2027-03-14T04:00"


def test_B4_the_booking_window_counts_days_of_the_schedules_zone():
    schedule, terms, now = works("Asia/Kolkata", "09:00-18:00"), Terms(60, days_ahead=2), at("2027-05-26T06:00")
    found = openings(schedule, terms, busy=(), now=now, within=(now, now + 10 * 86_400))
    assert shown(found[-1]) == "2027-05-28T11:30"
    assert (found[-1] + utc_offset("Pacific/Pago_Pago", found[-1])) % 86_400 == 30 * 60
    assert why_not(at("2027-05-29T03:30"), schedule, terms, busy=(), now=now) == ["too_far"]


def test_C1_back_to_back_is_free_on_both_sides():
    schedule, terms = works("UTC", "08:00-20:00"), Terms(50, step=10)
    busy = [(at("2027-05-12T14:00"), at("2027-05-12T14:50"))]
    found = listed(schedule, terms, "2027-05-12", busy=busy)
    assert "2027-05-12T14:50" in found
    assert "2027-05-12T13:10" in found
    assert not any("2027-05-12T13:10" < start < "2027-05-12T14:50" for start in found)


def test_C2_buffers_of_neighbours_add_up():
    schedule, terms = works("UTC", "08:00-20:00"), Terms(50, before=15, step=5)
    busy = [(at("2027-05-12T14:00"), at("2027-05-12T15:00"))]
    found = [start for start in listed(schedule, terms, "2027-05-12", busy=busy) if start > "2027-05-12T14"]
    assert found[0] == "2027-05-12T15:15"
    assert why_not(at("2027-05-12T15:14"), schedule, terms, busy=busy, now=LONG_AGO) == ["off_grid", "busy"]


def test_C4_buffers_may_leave_the_window_and_reach_into_time_off():
    assert listed(works("UTC", "09:00-17:00"), Terms(60, after=10), "2027-05-12")[-1] == "2027-05-12T16:00"
    assert listed(works("UTC", "09:00-17:00"), Terms(60, before=15), "2027-05-12")[0] == "2027-05-12T09:00"
    off = works("UTC", "09:00-17:00", off=((at("2027-05-12T12:00"), at("2027-05-12T13:00")),))
    found = [start[11:] for start in listed(off, Terms(60, before=15, after=10), "2027-05-12")]
    assert found == ["09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00"]


@pytest.mark.parametrize(("start", "minutes"), [("14:00", 60), ("13:30", 60), ("14:10", 10), ("13:00", 180)])
def test_C5_any_overlap_with_busy_time_refuses(start, minutes):
    busy = [(at("2027-05-12T14:00"), at("2027-05-12T14:30"))]
    reasons = why_not(at(f"2027-05-12T{start}"), works("UTC", "08:00-20:00"), Terms(minutes, step=10), busy=busy, now=LONG_AGO)
    assert reasons == ["busy"]


@pytest.mark.parametrize(("start", "minutes"), [("10:15", 30), ("10:00", 60), ("09:45", 30)])
def test_C6_another_start_or_length_is_still_a_clash(start, minutes):
    busy = [(at("2027-05-12T10:00"), at("2027-05-12T10:30"))]
    reasons = why_not(at(f"2027-05-12T{start}"), works("UTC", "08:00-20:00"), Terms(minutes, step=15), busy=busy, now=LONG_AGO)
    assert reasons == ["busy"]


def test_C12_busy_time_does_not_move_the_grid():
    busy = [(at("2027-05-12T10:00"), at("2027-05-12T10:20"))]
    found = listed(works("UTC", "09:00-13:00"), Terms(50), "2027-05-12", busy=busy)
    assert found == starts("2027-05-12", "09:00", "10:40", "11:30")


def test_the_clients_own_time_is_missed_by_the_session_but_not_by_the_buffers():
    schedule, own = works("UTC", "09:00-13:00"), [(at("2027-05-12T10:00"), at("2027-05-12T11:00"))]
    assert listed(schedule, Terms(60, before=30, after=30), "2027-05-12", client_busy=own) == starts("2027-05-12", "09:00", "11:00", "12:00")
    reasons = why_not(at("2027-05-12T10:00"), schedule, HOUR, busy=(), client_busy=own, now=LONG_AGO)
    assert reasons == ["client_busy"]


def test_touching_windows_of_one_date_share_a_grid_and_windows_of_two_dates_keep_their_own():
    assert listed(works("UTC", "09:00-10:30 10:30-12:00"), HOUR, "2027-05-12") == starts("2027-05-12", "09:00", "10:00", "11:00")
    nights = listed(works("UTC", "22:30-24:00 00:00-02:00"), HOUR, "2027-05-12")
    assert nights == starts("2027-05-12", "00:00", "01:00", "22:30", "23:30")


def test_each_refusal_is_named():
    schedule = works("UTC", "09:00-17:00", off=((at("2027-05-13T09:00"), at("2027-05-13T17:00")),))
    now, terms = at("2027-05-12T09:30"), Terms(60, lead_seconds=7200, days_ahead=7)

    def said(start: str) -> list[str]:
        return list(why_not(at(start), schedule, terms, busy=(), now=now))

    assert said("2027-05-12T09:00") == ["past"]
    assert said("2027-05-12T11:00") == ["too_soon"]
    assert said("2027-05-12T12:00") == []
    assert said("2027-05-12T12:07") == ["off_grid"]
    assert said("2027-05-12T16:30") == ["out_of_hours", "off_grid"]
    assert said("2027-05-12T20:00") == ["out_of_hours"]
    assert said("2027-05-13T10:00") == ["time_off"]
    assert said("2027-05-20T09:00") == ["too_far"]
    assert said("9999-12-31T23:00") == ["too_far"]
    assert said("1970-01-01T00:00") == ["past"]
    assert why_not(at("2027-05-12T12:00") + 30, schedule, terms, busy=(), now=now) == ["off_grid"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"minutes": 0}, id="C9-no-length"),
        pytest.param({"minutes": 1500}, id="C9-25-hours"),
        pytest.param({"minutes": 50, "before": -1}, id="negative-buffer"),
        pytest.param({"minutes": 50, "lead_seconds": -1}, id="negative-lead"),
        pytest.param({"minutes": 50, "days_ahead": -1}, id="negative-window"),
        pytest.param({"minutes": 50, "step": 1441}, id="step-over-a-day"),
        pytest.param({"minutes": 50, "align": "hour"}, id="fifty-does-not-divide-sixty"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValueError, match=r"\w+"):
        Terms(**wrong)


@pytest.mark.parametrize("span", [(600, 600), (1440, 60), (-1, 60), (0, 1441), (0, 0)])
def test_working_hours_that_cannot_be_meant_are_refused(span):
    with pytest.raises(ValueError, match="working hours"):
        WeeklyRule(0, *span)
    with pytest.raises(ValueError, match="weekdays"):
        WeeklyRule(7, 0, 60)
