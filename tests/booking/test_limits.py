"""Limits, travel, absences, holidays and further resources in the pure engine."""

from datetime import date, timedelta

import pytest

from booking.openings.engine import Resource, Terms, booking_window, openings, why_not
from booking.openings.hours_against import what_stands_against
from booking.openings.limits import Limit, Tally
from booking.openings.schedule import Absence, DateOverride, Schedule, ZoneChange, at_wall, date_at, day_start
from tests.booking.moments import LONG_AGO, at, listed, shown, spans, works
from therapists.holiday_calendars import calendars, is_calendar, names_of_holidays

HOUR = Terms(60)


def tally(schedule: Schedule, per: str, measure: str, most: int, *sessions: tuple[str, int], of: str = "therapist", week_start: int = 0) -> Tally:
    booked = tuple((at(start), at(start) + minutes * 60) for start, minutes in sessions)
    return Tally(Limit(of, per, measure, most, week_start), schedule, booked)  # type: ignore[arg-type]


def times(found: list[str]) -> list[str]:
    return [start[11:] for start in found]


def test_B5_a_limit_is_counted_in_the_schedules_days():
    schedule = works("Pacific/Auckland", "08:00-20:00")
    full = [tally(schedule, "day", "sessions", 1, ("2027-06-17T20:00", 60))]
    assert why_not(at("2027-06-18T04:00"), schedule, HOUR, busy=(), now=LONG_AGO, tallies=full) == ["day_limit"]
    assert why_not(at("2027-06-17T04:00"), schedule, HOUR, busy=(), now=LONG_AGO, tallies=full) == []
    assert listed(schedule, HOUR, "2027-06-18", tallies=full) == []
    assert len(listed(schedule, HOUR, "2027-06-17", tallies=full)) == 12


def test_B14_a_session_belongs_with_all_its_minutes_to_the_date_of_its_start():
    schedule = works("UTC", "22:00-02:00")
    booked = ("2027-06-15T23:30", 60)
    busy = [(at(booked[0]), at(booked[0]) + 3600)]
    found = listed(schedule, Terms(60, step=30), "2027-06-16", busy=busy, tallies=[tally(schedule, "day", "minutes", 60, booked)])
    assert times(found) == ["00:30", "01:00", "22:00", "22:30", "23:00", "23:30"]


def test_a_limit_by_minutes_keeps_out_only_what_does_not_fit_any_more():
    schedule = works("UTC", "09:00-12:00")
    used = [tally(schedule, "day", "minutes", 120, ("2027-05-12T20:00", 80))]
    assert listed(schedule, HOUR, "2027-05-12", tallies=used) == []
    assert len(listed(schedule, Terms(40, step=60), "2027-05-12", tallies=used)) == 3
    assert listed(schedule, Terms(121), "2027-05-13", tallies=used) == [], "longer than a whole day may have"


@pytest.mark.parametrize(("week_start", "free"), [(0, ["2027-05-09"]), (6, ["2027-05-15", "2027-05-16"][1:]), (3, ["2027-05-13", "2027-05-16"])])
def test_weeks_begin_where_the_therapist_says(week_start, free):
    # 2027-05-12 is a Wednesday; its week runs Mon 10 – Sun 16, Sun 9 – Sat 15, or Thu 6 – Wed 12.
    schedule = works("America/New_York", "09:00-10:00")
    full = [tally(schedule, "week", "sessions", 1, ("2027-05-12T20:00", 60), week_start=week_start)]
    for day in free:
        assert len(listed(schedule, HOUR, day, tallies=full)) == 1
    assert listed(schedule, HOUR, "2027-05-11", tallies=full) == []


def test_a_gap_keeps_sessions_of_one_client_so_many_dates_apart():
    schedule = works("UTC", "09:00-10:00")
    weekly = [tally(schedule, "gap", "sessions", 7, ("2027-05-12T20:00", 60), of="client")]
    free = [day for day in range(1, 25) if listed(schedule, HOUR, f"2027-05-{day:02}", tallies=weekly)]
    assert free == [*range(1, 6), *range(19, 25)]
    assert why_not(at("2027-05-18T09:00"), schedule, HOUR, busy=(), now=LONG_AGO, tallies=weekly) == ["client_limit"]


def test_a_tally_says_how_much_is_used():
    schedule = works("UTC", "09:00-17:00")
    booked = (("2027-05-10T09:00", 50), ("2027-05-12T09:00", 50), ("2027-05-17T09:00", 50))
    assert tally(schedule, "week", "sessions", 2, *booked).spent_at(at("2027-05-14T09:00")) == 2
    assert tally(schedule, "day", "minutes", 60, *booked).spent_at(at("2027-05-12T23:00")) == 50
    assert tally(schedule, "gap", "sessions", 3, *booked).spent_at(at("2027-05-11T09:00")) == 2


