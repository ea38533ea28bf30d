"""Schedules, limits and lengths on the real database: what is offered books, and what is not says why, to each as much as they may know."""

from datetime import date

import pytest
from sqlalchemy import text

from core.clock import now
from core.db import db, transaction
from tests.booking.conftest import Practice
from tests.booking.practice import a_service, a_therapist, signed_in
from tests.factories.accounts import an_account
from therapists.schedule_models import ServiceLength, TherapistLimits, TherapistSchedule, TimeOff, WorkingHours

DAY = "2026-11-24"
T = "/api/v1/therapist"


def why(browser, service: str, start: str, **more) -> dict:
    answer = browser.get(f"/api/v1/services/{service}/openings/why-not", query_string={"start": start, **more})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def codes(said: dict) -> list[str]:
    return [reason["code"] for reason in said["reasons"]]


def on(day: str, time: str) -> str:
    return f"{day}T{time}:00Z"


def test_an_opening_has_no_reason_and_a_booking_is_told_in_full_only_to_its_therapist(practice: Practice):
    kim, start = practice.another_client(), on(DAY, "10:00")
    assert why(kim, practice.service, start)["offered"] is True
    booked = practice.book(start).get_json()["id"]
    by_therapist, by_kim, by_guest = (why(each, practice.service, start) for each in (practice.therapist, kim, practice.new_browser()))
    assert [(reason["code"], reason["booking_id"], reason["is_outside"]) for reason in by_therapist["reasons"]] == [("busy", booked, False)]
    for said in (by_kim, by_guest):
        assert codes(said) == ["not_available"]
        assert all(reason[name] is None for reason in said["reasons"] for name in ("schedule", "time_off_id", "most", "counted", "booking_id"))
    # For whoever booked it, it is their own as well.
    assert codes(why(practice.client, practice.service, start)) == ["not_available", "client_busy"]
    evening = on(DAY, "20:00")
    assert (codes(why(practice.therapist, practice.service, evening)), codes(why(kim, practice.service, evening))) == (["out_of_hours"], ["not_available"])


def test_staff_read_it_in_full_but_never_the_reason_of_time_off(practice: Practice):
    with transaction():
        row = TimeOff(therapist_id=practice.therapist_id, first_day=date(2026, 11, 24), last_day=date(2026, 11, 25), created_at=now())
        db.session.add(row)
        db.session.flush()
        row.reason = "own therapy"
        staff = an_account(roles=("client", "admin")).person_id
    said = why(signed_in(practice.new_browser, staff), practice.service, on(DAY, "10:00"))
    assert [(reason["code"], reason["schedule"]) for reason in said["reasons"]] == [("time_off", "Working hours")]
    assert said["reasons"][0]["time_off_id"] == str(row.public_id)
    assert "own therapy" not in str(said)
    assert codes(why(practice.client, practice.service, on(DAY, "10:00"))) == ["not_available"]
    assert practice.book(on(DAY, "10:00")).get_json()["code"] == "out_of_hours"
    assert practice.openings(start=on(DAY, "00:00"), end="2026-11-26T00:00:00Z") == []


def test_B3_B13_limits_refuse_what_is_over_them_and_count_what_lives(practice: Practice):
    with transaction():
        db.session.add(TherapistLimits(therapist_id=practice.therapist_id, day_sessions=1, week_start=0, count_requests=True))
    first = practice.book(on(DAY, "10:00")).get_json()["id"]
    kim = practice.another_client()
    refused = practice.book(on(DAY, "14:00"), by=kim)
    assert (refused.status_code, refused.get_json()["code"], refused.get_json()["limits"]) == (409, "limit", ["day_limit"])
    told = why(practice.therapist, practice.service, on(DAY, "14:00"))["reasons"]
    assert [(reason["code"], reason["most"], reason["counted"]) for reason in told] == [("day_limit", 1, 1)]
    assert practice.openings(start=on(DAY, "00:00"), end=on(DAY, "23:00")) == []
    assert practice.client.post(f"/api/v1/bookings/{first}/cancel", json={"reason": "other"}).status_code == 200
    assert practice.book(on(DAY, "14:00"), by=kim).status_code == 201, "what was cancelled does not count"
    assert practice.ask("2026-11-25T09:00:00Z").status_code == 201
    assert practice.book("2026-11-25T14:00:00Z", by=kim).get_json()["code"] == "limit", "a request that waits counts"
    with transaction():
        db.session.execute(text("UPDATE therapist_limits SET count_requests = false"))
    assert practice.book("2026-11-25T14:00:00Z", by=kim).status_code == 201


