"""Strangers' calendars as busy time: the shared cases, the bounds, and bytes that nobody meant."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.outside.busy import NotACalendar, OutsideBusy, TooMuch, read_busy

YEAR = (int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2028, 1, 1, tzinfo=UTC).timestamp()))


def a_file(*events: str, around: str = "") -> bytes:
    """A calendar of events, each given as lines between VEVENT's BEGIN and END."""
    written = "".join(f"BEGIN:VEVENT\r\n{event.strip()}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{around}{written}END:VCALENDAR\r\n".encode()


def read(content: bytes, *, zone: str = "Europe/London", window: tuple[int, int] = YEAR, **how: object) -> OutsideBusy:
    return read_busy(content, owner_zone=zone, window=window, **how)  # type: ignore[arg-type]


def starts(content: bytes, **how: object) -> list[str]:
    return [f"{datetime.fromtimestamp(start, UTC):%m-%dT%H:%MZ}" for start, _ in read(content, **how).busy]  # type: ignore[arg-type]


def spans(content: bytes, **how: object) -> list[str]:
    busy = read(content, **how).busy  # type: ignore[arg-type]
    return [f"{datetime.fromtimestamp(start, UTC):%m-%dT%H:%MZ}/{timedelta(seconds=end - start)}" for start, end in busy]


def an_hour(start: str, *more: str) -> str:
    return "\r\n".join((f"UID:one\r\nDTSTART{start}", "DURATION:PT1H", *more))


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(
            an_hour(";TZID=America/New_York:20270223T170000", "RRULE:FREQ=WEEKLY;COUNT=8"),
            "02-23T22:00Z 03-02T22:00Z 03-09T22:00Z 03-16T21:00Z 03-23T21:00Z 03-30T21:00Z 04-06T21:00Z 04-13T21:00Z",
            id="E1",
        ),
        pytest.param(
            an_hour(";TZID=Europe/London:20271014T170000", "RRULE:FREQ=WEEKLY;COUNT=5"),
            "10-14T16:00Z 10-21T16:00Z 10-28T16:00Z 11-04T17:00Z 11-11T17:00Z",
            id="E2",
        ),
        pytest.param(
            an_hour(";TZID=Europe/Berlin:20270303T183000", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4"),
            "03-03T17:30Z 03-17T17:30Z 03-31T16:30Z 04-14T16:30Z",
            id="E3",
        ),
        pytest.param(an_hour(";TZID=America/New_York:20270313T023000", "RRULE:FREQ=DAILY;COUNT=3"), "03-13T07:30Z 03-15T06:30Z 03-16T06:30Z", id="E6"),
        pytest.param(
            an_hour(";TZID=America/New_York:20270301T170000", "RRULE:FREQ=WEEKLY;UNTIL=20270322T210000Z"),
            "03-01T22:00Z 03-08T22:00Z 03-15T21:00Z 03-22T21:00Z",
            id="E7_the_last_second_belongs",
        ),
        pytest.param(
            an_hour(";TZID=America/New_York:20270301T170000", "RRULE:FREQ=WEEKLY;UNTIL=20270322T205959Z"),
            "03-01T22:00Z 03-08T22:00Z 03-15T21:00Z",
            id="E7_a_second_too_early",
        ),
        pytest.param(
            an_hour(";TZID=Europe/Vienna:20270321T100000", "RRULE:FREQ=WEEKLY;UNTIL=20270404", "EXDATE;VALUE=DATE:20270328"),
            "03-21T09:00Z 04-04T08:00Z",
            id="E8",
        ),
        pytest.param(an_hour(';TZID="W. Europe Standard Time":20270520T093000'), "05-20T07:30Z", id="E11_w_europe"),
        pytest.param(an_hour(";TZID=Romance Standard Time:20270827T160000"), "08-27T14:00Z", id="E11_romance"),
        pytest.param(an_hour(";TZID=Tokyo Standard Time:20270224T120000"), "02-24T03:00Z", id="E11_tokyo"),
        pytest.param(an_hour(";TZID=/mozilla.org/20070129_1/Europe/Berlin:20270520T093000"), "05-20T07:30Z", id="E11_behind_a_prefix"),
    ],
)
def test_events_begin_when_their_own_clock_says(event: str, expected: str) -> None:
    assert starts(a_file(event)) == expected.split()


