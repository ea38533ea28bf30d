"""When a therapist works, by page: the week, dates that differ, holidays, travel, several schedules, time off and limits; and nothing over what is booked."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.clock import now
from core.db import db, transaction
from tests.booking.conftest import Practice, practice
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.therapists import a_therapist
from tests.form_fields import filled_in
from tests.therapists.test_practice_pages import EMAIL, MINE, at_work, press
from therapists.models import Therapist
from therapists.profile import own_profile
from therapists.schedule_models import TherapistLimits, TimeOff
from therapists.time_off import add_time_off

__all__ = ("practice",)  # the fixture
NewBrowser = Callable[[], Browser]
PAGE = f"{MINE}/hours"


def mine(person_id: int) -> Therapist:
    with transaction():
        return own_profile(person_id)


def a_practice() -> int:
    with transaction():
        return a_therapist(name="Nova Ash", email=EMAIL).person_id


def test_the_week_is_written_in_plain_spans(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    assert filled_in(nova.get(PAGE).text, having="day-0")["day-0"] == "09:00-17:00"
    for wrong in ("9-17", "09:00-12:00, 11:00-13:00", "25:00-26:00", "09:00"):
        refused = press(nova, PAGE, act="save", **{"day-0": "08:00-12:00", "day-2": wrong})
        kept = filled_in(refused.text, having="day-0")
        assert (refused.status_code, kept["day-2"], kept["day-0"]) == (422, wrong, "08:00-12:00")
        assert 'aria-describedby="save-day-2-told"' in refused.text, "said at the day that is wrong"
    assert press(nova, PAGE, act="save", **{"day-0": "09:00-12:00, 22:00-24:00", "day-6": "20:00-02:00"}).status_code == 303
    week = sorted((row.weekday, row.from_minute, row.to_minute) for row in mine(me).working_hours)
    assert week == [(0, 540, 720), (0, 1320, 1440), (6, 1200, 120)]


def test_dates_that_differ_holidays_and_travel(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    day = now().date() + timedelta(days=30)
    rows = {"days.0.day": day.isoformat(), "days.0.hours": "", "days.2.day": (day + timedelta(days=1)).isoformat(), "days.2.hours": "10:00-11:00, 13:00-14:00"}
    assert press(nova, PAGE, act="dates", **rows).status_code == 303
    assert sorted((row.day, row.from_minute or 0) for row in mine(me).overrides) == [(day, 0), (day + timedelta(days=1), 600), (day + timedelta(days=1), 780)]
    stands = filled_in(nova.get(PAGE).text, having="days.0.day")
    assert (stands["days.1.hours"], stands["days.2.day"]) == ("10:00-11:00, 13:00-14:00", "")
    for wrong, field in (
        ({"days.0.day": "2020-01-01"}, "dates-days.0.day"),
        ({"days.2.day": "", "days.2.hours": "10:00-11:00"}, "dates-days.2.day"),
        ({"days.0.hours": "ten"}, "dates-days.0.hours"),
    ):
        refused = press(nova, PAGE, act="dates", **stands | wrong)
        assert (refused.status_code, f'id="{field}-told"' in refused.text) == (422, True), wrong
    assert press(nova, PAGE, act="dates", **stands | {"days.0.day": ""}).status_code == 303
    assert {row.day for row in mine(me).overrides} == {day + timedelta(days=1)}
    about = filled_in(nova.get(PAGE).text, having="subdivision") | {"act": "about"}
    for wrong, field in (({"country": "GB", "subdivision": "XX"}, "subdivision"), ({"zone": "EST5EDT"}, "zone"), ({"name": ""}, "name")):
        refused = press(nova, PAGE, **about | wrong)
        assert (refused.status_code, f'id="about-{field}-told"' in refused.text) == (422, True), wrong
    assert press(nova, PAGE, **about | {"country": "GB", "subdivision": "SCT", "zone": "Europe/Paris", "name": "My week"}).status_code == 303
    usual = mine(me).default_schedule
    assert (usual.holiday_country, usual.holiday_subdivision, usual.zone, usual.name, usual.is_default) == ("GB", "SCT", "Europe/Paris", "My week", True)
    travels = {"changes.0.day": day.isoformat(), "changes.0.zone": "Asia/Tokyo", "changes.1.day": "2027-03-01", "changes.1.zone": "Europe/London"}
    assert press(nova, PAGE, act="travel", **travels | {"changes.1.day": day.isoformat()}).status_code == 422
    assert press(nova, PAGE, act="travel", **travels).status_code == 303
    assert [(each.day, each.zone) for each in mine(me).default_schedule.zone_changes] == [(day, "Asia/Tokyo"), (date(2027, 3, 1), "Europe/London")]


def test_a_second_schedule_is_opened_used_made_the_usual_one_and_taken_away(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    assert press(nova, PAGE, act="add", name="").status_code == 422
    assert press(nova, PAGE, act="add", name="Evenings").status_code == 303
    first, evenings = mine(me).schedules
    own = f"{PAGE}/{evenings.public_id}"
    assert press(nova, own, act="save", **{"day-1": "18:00-21:00"}).status_code == 303
    assert [(row.weekday, row.from_minute) for row in mine(me).schedules[1].hours] == [(1, 1080)]
    about = filled_in(nova.get(own).text, having="subdivision") | {"act": "about", "is_default": "yes"}
    assert press(nova, own, **about).status_code == 303
    assert (mine(me).default_schedule.name, "(the usual one)" in nova.get(PAGE).text) == ("Evenings", True)
    assert press(nova, own, act="remove").status_code == 409
    assert press(nova, f"{PAGE}/{first.public_id}", act="remove").headers["Location"] == PAGE
    assert [each.name for each in mine(me).schedules] == ["Evenings"]
    assert nova.get(f"{PAGE}/{first.public_id}").status_code == 404


def test_limits_are_set_and_time_off_is_seen_and_given_back(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    with transaction():
        first = now().date() + timedelta(days=3)
        therapist = db.session.get_one(Therapist, me)
        add_time_off(therapist, {"first_day": first, "last_day": first + timedelta(days=1), "reason": "A course"}, now=now())
    assert "A course" in nova.get(PAGE).text
    assert press(nova, PAGE, act="work", time_off="nothing").status_code == 404
    row = db.session.scalars(select(TimeOff)).one()
    assert press(nova, PAGE, act="work", time_off=str(row.public_id)).status_code == 303
    assert "None is ahead." in nova.get(PAGE).text
    refused = press(nova, PAGE, act="limits", day_sessions="lots", week_start="0")
    assert (refused.status_code, 'id="limits-day_sessions-told"' in refused.text, 'value="lots"' in refused.text) == (422, True, True)
    assert press(nova, PAGE, act="limits", day_sessions="5", week_minutes="1200", week_start="6").status_code == 303
    with transaction():
        set_now = db.session.get_one(TherapistLimits, me)
        assert (set_now.day_sessions, set_now.day_minutes, set_now.week_minutes, set_now.week_start, set_now.count_requests) == (5, None, 1200, 6, False)


def test_hours_over_something_booked_need_a_choice(practice: Practice) -> None:
    booked = practice.book()
    assert booked.status_code == 201
    start = datetime.fromisoformat(booked.json["starts_at"])
    alex = signed_in(practice.new_browser, practice.therapist_id)
    stands: dict[str, Any] = filled_in(alex.get(PAGE).text, having="day-0") | {"act": "save", f"day-{start.weekday()}": ""}
    refused = press(alex, PAGE, **stands)
    assert (refused.status_code, "Something is booked at that time" in refused.text, f"{start:%Y}, " in refused.text) == (409, True, True)
    assert filled_in(refused.text, having="day-0")[f"day-{start.weekday()}"] == ""
    assert press(alex, PAGE, **stands | {"affected": "keep"}).status_code == 303


def test_hours_are_a_therapists_own(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    with transaction():
        a_therapist(name="Otis Birch", email="otis@example.org")
    own = f"{PAGE}/{mine(me).default_schedule.public_id}"
    otis = at_work(client, "otis@example.org")
    assert (otis.get(own).status_code, press(otis, own, act="save").status_code) == (404, 404), "somebody else's schedule is not there"
    assert [client().get(path).status_code for path in (PAGE, own)] == [303, 303]
    assert nova.post(PAGE, data={"act": "save", "csrf_token": nova.csrf_token}, headers={"Origin": "https://evil.example"}, bare=True).status_code == 403
    assert press(nova, PAGE, act="dance").status_code == 422