def test_a_range_of_dates_holds_both_its_ends():
    schedule, terms = works("Asia/Kolkata", "09:00-18:00"), Terms(60, first_day=date(2027, 5, 27), last_day=date(2027, 5, 28))
    now = at("2027-05-20T00:00")
    found = openings(schedule, terms, busy=(), now=now, within=(now, now + 30 * 86_400))
    assert (shown(found[0]), shown(found[-1]), len(found)) == ("2027-05-27T03:30", "2027-05-28T11:30", 18)
    assert why_not(at("2027-05-26T03:30"), schedule, terms, busy=(), now=now) == ["not_yet_open"]
    assert why_not(at("2027-05-29T03:30"), schedule, terms, busy=(), now=now) == ["too_far"]


def test_C11_every_resource_has_to_be_free():
    schedule, room = works("UTC", "09:00-13:00"), works("UTC", "10:00-16:00")
    taken = Resource(room, busy=((at("2027-05-12T11:00"), at("2027-05-12T11:30")),))
    assert times(listed(schedule, HOUR, "2027-05-12", also=[taken])) == ["10:00", "12:00"]
    for start, said in (("09:00", ["out_of_hours"]), ("11:00", ["busy"]), ("12:00", [])):
        assert why_not(at(f"2027-05-12T{start}"), schedule, HOUR, busy=(), now=LONG_AGO, also=[taken]) == said


# --- travel