def test_limits_of_clients_are_their_own(practice: Practice):
    with transaction():
        db.session.execute(text("UPDATE services SET client_week_sessions = 1, client_gap_days = 3"))
    assert practice.book(on(DAY, "10:00")).status_code == 201
    kim = practice.another_client()
    later = on("2026-11-27", "10:00")
    assert codes(why(practice.client, practice.service, later)) == ["client_limit"]
    assert practice.book(later).get_json()["code"] == "limit"
    assert practice.book(later, by=kim).status_code == 201
    assert practice.book(on("2026-11-30", "10:00")).status_code == 201


def test_a_service_has_several_lengths_each_at_its_own_price(practice: Practice):
    with transaction():
        service_id = db.session.execute(text("SELECT id FROM services WHERE public_id = :id"), {"id": practice.service}).scalar_one()
        db.session.add(ServiceLength(service_id=service_id, minutes=90, fee_amount=9900))
    usual = practice.openings(start=on(DAY, "00:00"), end=on(DAY, "23:00"))
    longer = practice.openings(start=on(DAY, "00:00"), end=on(DAY, "23:00"), minutes=90)
    assert (usual[-1], longer[-1]) == (on(DAY, "16:00"), on(DAY, "15:00"))
    booked = practice.book(on(DAY, "10:00"), minutes=90).get_json()
    assert (booked["ends_at"], booked["fee"]["amount"], booked["service"]["minutes"]) == (on(DAY, "11:30"), 9900, booked["service"]["minutes"])
    assert practice.book(on(DAY, "13:00"), minutes=60).get_json()["code"] == "no_such_length"
    path = f"/api/v1/services/{practice.service}/openings"
    refused = practice.client.get(path, query_string={"start": on(DAY, "00:00"), "end": on(DAY, "23:00"), "minutes": 60})
    assert (refused.status_code, refused.get_json()["lengths"]) == (422, [50, 90])


def test_B3_a_notice_that_was_raised_meanwhile_refuses_an_old_opening(practice: Practice):
    start = practice.openings(start=on(DAY, "00:00"), end=on(DAY, "23:00"))[0]
    with transaction():
        db.session.execute(text("UPDATE services SET lead_minutes = 10080"))
    refused = practice.book(start)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "too_soon")


def test_B4_past_the_booking_window_is_refused_at_the_door(practice: Practice):
    with transaction():
        db.session.execute(text("UPDATE services SET window_days = 2"))
    assert practice.book("2026-11-25T09:00:00Z").get_json()["code"] == "too_far"
    with transaction():
        db.session.execute(text("UPDATE services SET bookable_from = '2026-11-26', bookable_until = '2026-11-27'"))
    listed = practice.openings(start="2026-11-23T00:00:00Z", end="2026-12-23T00:00:00Z")
    assert (listed[0], listed[-1]) == ("2026-11-26T09:00:00Z", "2026-11-27T16:00:00Z")
    assert practice.book("2026-11-25T09:00:00Z").get_json()["code"] == "not_yet_open"
    assert practice.book(listed[-1]).status_code == 201


def test_C7_a_service_on_another_schedule_offers_its_hours_and_still_clashes(practice: Practice):
    with transaction():
        evenings = TherapistSchedule(therapist_id=practice.therapist_id, name="Evenings", hours=[WorkingHours(weekday=1, from_minute=960, to_minute=1200)])
        db.session.add(evenings)
        db.session.flush()
        db.session.execute(text("UPDATE services SET schedule_id = :id WHERE public_id = :service"), {"id": evenings.id, "service": practice.consultation})
    assert practice.book(on(DAY, "16:00")).status_code == 201
    listed = practice.openings(practice.consultation, start=on(DAY, "00:00"), end=on(DAY, "23:00"))
    assert listed == [on(DAY, time) for time in ("17:00", "17:30", "18:00", "18:30", "19:00", "19:30")]
    assert practice.ask(on(DAY, "16:30")).get_json()["code"] == "taken"