def test_E10_a_moved_instance_frees_its_time_and_takes_another() -> None:
    series = an_hour(";TZID=America/New_York:20270309T170000", "RRULE:FREQ=WEEKLY;COUNT=3")
    moved = an_hour(";TZID=America/New_York:20270317T120000", "RECURRENCE-ID;TZID=America/New_York:20270316T170000")
    for events in ((series, moved), (moved, series)):
        assert starts(a_file(*events)) == ["03-09T22:00Z", "03-17T16:00Z", "03-23T21:00Z"]


def test_an_instance_called_off_is_free_and_the_newest_word_counts() -> None:
    series = an_hour(":20270309T170000Z", "RRULE:FREQ=WEEKLY;COUNT=2")
    off = an_hour(":20270309T170000Z", "RECURRENCE-ID:20270309T170000Z", "STATUS:CANCELLED", "SEQUENCE:2")
    older = an_hour(":20270309T190000Z", "RECURRENCE-ID:20270309T170000Z", "SEQUENCE:1")
    assert starts(a_file(series, off, older)) == ["03-16T17:00Z"]


def test_this_and_all_that_follow_move_together() -> None:
    series = an_hour(":20270301T170000Z", "RRULE:FREQ=WEEKLY;COUNT=4")
    later = an_hour(":20270316T180000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20270315T170000Z")
    assert starts(a_file(series, later)) == ["03-01T17:00Z", "03-08T17:00Z", "03-16T18:00Z", "03-23T18:00Z"]


FIVE_EAST = (
    "BEGIN:VTIMEZONE\r\nTZID:Five\\, east\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
    "TZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def test_E11_an_unknown_zone_that_the_file_describes_is_used() -> None:
    found = read(a_file(an_hour(';TZID="Five, east":20270520T093000'), around=FIVE_EAST))
    assert [start for start, _ in found.busy] == [int(datetime(2027, 5, 20, 4, 30, tzinfo=UTC).timestamp())]
    assert found.skipped == {}


def test_E11_an_unknown_zone_without_description_is_the_owners_and_is_told() -> None:
    content = a_file(an_hour(";TZID=Nowhere:20270520T093000"))
    assert starts(content, zone="America/Chicago") == ["05-20T14:30Z"]
    assert read(content).skipped == {"unknown_zone": 1}


def test_a_described_zone_changes_its_clocks_by_its_rules() -> None:
    rule = "RRULE:FREQ=YEARLY;BYMONTH={};BYDAY=-1SU"
    winter = f"BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n{rule.format(10)}\r\nEND:STANDARD\r\n"
    summer = f"BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n{rule.format(3)}\r\nEND:DAYLIGHT\r\n"
    zone = f"BEGIN:VTIMEZONE\r\nTZID:Ours\r\n{winter}{summer}END:VTIMEZONE\r\n"
    daily = an_hour(";TZID=Ours:20270327T023000", "RRULE:FREQ=DAILY;COUNT=2")
    assert starts(a_file(daily, around=zone)) == ["03-27T01:30Z", "03-29T00:30Z"], "02:30 on the 28th does not exist there either"


def test_E12_a_floating_time_is_on_the_owners_clock() -> None:
    assert starts(a_file(an_hour(":20270520T093000")), zone="America/Chicago") == ["05-20T14:30Z"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param("DTSTART;VALUE=DATE:20270704", ["07-04T04:00Z/1 day, 0:00:00"], id="E13_opaque"),
        pytest.param("DTSTART;VALUE=DATE:20270704\r\nTRANSP:TRANSPARENT", [], id="E13_transparent"),
        pytest.param("DTSTART;VALUE=DATE:20270314", ["03-14T05:00Z/23:00:00"], id="E13_a_short_day"),
        pytest.param("DTSTART:20270704\r\nDTEND:20270704", ["07-04T04:00Z/1 day, 0:00:00"], id="E13_ends_where_it_begins"),
        pytest.param("DTSTART:20270520T090000Z\r\nDURATION:PT1H\r\nSTATUS:CANCELLED", [], id="E15_cancelled"),
        pytest.param("DTSTART:20270520T090000Z\r\nDURATION:PT1H\r\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", [], id="E15_free_to_outlook"),
        pytest.param("DTSTART:20270520T090000Z\r\nDURATION:PT1H\r\nSTATUS:TENTATIVE", ["05-20T09:00Z/1:00:00"], id="E15_tentative"),
        pytest.param("DTSTART;VALUE=DATE:20270520", ["05-20T04:00Z/1 day, 0:00:00"], id="E15_no_end_date"),
        pytest.param("DTSTART:20270520T090000Z", [], id="E15_no_end_time"),
    ],
)
def test_what_takes_time_and_how_long(event: str, expected: list[str]) -> None:
    assert spans(a_file(event), zone="America/New_York") == expected