def test_a_day_of_travel_lasts_18_or_30_hours_and_days_partition_time():
    # Midnight in London to midnight in Dhaka is six hours less than a day, and back again six more (no summer time in January).
    east = Schedule(zone="Europe/London", zone_changes=(ZoneChange(date(2027, 1, 12), "Asia/Dhaka"), ZoneChange(date(2027, 1, 15), "Europe/London")))
    length = {day: (day_start(east, date(2027, 1, day + 1)) - day_start(east, date(2027, 1, day))) // 3600 for day in range(9, 17)}
    assert length == {9: 24, 10: 24, 11: 18, 12: 24, 13: 24, 14: 30, 15: 24, 16: 24}
    for second in range(day_start(east, date(2027, 1, 10)), day_start(east, date(2027, 1, 17)), 1800):
        day = date_at(east, second)
        assert day_start(east, day) <= second < day_start(east, day + timedelta(days=1))


def test_a_window_lies_wholly_in_the_zone_of_the_date_it_begins_on():
    schedule = Schedule(
        zone="UTC",
        weekly=works("UTC", "09:00-11:00 22:00-02:00").weekly,
        zone_changes=(ZoneChange(date(2027, 1, 12), "Asia/Dhaka"),),
    )
    found = openings(schedule, HOUR, busy=(), now=LONG_AGO, within=(at("2027-01-11T00:00"), at("2027-01-12T20:00")))
    wanted = ["11T00:00", "11T01:00", "11T09:00", "11T10:00", "11T22:00", "11T23:00", "12T00:00", "12T01:00"]
    wanted += ["12T03:00", "12T04:00", "12T16:00", "12T17:00", "12T18:00", "12T19:00"]
    assert [shown(start)[8:] for start in found] == wanted
    by_clock = openings(schedule, Terms(60, align="hour"), busy=(), now=LONG_AGO, within=(at("2027-01-11T00:00"), at("2027-01-12T20:00")))
    assert by_clock == found


def test_a_zone_by_the_date_line_can_swallow_a_day():
    """As Samoa did: from Pago Pago to Kiritimati one date has no room at all."""
    schedule = Schedule(
        zone="Pacific/Pago_Pago", weekly=works("UTC", "10:00-12:00").weekly, zone_changes=(ZoneChange(date(2027, 1, 12), "Pacific/Kiritimati"),)
    )
    assert day_start(schedule, date(2027, 1, 12)) < day_start(schedule, date(2027, 1, 11)) + 86_400 - 24 * 3600
    assert date_at(schedule, day_start(schedule, date(2027, 1, 12))) == date(2027, 1, 12)
    found = openings(schedule, HOUR, busy=(), now=LONG_AGO, within=(at("2027-01-10T00:00"), at("2027-01-13T12:00")))
    assert found == sorted(set(found))
    assert all(why_not(start, schedule, HOUR, busy=(), now=LONG_AGO) == [] for start in found)


# --- time off and holidays


def test_whole_dates_off_and_hours_off_are_read_on_the_wall_clock():
    schedule = Schedule(
        zone="America/New_York",
        weekly=works("UTC", "09:00-13:00").weekly,
        absences=(Absence(date(2027, 3, 13), date(2027, 3, 13)), Absence(date(2027, 3, 14), date(2027, 3, 14), 600, 660)),
    )
    assert listed(schedule, HOUR, "2027-03-13") == []
    assert times(listed(schedule, HOUR, "2027-03-14")) == ["13:00", "15:00", "16:00"]
    assert why_not(at("2027-03-14T14:00"), schedule, HOUR, busy=(), now=LONG_AGO) == ["time_off"]


def easter(day: date) -> str | None:
    return {date(2027, 3, 26): "Good Friday", date(2027, 3, 29): "Easter Monday"}.get(day)


def test_a_holiday_takes_its_own_date_an_override_beats_it_and_time_off_beats_both():
    def schedule(**more):
        return Schedule(zone="Europe/London", weekly=works("UTC", "09:00-11:00 23:00-01:00").weekly, holiday=easter, **more)

    assert listed(schedule(), HOUR, "2027-03-26") == []
    # The tail of the day before lies on the holiday and goes; the holiday's own tail lies on the day after and stays.
    assert times(listed(schedule(), HOUR, "2027-03-25", "2027-03-27")) == ["00:00", "09:00", "10:00", "23:00", "00:00", "09:00", "10:00", "23:00"]
    assert why_not(at("2027-03-26T09:00"), schedule(), HOUR, busy=(), now=LONG_AGO) == ["holiday"]
    worked = schedule(overrides=(DateOverride(date(2027, 3, 26), spans("10:00-12:00")),))
    assert times(listed(worked, HOUR, "2027-03-26")) == ["10:00", "11:00"]
    away = schedule(overrides=worked.overrides, absences=(Absence(date(2027, 3, 26), date(2027, 3, 26)),))
    assert why_not(at("2027-03-26T10:00"), away, HOUR, busy=(), now=LONG_AGO) == ["time_off"]


def test_calendars_know_countries_and_their_parts():
    assert "ENG" in calendars()["GB"]
    assert is_calendar("DE", "BY")
    assert not is_calendar("DE", "Wonderland")
    assert not is_calendar("XX", None)
    england, scotland = names_of_holidays("GB", "ENG"), names_of_holidays("GB", "SCT")
    assert england(date(2027, 3, 29)) == "Easter Monday"
    assert scotland(date(2027, 3, 29)) is None
    assert england(date(2027, 3, 30)) is None


def test_what_stands_against_a_session_that_is_booked_already_is_named():
    schedule = works("UTC", "09:00-12:00", off=((at("2027-05-13T09:00"), at("2027-05-13T12:00")),))
    sessions = {
        name: (at(start), at(start) + 3000) for name, start in (("kept", "2027-05-12T09:00"), ("late", "2027-05-12T11:30"), ("away", "2027-05-13T10:00"))
    }
    against = {name: what_stands_against(schedule, session) for name, session in sessions.items()}
    assert against == {"kept": frozenset(), "late": {"out_of_hours"}, "away": {"time_off"}}


def test_a_wall_time_that_the_clocks_skip_has_no_instant():
    schedule = works("America/New_York", "00:00-24:00")
    assert at_wall(schedule, date(2027, 3, 14), 150) is None
    assert at_wall(schedule, date(2027, 3, 14), 180) == at("2027-03-14T07:00")
    assert at_wall(schedule, date(2027, 11, 7), 90) == at("2027-11-07T05:30")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
def test_a_range_at_the_ends_of_the_calendar_is_read_like_any_other(zone: str):
    schedule, now = works(zone, "09:00-10:00"), at("2027-05-20T00:00")
    month = (now, now + 30 * 86_400)
    always = openings(schedule, Terms(60), busy=(), now=now, within=month)
    assert openings(schedule, Terms(60, first_day=date.min, last_day=date.max), busy=(), now=now, within=month) == always
    for never, word in ((Terms(60, first_day=date.max), "not_yet_open"), (Terms(60, last_day=date.min), "too_far")):
        assert openings(schedule, never, busy=(), now=now, within=month) == []
        assert why_not(always[0], schedule, never, busy=(), now=now) == [word]


def test_no_booking_window_is_empty_by_its_own_arithmetic():
    schedule = works("Pacific/Kiritimati", "09:00-10:00")
    low, high = booking_window(schedule, Terms(60, days_ahead=0), now=at("2027-01-01T12:00"))
    assert low < at("2027-01-01T12:00") < high