def test_every_listed_opening_has_no_reason_and_every_other_start_has_one(practice: Practice):
    with transaction():
        db.session.add(TherapistLimits(therapist_id=practice.therapist_id, week_minutes=140, week_start=2, count_requests=True))
        db.session.add(
            TimeOff(
                therapist_id=practice.therapist_id, first_day=date(2026, 11, 27), last_day=date(2026, 11, 27), from_minute=600, to_minute=700, created_at=now()
            )
        )
    assert practice.book(on(DAY, "10:00")).status_code == 201
    listed = practice.openings(start="2026-11-23T00:00:00Z", end="2026-12-01T00:00:00Z")
    guest = practice.new_browser()
    for start in [f"2026-11-{day}T{hour:02}:{minute}:00Z" for day in (23, 24, 25, 27) for hour in (9, 10, 11, 16) for minute in ("00", "30")]:
        assert why(practice.client, practice.service, start)["offered"] is (start in listed), start
        assert bool(codes(why(practice.therapist, practice.service, start))) is (start not in listed) or codes(why(guest, practice.service, start)) == []


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-24T10:00:00.5Z", "1883-11-18T12:00:00Z"])
def test_any_instant_can_be_asked_for(practice: Practice, start: str):
    assert why(practice.new_browser(), practice.service, start)["reasons"]


def test_nobody_elses_service_and_no_unknown_one_is_told(practice: Practice):
    answer = practice.client.get("/api/v1/services/00000000-0000-4000-8000-000000000000/openings/why-not", query_string={"start": on(DAY, "10:00")})
    assert answer.status_code == 404


def test_a_zone_change_moves_the_hours_and_the_clock_of_a_booking(practice: Practice):
    schedule = practice.therapist.get(f"{T}/schedules").get_json()["items"][0]
    path = f"{T}/schedules/{schedule['id']}"
    changed = practice.therapist.put(f"{path}/zone-changes", json={"changes": [{"day": "2026-11-25", "zone": "Asia/Kathmandu"}]})
    assert changed.status_code == 200, changed.text
    assert practice.openings(start="2026-11-24T00:00:00Z", end="2026-11-26T00:00:00Z")[7:9] == [on(DAY, "16:00"), "2026-11-25T03:15:00Z"]
    booked = practice.book("2026-11-25T03:15:00Z")
    assert booked.status_code == 201, booked.text
    assert db.session.execute(text("SELECT wall_start, zone FROM bookings")).one() == ("2026-11-25T09:00", "Asia/Kathmandu")
    week = practice.therapist.get(f"{path}/week", query_string={"day": "2026-11-23"}).get_json()["items"]
    assert [(day["zone"], len(day["hours"])) for day in week[1:3]] == [("Europe/London", 1), ("Asia/Kathmandu", 1)]
    assert (week[1]["ends_at"], week[2]["starts_at"]) == ("2026-11-24T18:15:00Z", "2026-11-24T18:15:00Z")


def test_services_of_new_therapists_use_the_schedule_they_began_with(practice: Practice):
    with transaction():
        service = str(a_service(a_therapist(hours="22:00-02:00", weekdays="0")).public_id)
    assert len(practice.openings(service, start="2026-11-23T00:00:00Z", end="2026-11-25T00:00:00Z")) == 4