def test_E15_tentative_is_free_when_the_owner_says_so() -> None:
    tentative = a_file(an_hour(":20270520T090000Z", "STATUS:TENTATIVE"), an_hour(":20270521T090000Z", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"))
    assert starts(tentative, tentative_blocks=False) == []


def test_a_length_given_by_its_end_is_exact_and_one_in_days_is_nominal() -> None:
    exact = "DTSTART;TZID=Europe/Berlin:20270327T120000\r\nDTEND;TZID=Europe/Berlin:20270328T120000"
    nominal = "DTSTART;TZID=Europe/Berlin:20270328T000000\r\nDURATION:P1D"
    assert spans(a_file(f"UID:a\r\n{exact}")) == ["03-27T11:00Z/23:00:00"]
    assert spans(a_file(f"UID:b\r\n{nominal}")) == ["03-27T23:00Z/23:00:00"]


def test_E18_our_own_bookings_are_known_by_their_uid() -> None:
    ours = "0b5c3f8e-5d43-4f0e-9d39-2f9f6b0b8c11"
    events = [f"UID:{uid}\r\nDTSTART:20270520T{hour}0000Z\r\nDURATION:PT1H" for hour, uid in (("09", ours), ("11", f"{ours}_R20270520"), ("13", "other"))]
    assert starts(a_file(*events), is_own=lambda uid: uid.startswith(ours)) == ["05-20T13:00Z"]


def test_one_bad_event_never_loses_the_feed() -> None:
    good = an_hour(":20270520T090000Z")
    bad = ("UID:two\r\nDTSTART:soon", "UID:three", "UID:four\r\nDTSTART:00010101T000000\r\nDTEND:99991231T235959\r\nRRULE:FREQ=WEEKLY")
    found = read(a_file(*bad, good, an_hour(":20270521T090000Z", "RRULE:FREQ=SOMETIMES", "EXDATE:never").replace("one", "five")))
    assert len(found.busy) >= 2
    assert found.skipped["unreadable_event"] >= 2
    assert (found.skipped["unreadable_rule"], found.skipped["unreadable_date"]) == (1, 1)


def test_an_event_that_another_cuts_off_is_left_out_and_told() -> None:
    content = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20270519T090000Z\r\n" + a_file(an_hour(":20270520T090000Z")).partition(b"\r\n")[2]
    assert starts(content) == ["05-20T09:00Z"]
    assert read(content).skipped == {"unfinished_event": 1}


def test_a_file_that_breaks_off_is_not_whole() -> None:
    content = a_file(an_hour(":20270520T090000Z"))
    assert read(content).whole
    assert not read(content[:-20]).whole


@pytest.mark.parametrize("content", [b"", b"<html>please sign in</html>", b"\xff\xfe\x00\x00"], ids=["nothing", "a_page", "bytes"])
def test_E16_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(NotACalendar):
        read(content)


ENDLESS = {
    "R68_E17_every_second": "RRULE:FREQ=SECONDLY",
    "R68_E17_all_seconds_of_a_day": f"RRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))};BYSECOND=1,2,3,4",
    "R68_E17_counted_seconds": "RRULE:FREQ=SECONDLY;COUNT=99999999",
}


@pytest.mark.parametrize("rule", ENDLESS.values(), ids=list(ENDLESS))
def test_a_rule_without_end_is_bounded_and_told(rule: str) -> None:
    content = a_file("UID:a\r\nDTSTART:19990101T000000Z\r\nDURATION:PT1S\r\n" + rule, an_hour(":20270520T090000Z"))
    assert starts(content)[-1] == "05-20T09:00Z", "the rest of the feed is read"
    assert read(content).skipped == {"too_many_repeats": 1}


def test_E17_ten_years_of_days_are_read_in_the_window_alone() -> None:
    daily = a_file(an_hour(";TZID=Europe/Berlin:20200101T090000", "RRULE:FREQ=DAILY;UNTIL=20300101T000000Z"))
    counted = a_file(an_hour(";TZID=Europe/Berlin:20200101T090000", "RRULE:FREQ=DAILY;COUNT=3653"))
    assert len(read(daily).busy) == len(read(counted).busy) == 365


def test_R68_a_day_that_never_comes_and_too_much_of_everything_end_soon() -> None:
    never = "DTSTART:20270101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    assert read(a_file(never)).busy == []
    with pytest.raises(TooMuch):
        read(a_file(*(f"UID:{number}\r\n{never}" for number in range(1000))), seconds=0.3)
    with pytest.raises(TooMuch):
        read(b"BEGIN:VCALENDAR\r\n" + b"\n" * 200_000)
    with pytest.raises(TooMuch):
        read(b"BEGIN:VALARM\r\n" * 100)


TIMES = st.sampled_from(["20270314T023000", "20270314", "20271107T013000Z", "20270101T000000", "00010101T000000", "99991231T235959", "20270230", "x", ""])
ZONES = st.sampled_from(["", ";TZID=America/New_York", ';TZID="Five, east"', ";TZID=Nowhere", ";VALUE=DATE", ';TZID="', ";TZID=Tokyo Standard Time"])
RULES = st.builds(
    "FREQ={};INTERVAL={};{}".format,
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "SECONDLY", "NEVER"]),
    st.integers(-1, 10**6),
    st.sampled_from(
        ["COUNT=3", "UNTIL=20270601", "BYDAY=MO,-1FR", "BYMONTHDAY=31;BYMONTH=2", "BYSETPOS=-1;BYDAY=SU", "BYMONTH=99", "BYHOUR=30", "COUNT=0", ";;"]
    ),
)
LINES = st.one_of(
    st.builds("{}{}:{}".format, st.sampled_from(["DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID;RANGE=THISANDFUTURE", "RECURRENCE-ID"]), ZONES, TIMES),
    st.builds("RRULE:{}".format, RULES),
    st.sampled_from(["BEGIN:VEVENT", "END:VEVENT", "DURATION:P1W", "DURATION:-PT5M", "RDATE;VALUE=PERIOD:20270101T000000Z/PT1H,x/y", "UID:a", "SEQUENCE:9"]),
    st.text(max_size=30),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=25), st.binary(max_size=40))
def test_whatever_the_bytes_are_the_answer_is_disjoint_and_within_the_window(lines: list[str], tail: bytes) -> None:
    content = a_file("DTSTART:20270101T090000\r\n" + "\r\n".join(lines), around=FIVE_EAST) + tail
    low, high = YEAR
    busy = read(content, zone="America/New_York").busy
    assert all(low <= start < end <= high for start, end in busy)
    assert all(one[1] < other[0] for one, other in pairwise(busy))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read(content)
    except (NotACalendar, TooMuch):
        return
