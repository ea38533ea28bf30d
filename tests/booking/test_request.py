"""One opening, one booking: what is offered books, what is refused says why, and nothing is half-written."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, text

from accounts.models import Account
from booking.models import Booking, BookingEvent, Claim
from care.pause import pause_for_safety
from care.relation import relation_between
from core.clock import FixedClock, now
from core.db import db, transaction
from core.idempotency import forget_answers
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps, states
from tests.booking.practice import a_client, a_service, a_therapist, override, signed_in
from therapists.models import Service, Therapist

NOTHING = "00000000-0000-4000-8000-000000000000"


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def change(model, where, **values) -> None:
    with transaction():
        db.session.execute(model.__table__.update().where(where).values(**values))


def test_an_instant_service_is_confirmed_at_once(practice: Practice):
    answer = practice.book(title="Coffee")
    assert answer.status_code == 201
    told = answer.get_json()
    assert (told["state"], told["starts_at"], told["ends_at"]) == ("confirmed", MONDAY_NINE, "2026-11-23T09:50:00Z")
    assert (told["fee"], told["title"], told["actions"]) == ({"amount": 6000, "currency": "GBP"}, "Coffee", ["move", "cancel"])
    assert told["role"] == "client"
    assert told["answer_by"] is None
    with transaction():
        relation = relation_between(practice.therapist_id, practice.client_id)
        assert relation is not None
        assert relation.state == "trial"
        claims = db.session.execute(select(Claim.role, Claim.blocks, Claim.lapses_at).order_by(Claim.id)).all()
        assert [tuple(claim) for claim in claims] == [("therapist", True, None), ("client", True, None)]


def test_a_service_on_request_waits_for_its_therapist(practice: Practice):
    told = practice.ask().get_json()
    assert (told["state"], told["actions"], told["title"]) == ("requested", ["withdraw"], "Appointment")
    assert told["answer_by"] == "2026-11-23T21:00:00Z"  # 12 hours before its start comes before 48 hours
    with transaction():
        relation = relation_between(practice.therapist_id, practice.client_id)
        assert relation is not None
        assert relation.state == "requested"


def test_A29_every_opening_that_is_listed_books(practice: Practice):
    found = practice.openings(start="2026-11-23T12:00:00Z", end="2026-11-23T15:00:00Z")
    assert found == ["2026-11-23T12:00:00Z", "2026-11-23T13:00:00Z", "2026-11-23T14:00:00Z"]
    assert [practice.book(start).status_code for start in found] == [201, 201, 201]
    assert practice.openings(start="2026-11-23T12:00:00Z", end="2026-11-23T15:00:00Z") == []


def test_every_opening_of_a_service_with_buffers_and_notice_books_and_nothing_beside_them(practice: Practice, clock: FixedClock):
    with transaction():
        therapist = a_therapist(hours="22:00-02:00 09:30-12:00", weekdays="0123456")
        override(therapist, date(2026, 11, 25), "10:00-11:30")
        terms = {"buffer_before": 10, "buffer_after": 15, "lead_minutes": 600, "step_minutes": 20, "window_days": 4}
        service = str(a_service(therapist, minutes=45, **terms).public_id)
    span = {"start": "2026-11-22T00:00:00Z", "end": "2026-11-29T00:00:00Z"}
    booked = 0
    while found := practice.openings(service, **span):
        assert practice.book(found[booked % len(found)], service=service).status_code == 201
        booked += 1
    assert booked > 10
    assert overlaps() == 0


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param("2026-11-20T09:00:00Z", "past", id="R17-past"),
        pytest.param("2027-06-01T09:00:00Z", "too_far", id="R17-beyond-the-window"),
        pytest.param("9999-12-31T23:59:59Z", "too_far", id="R17-end-of-time"),
        pytest.param("0001-01-01T00:00:00Z", "past", id="R17-beginning-of-time"),
        pytest.param("2026-11-23T09:07:00Z", "off_grid", id="R17-off-the-grid"),
        pytest.param("2026-11-23T09:00:00.500Z", "off_grid", id="C9-fraction-of-a-second"),
        pytest.param("2026-11-23T03:00:00Z", "out_of_hours", id="R17-at-night"),
    ],
)
def test_R17_a_start_that_is_no_opening_is_refused_with_its_reason(practice: Practice, start: str, expected: str):
    answer = practice.book(start)
    assert code(answer) == (422, expected)
    assert answer.get_json()["errors"]["start"]
    assert states() == []


def test_B3_a_start_that_was_listed_is_checked_again(practice: Practice):
    start = practice.openings()[0]
    change(Service, Service.therapist_id == practice.therapist_id, lead_minutes=7 * 24 * 60)
    assert code(practice.book(start)) == (422, "too_soon")


def test_B4_a_start_after_the_last_local_day_is_refused(practice: Practice, clock: FixedClock):
    with transaction():
        therapist = a_therapist(zone="Asia/Kolkata", hours="09:00-18:00", weekdays="0123456")
        service = str(a_service(therapist, minutes=60, window_days=2).public_id)
    listed = practice.openings(service, start="2026-11-22T15:00:00Z", end="2026-12-05T00:00:00Z", zone="Pacific/Pago_Pago")
    assert listed[-1] == "2026-11-24T11:30:00Z"
    assert code(practice.book("2026-11-25T03:30:00Z", service=service)) == (422, "too_far")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "service_id"),
        ({"start": "2026-11-23T09:00:00"}, "start"),
        ({"start": "tomorrow"}, "start"),
        ({"start": 5}, "start"),
        ({"service_id": "no-id"}, "service_id"),
        ({"title": "x" * 81}, "title"),
        ({"title": "a\u0007b"}, "title"),
        ({"amount": 1}, "amount"),
    ],
)
def test_bad_input_is_named_by_its_field(practice: Practice, body: dict, field: str):
    whole = {"service_id": practice.service, "start": MONDAY_NINE, **body} if body else {}
    answer = practice.client.post("/api/v1/bookings", json=whole)
    assert code(answer) == (422, "invalid")
    assert field in answer.get_json()["errors"]
    assert states() == []


def test_nobody_books_what_is_not_there_or_not_published(practice: Practice):
    assert practice.book(service=NOTHING).status_code == 404
    change(Therapist, Therapist.person_id == practice.therapist_id, published_at=None)
    assert practice.book().status_code == 404
    assert practice.client.get(f"/api/v1/services/{practice.service}/openings?start={MONDAY_NINE}&end=2026-11-24T09:00:00Z").status_code == 404


def test_R18_a_therapist_who_was_put_on_hold_meanwhile_cannot_be_booked(practice: Practice):
    change(Therapist, Therapist.person_id == practice.therapist_id, held_at=now(), held_reason="complaint")
    assert practice.book().status_code == 404
    assert states() == []


def test_R19_a_time_that_the_clocks_skip_is_neither_offered_nor_booked(practice: Practice, clock: FixedClock):
    clock.instant = clock.instant.replace(year=2027, month=3, day=20)
    with transaction():
        service = str(a_service(a_therapist(zone="Europe/Berlin", hours="01:00-05:00", weekdays="6"), minutes=30, step_minutes=30).public_id)
    practice = refreshed(practice)
    listed = practice.openings(service, start="2027-03-28T00:00:00Z", end="2027-03-28T03:00:00Z")
    assert listed == [f"2027-03-28T{time}:00Z" for time in ("00:00", "00:30", "01:00", "01:30", "02:00", "02:30")]
    query = {"start": "2027-03-28T00:00:00Z", "end": "2027-03-28T03:00:00Z"}
    items = practice.client.get(f"/api/v1/services/{service}/openings", query_string=query).get_json()["items"]
    assert [item["local_start"][11:16] for item in items] == ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]
    # Written with an offset, 02:30 is an instant whose wall reading is another: 03:30.
    assert practice.book("2027-03-28T02:30:00+01:00", service=service).get_json()["local_start"] == "2027-03-28T02:30:00+01:00"  # in London
    with transaction():
        only_then = str(a_service(a_therapist(zone="Europe/Berlin", hours="02:00-03:00", weekdays="6"), minutes=30, step_minutes=30).public_id)
    assert practice.openings(only_then, start="2027-03-28T00:00:00Z", end="2027-03-28T23:00:00Z") == []
    assert code(practice.book("2027-03-28T02:30:00+01:00", service=only_then)) == (409, "taken")  # the client's own time
    assert code(practice.book("2027-03-28T02:00:00+01:00", service=only_then)) == (422, "out_of_hours")


def refreshed(practice: Practice) -> Practice:
    """The clock was moved further than a session lives."""
    practice.client = signed_in(practice.new_browser, practice.client_id)
    practice.therapist = signed_in(practice.new_browser, practice.therapist_id)
    return practice


def test_R20_both_instants_of_a_repeated_hour_book_and_the_file_has_the_right_one(practice: Practice, clock: FixedClock):
    clock.instant = clock.instant.replace(year=2027, month=11, day=1)
    with transaction():
        therapist = a_therapist(zone="America/New_York", hours="00:00-03:00", weekdays="6")
        service = str(a_service(therapist, minutes=30, step_minutes=30).public_id)
    practice = refreshed(practice)
    first = practice.book("2027-11-07T01:30:00-04:00", service=service).get_json()
    second = practice.book("2027-11-07T01:30:00-05:00", service=service).get_json()
    assert (first["starts_at"], second["starts_at"]) == ("2027-11-07T05:30:00Z", "2027-11-07T06:30:00Z")
    assert first["id"] != second["id"]
    for booking, stamp in ((first, b"DTSTART:20271107T053000Z"), (second, b"DTSTART:20271107T063000Z")):
        assert stamp in practice.client.get(f"/api/v1/bookings/{booking['id']}/invitation.ics").data
    with transaction():
        assert db.session.execute(select(Booking.wall_start, Booking.zone).order_by(Booking.id)).all() == [("2027-11-07T01:30", "America/New_York")] * 2


def test_R21_each_side_reads_its_own_date(practice: Practice):
    with transaction():
        board = ("us_state_board", "psychologist")
        therapist = a_therapist(zone="America/Los_Angeles", hours="13:00-18:00", register=board, jurisdictions=["US-CA"])
        service, giver = str(a_service(therapist).public_id), therapist.person_id
        taker = a_client(place="US-CA", zone="Pacific/Auckland").person_id
    client, gives = signed_in(practice.new_browser, taker), signed_in(practice.new_browser, giver)
    told = practice.book("2026-11-24T21:00:00Z", service=service, by=client).get_json()
    assert told["local_start"] == "2026-11-25T10:00:00+13:00"
    assert gives.get(f"/api/v1/bookings/{told['id']}").get_json()["local_start"] == "2026-11-24T13:00:00-08:00"
    assert told["service"]["minutes"] == 50


def test_somebody_who_may_not_be_treated_there_is_refused_and_nothing_is_written(practice: Practice):
    abroad, nowhere = practice.another_client(place="US-CA"), practice.another_client(place=None)
    for browser in (abroad, nowhere):
        answer = practice.book(by=browser)
        assert code(answer) == (409, "may_not_treat")
        assert answer.get_json()["reasons"] == ["jurisdiction"]
    assert states() == []
    assert code(practice.book(by=practice.therapist)) == (409, "may_not_treat")


def test_a_paused_person_neither_asks_nor_books(practice: Practice):
    with transaction():
        pause_for_safety(practice.client_id, now=now())
    assert code(practice.book()) == (409, "paused")
    assert code(practice.ask()) == (409, "paused")
    assert states() == []


def test_a_full_therapist_takes_nobody_new_but_keeps_whom_they_see(practice: Practice):
    assert practice.book().status_code == 201
    change(Therapist, Therapist.person_id == practice.therapist_id, places=1)
    assert code(practice.book("2026-11-23T11:00:00Z", by=practice.another_client())) == (409, "not_accepting")
    assert practice.book("2026-11-23T11:00:00Z").status_code == 201


def test_guests_and_unconfirmed_people_cannot_book(practice: Practice):
    assert practice.book(by=practice.new_browser()).status_code == 401
    unconfirmed = practice.another_client(confirmed=False)
    assert code(practice.book(by=unconfirmed)) == (403, "email_not_confirmed")
    assert states() == []


def test_one_step_is_one_event_and_one_audit_row(practice: Practice):
    booking = practice.ask().get_json()["id"]
    assert practice.therapist.post(f"/api/v1/bookings/{booking}/confirm").status_code == 200
    with transaction():
        events = db.session.execute(select(BookingEvent.from_state, BookingEvent.to_state, BookingEvent.sequence).order_by(BookingEvent.id)).all()
        assert [tuple(event) for event in events] == [(None, "requested", 0), ("requested", "confirmed", 1)]
        actions = db.session.execute(text("SELECT action FROM audit_entries WHERE subject_kind = 'booking' ORDER BY id")).scalars().all()
        assert actions == ["booking.requested", "booking.confirmed"]


def test_D5_R13_R14_a_key_stands_for_one_request_of_one_person(practice: Practice, app: Flask):
    key = {"Idempotency-Key": "k-1"}

    def send(browser, start: str = MONDAY_NINE):
        return browser.post("/api/v1/bookings", json={"service_id": practice.service, "start": start}, headers=key)

    first, again = send(practice.client), send(practice.client)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert code(send(practice.client, "2026-11-23T11:00:00Z")) == (422, "key_reused")
    assert states() == ["confirmed"]
    rival = send(practice.another_client(), MONDAY_NINE)
    assert code(rival) == (409, "taken")
    assert first.get_json()["id"] not in rival.text
    practice.client.post(f"/api/v1/bookings/{first.get_json()['id']}/cancel", json={"reason": "time"})
    assert send(practice.client).get_json() == first.get_json()
    assert states() == ["cancelled"]


def test_answers_under_a_key_are_kept_for_a_week(practice: Practice, clock: FixedClock):
    practice.client.post("/api/v1/bookings", json={"service_id": practice.service, "start": MONDAY_NINE}, headers={"Idempotency-Key": "k"})
    for days, left in ((7, 1), (1, 0)):
        clock.advance(days=days)
        forget_answers.run()
        with transaction():
            assert db.session.execute(text("SELECT count(*) FROM stored_answers")).scalar_one() == left


def test_the_count_of_queries_for_openings_stays_small(practice: Practice, app: Flask):
    """The opening of the transaction, service with therapist and schedule and its rules, claims; nothing grows with the range."""
    from sqlalchemy import event

    seen: list[str] = []

    def note(connection, cursor, statement, *rest):
        seen.append(statement)

    guest = practice.new_browser()
    event.listen(db.engines[None].engine, "before_cursor_execute", note)
    try:
        path = f"/api/v1/services/{practice.service}/openings?start=2026-11-23T00:00:00Z&end=2026-12-23T00:00:00Z"
        assert len(guest.get(path).get_json()["items"]) > 100
    finally:
        event.remove(db.engines[None].engine, "before_cursor_execute", note)
    assert len([statement for statement in seen if statement.lstrip().startswith("SELECT")]) == 3


def test_openings_are_told_with_both_readings_of_a_repeated_hour(practice: Practice, clock: FixedClock):
    clock.instant = clock.instant.replace(year=2027, month=11, day=1)
    with transaction():
        service = str(a_service(a_therapist(zone="America/New_York", hours="00:00-03:00", weekdays="6"), minutes=30, step_minutes=30).public_id)
    answer = practice.new_browser().get(f"/api/v1/services/{service}/openings?start=2027-11-07T04:00:00Z&end=2027-11-07T08:00:00Z").get_json()
    assert [item["local_start"] for item in answer["items"]][2:6] == [
        "2027-11-07T01:00:00-04:00",
        "2027-11-07T01:30:00-04:00",
        "2027-11-07T01:00:00-05:00",
        "2027-11-07T01:30:00-05:00",
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start": MONDAY_NINE}, "end"),
        ({"start": MONDAY_NINE, "end": MONDAY_NINE}, "end"),
        ({"start": MONDAY_NINE, "end": "2027-01-24T09:00:00Z"}, "end"),
        ({"start": "0001-01-01T00:00:00Z", "end": "9999-12-31T00:00:00Z"}, "end"),
        ({"start": "0001-01-01T00:00:00Z", "end": "0001-01-02T00:00:00Z"}, "end"),
        ({"start": "2026-11-23", "end": "2026-11-24"}, "start"),
        ({"start": MONDAY_NINE, "end": "2026-11-24T09:00:00Z", "zone": "EST5EDT"}, "zone"),
        ({"start": MONDAY_NINE, "end": "2026-11-24T09:00:00Z", "zone": "../etc"}, "zone"),
        ({"start": MONDAY_NINE, "end": "2026-11-24T09:00:00Z", "colour": "red"}, "colour"),
    ],
)
def test_A30_a_range_that_cannot_be_meant_is_refused_with_its_field(practice: Practice, query: dict, field: str):
    answer = practice.client.get(f"/api/v1/services/{practice.service}/openings", query_string=query)
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]


def test_62_local_dates_are_read_at_once_also_where_they_are_longer(practice: Practice):
    """From midnight to midnight over the autumn change in New York: 62 dates, one hour more than 62 times 24."""
    within = {"start": "2026-10-01T04:00:00Z", "end": "2026-12-02T05:00:00Z", "zone": "America/New_York"}
    assert practice.client.get(f"/api/v1/services/{practice.service}/openings", query_string=within).status_code == 200
    over = within | {"end": "2026-12-02T05:00:01Z"}
    assert code(practice.client.get(f"/api/v1/services/{practice.service}/openings", query_string=over)) == (422, "range_too_long")


def test_a_client_without_an_address_that_can_be_written_to_still_has_no_way_in(practice: Practice):
    change(Account, Account.person_id == practice.client_id, disabled_at=now())
    assert practice.book().status_code == 401