def test_somebody_new_is_offered_nothing_where_nobody_new_is_taken(practice: Practice):
    assert practice.book(on(DAY, "10:00")).status_code == 201
    kim, start, range_of = practice.another_client(), on(DAY, "12:00"), {"start": on(DAY, "00:00"), "end": on(DAY, "23:00")}
    path = f"/api/v1/services/{practice.service}/openings"
    assert start in [each["start"] for each in kim.get(path, query_string=range_of).get_json()["items"]]
    with transaction():
        db.session.execute(text("UPDATE therapists SET places = 1"))
    assert kim.get(path, query_string=range_of).get_json()["items"] == []
    assert codes(why(kim, practice.service, start)) == codes(why(practice.new_browser(), practice.service, start)) == ["not_accepting"]
    assert practice.book(start, by=kim).get_json()["code"] == "not_accepting"
    page = kim.get(f"/book/{practice.service}?day={DAY}").text
    assert ("takes no new clients at the moment" in page, "12:00" in page, "/my-waitlist/join/" in page) == (True, False, False)
    # Whoever is in care is offered what there is, and it books; so say the therapist's own answer and staff's.
    assert start in practice.openings(**range_of)
    assert why(practice.client, practice.service, start)["offered"] is True
    with transaction():
        staff = an_account(roles=("client", "admin")).person_id
    for browser in (practice.therapist, signed_in(practice.new_browser, staff)):
        said = why(browser, practice.service, start)
        assert (said["offered"], said["new_clients"]) == (True, False)
        assert start in [each["start"] for each in browser.get(path, query_string=range_of).get_json()["items"]]
    assert "offered to clients in care alone" in practice.therapist.get("/why-not", query_string={"service": practice.service, "at": f"{DAY}T12:00"}).text
    assert practice.book(start).status_code == 201


def test_a_place_that_is_kept_for_somebody_is_theirs_to_use(practice: Practice):
    with transaction():
        db.session.execute(text("UPDATE therapists SET places = 1"))
    kim, path = practice.another_client(), f"/api/v1/services/{practice.service}/openings"
    held = kim.post("/api/v1/holds", json={"service_id": practice.service, "start": on(DAY, "10:00")})
    assert held.status_code == 201, held.text
    range_of = {"start": on(DAY, "00:00"), "end": on(DAY, "23:00")}
    assert on(DAY, "12:00") in [each["start"] for each in kim.get(path, query_string=range_of).get_json()["items"]]
    assert practice.openings(**range_of) == [], "kept for kim, so not there for anybody else"


@pytest.mark.parametrize(
    ("start", "lead", "said"),
    [(on(DAY, "10:07"), 0, "off_grid"), ("2026-11-20T10:00:00Z", 0, "past"), (on(DAY, "10:00"), 30 * 24 * 60, "too_soon")],
    ids=["between-the-openings", "over", "within-the-notice"],
)
def test_where_a_public_rule_says_no_nobody_learns_whether_somebody_else_is_there(practice: Practice, start: str, lead: int, said: str):
    """Otherwise whoever asks for each minute reads the appointments of others off the answers."""
    with transaction():
        db.session.execute(text("UPDATE services SET lead_minutes = :lead"), {"lead": lead})
    free = [codes(why(each, practice.service, start)) for each in (practice.another_client(), practice.new_browser())]
    with transaction():
        db.session.add(TimeOff(therapist_id=practice.therapist_id, first_day=date(2026, 11, 20), last_day=date(2026, 11, 24), created_at=now()))
    taken = [codes(why(each, practice.service, start)) for each in (practice.another_client(), practice.new_browser())]
    assert free == taken == [[said], [said]]
    assert set(codes(why(practice.therapist, practice.service, start))) >= {said, "time_off"}, "the therapist is told all of it"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE services SET active = false", ["retired"]),
        ("UPDATE therapists SET published_at = NULL", ["not_published"]),
        ("UPDATE therapists SET held_at = now()", ["on_hold"]),
        ("UPDATE schedules SET is_default = false", ["terms_unusable"]),
    ],
    ids=["retired", "not-published", "held", "nothing-that-can-be-met"],
)
def test_why_a_service_cannot_be_booked_at_all_is_told_to_its_therapist_and_to_staff(practice: Practice, change: str, said: list[str]):
    with transaction():
        db.session.execute(text(change))
        staff = an_account(roles=("client", "matchmaker")).person_id
    for browser in (practice.therapist, signed_in(practice.new_browser, staff)):
        assert codes(why(browser, practice.service, on(DAY, "10:00"))) == said
    for browser in (practice.client, practice.new_browser()):
        answer = browser.get(f"/api/v1/services/{practice.service}/openings/why-not", query_string={"start": on(DAY, "10:00")})
        assert answer.status_code == 404
