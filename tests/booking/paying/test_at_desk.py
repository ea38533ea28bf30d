"""The desk's pages of a payment and of an appointment: reached from a case, for its owner, with the acts that settle it."""

import re

from core.db import transaction
from tests.booking.paying.conftest import Till
from tests.booking.practice import signed_in, utc
from tests.browser import Browser
from tests.factories.accounts import an_account


def a_desk(till: Till) -> Browser:
    with transaction():
        person_id = an_account(roles=("client", "admin")).person_id
    return signed_in(till.practice.new_browser, person_id)


def test_a_contested_absence_is_decided_on_pages(till: Till) -> None:
    till.terms(late_fee_percent=50)
    booking = till.paid_booking()
    till.at(utc("2026-11-23T09:20"))
    till.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "client_absent"})
    till.practice.client.post(f"/appointment/how-it-went/{booking}", data={"act": "contest", "note": "I was there."})
    till.work()
    desk = a_desk(till)
    assert desk.get(f"/desk/bookings/{booking}").status_code == 404, "only with a case about it"
    case = re.search(r"/desk/cases/[0-9a-f-]+", desk.get("/desk/cases").text)
    assert case is not None
    assert "I was there." in desk.get(case[0]).text
    desk.post(case[0], data={"act": "claim"})
    assert f"/desk/bookings/{booking}" in desk.get(case[0]).text
    page = desk.get(f"/desk/bookings/{booking}").text
    assert all(words in page for words in ("Said by the therapist", "The client did not come", "Alex Rivers", "/desk/payments/"))
    assert desk.post(f"/desk/bookings/{booking}", data={"act": "what"}).status_code == 422
    assert desk.post(f"/desk/bookings/{booking}", data={"act": "client_absent"}).status_code == 303
    assert till.state(booking) == "no_show"
    assert "No case waits" in desk.get("/desk/cases").text


def test_a_complaint_is_settled_by_letting_the_client_off(till: Till) -> None:
    till.terms(late_fee_percent=50)
    booking = till.paid_booking()
    till.at(utc("2026-11-23T08:00"))
    till.practice.client.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "time"})
    till.work()
    till.practice.client.post(f"/api/v1/bookings/{booking}/complaint")
    desk = a_desk(till)
    case = re.search(r"/desk/cases/[0-9a-f-]+", desk.get("/desk/cases").text)
    assert case is not None
    assert desk.post(f"/desk/bookings/{booking}", data={"act": "waive"}).status_code == 404
    desk.post(case[0], data={"act": "claim"})
    assert desk.post(f"/desk/bookings/{booking}", data={"act": "waive"}).status_code == 303
    till.work()
    assert [each[:2] for each in till.returned()] == [(3000, "cancelled"), (3000, "waived")]
    assert "waived" in desk.get(f"/desk/bookings/{booking}").text


def test_part_of_a_payment_is_given_back_on_its_page_once(till: Till, admin: Browser) -> None:
    booking = till.paid_booking()
    payment = till.read(booking)["payment"]["id"]
    page = f"/desk/payments/{payment}"
    assert till.practice.client.get(page).status_code == 403
    assert "GBP 60.00" in admin.get(page).text
    form = {"amount": "20,50", "reason": "goodwill", "seen": "0"}
    for wrong in ({"amount": "x"}, {"amount": "0"}, {"amount": "1" * 5000}, {"reason": "because"}):
        assert admin.post(page, data=form | wrong).status_code == 422
    assert admin.post(page, data=form | {"amount": "61"}).status_code == 409
    assert "on its way back" in admin.post(page, data=form).text
    again = admin.post(page, data=form)
    assert (again.status_code, "Something went back meanwhile" in again.text) == (409, True), "a button that is pressed twice"
    till.work()
    assert till.returned() == [(2050, "goodwill", "succeeded")]
    assert "GBP 20.50, goodwill: succeeded" in admin.get(page).text
