"""What a client says once an appointment is over: a person looks at it, and nothing is charged or paid out meanwhile."""

import pytest

from accounts.roles import grant_role
from core.clock import now
from core.db import transaction
from tests.booking.conftest import practice
from tests.booking.paying.conftest import Till, till, weekly
from tests.booking.paying.test_series_fees import a_late_cancellation_before_it_was_charged
from tests.booking.paying.weekly import PRICE
from tests.booking.practice import a_client, signed_in, utc
from tests.browser import Browser
from tests.fakes.outbox import text_of

__all__ = ("practice", "till", "weekly")  # fixtures
PAGE = "/appointment/how-it-went"


def an_admin(till: Till) -> Browser:
    with transaction():
        person_id = a_client(name="Ada Stone").person_id
        grant_role(person_id, "admin", now=now())
    return signed_in(till.practice.new_browser, person_id)


def a_day_later(till: Till) -> None:
    till.clock.advance(hours=25)
    till.work()
    till.news()


def test_a_late_fee_that_its_client_sees_otherwise_is_not_charged_until_a_person_has_looked(weekly: Till) -> None:
    booking = a_late_cancellation_before_it_was_charged(weekly)
    told = next(text_of(message) for message in weekly.outbox.sent if message["Subject"] == "What your cancelled appointment costs")
    assert f"{PAGE}/{booking}" in told, "the mail leads to where it can be said"
    assert f"{PAGE}/{booking}" in weekly.practice.client.get("/appointments").text
    page = weekly.practice.client.get(f"{PAGE}/{booking}").text
    assert "GBP 30.00 for calling it off late" in page
    assert weekly.practice.client.post(f"{PAGE}/{booking}", data={"act": "complain", "note": "The train stood still."}).status_code == 200
    again = weekly.practice.client.post(f"/api/v1/bookings/{booking}/complaint", json={})
    assert (again.status_code, again.get_json()["code"]) == (409, "already_said")
    a_day_later(weekly)
    assert weekly.charged() == PRICE

    desk = an_admin(weekly)
    assert desk.post(f"/api/v1/staff/bookings/{booking}/waive-fee").status_code == 404, "only the owner of the case"
    case = desk.get("/api/v1/cases?kind=complaint").get_json()["items"][0]["id"]
    assert desk.post(f"/api/v1/cases/{case}/claim").status_code == 200
    assert desk.get(f"/api/v1/cases/{case}").get_json()["facts"]["note"] == "The train stood still."
    assert desk.post(f"/api/v1/staff/bookings/{booking}/waive-fee").status_code == 200
    assert desk.post(f"/api/v1/cases/{case}/close", json={"outcome": "resolved"}).status_code == 200
    a_day_later(weekly)
    assert weekly.charged() == PRICE, "it was waived"


def test_a_complaint_that_is_closed_lets_the_fee_be_charged(weekly: Till) -> None:
    booking = a_late_cancellation_before_it_was_charged(weekly)
    assert weekly.practice.client.post(f"/api/v1/bookings/{booking}/complaint").status_code == 200
    desk = an_admin(weekly)
    case = desk.get("/api/v1/cases?kind=complaint").get_json()["items"][0]["id"]
    desk.post(f"/api/v1/cases/{case}/claim")
    desk.post(f"/api/v1/cases/{case}/close", json={"outcome": "not_needed"})
    a_day_later(weekly)
    assert weekly.charged() == PRICE + 3000


def test_a_session_that_its_therapist_says_took_place_is_not_paid_out_while_its_client_says_otherwise(till: Till) -> None:
    booking = till.paid_booking()
    till.at(utc("2026-11-23T10:00"))
    assert till.practice.client.post(f"/api/v1/bookings/{booking}/complaint").get_json()["code"] == "nothing_to_say"
    till.practice.therapist.post(f"{PAGE}/{booking}", data={"act": "took_place"})
    assert till.state(booking) == "completed"
    assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/complaint").status_code == 404, "a client's word"
    assert "complain" in till.read(booking)["actions"]
    till.practice.client.post(f"{PAGE}/{booking}", data={"act": "complain"})
    till.at(utc("2026-11-27T10:00"))
    till.work()
    payout = till.practice.therapist.get("/api/v1/therapist/payouts").get_json()["items"][0]
    assert (payout["state"], payout["waits_for"]) == ("earned", "complaint")


def test_what_did_not_take_place_is_contested_on_the_page_that_the_mail_leads_to(till: Till) -> None:
    booking = till.paid_booking()
    till.at(utc("2026-11-23T09:20"))
    week = till.practice.therapist.get("/week?day=2026-11-23").text
    assert f"{PAGE}/{booking}" in week
    assert "My client did not come" in till.practice.therapist.get(f"{PAGE}/{booking}").text
    assert till.practice.therapist.post(f"{PAGE}/{booking}", data={"act": "client_absent"}).status_code == 303
    till.work()
    assert any(f"{PAGE}/{booking}" in text_of(message) for message in till.outbox.sent if message["Subject"] == "About your appointment")
    page = till.practice.client.get(f"{PAGE}/{booking}").text
    assert "What was said: you did not come" in page
    assert till.practice.client.post(f"{PAGE}/{booking}", data={"act": "contest", "note": "I was there."}).status_code == 200
    assert "different things" in till.practice.client.get(f"{PAGE}/{booking}").text
    assert till.practice.another_client().get(f"{PAGE}/{booking}").status_code == 404
    assert till.practice.client.post(f"{PAGE}/{booking}", data={"act": "what"}).status_code == 422


def test_a_therapist_lets_a_client_off_on_the_page(till: Till) -> None:
    till.terms(late_fee_percent=50)
    booking = till.paid_booking()
    till.at(utc("2026-11-23T08:00"))
    till.practice.client.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "time"})
    till.work()
    mailed = next(text_of(message) for message in till.outbox.sent if message["Subject"] == "An appointment is cancelled")
    assert f"{PAGE}/{booking}" in mailed
    assert "They owe nothing" in till.practice.therapist.get(f"{PAGE}/{booking}").text
    assert till.practice.client.post(f"{PAGE}/{booking}", data={"act": "waive"}).status_code == 403
    assert till.practice.therapist.post(f"{PAGE}/{booking}", data={"act": "waive"}).status_code == 303
    assert [each[1] for each in till.returned()] == ["cancelled", "waived"]
    assert "complain" not in till.read(booking)["actions"], "nothing is owed any more"


@pytest.mark.parametrize(("days", "status"), [(13, 200), (15, 409)])
def test_it_can_be_said_for_two_weeks(till: Till, days: int, status: int) -> None:
    booking = till.paid_booking()
    till.at(utc("2026-11-23T10:00"))
    till.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "took_place"})
    till.at(utc("2026-11-23T10:00"), days=days)
    assert till.practice.client.post(f"/api/v1/bookings/{booking}/complaint").status_code == status
