"""What staff book for a client of a therapist who is paid by card: asked for by a link, and paid by the clock of a date of a series."""

from typing import Any

from accounts.people import public_id_of
from core.db import transaction
from tests.booking.conftest import states
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_give_back import cancel
from tests.booking.paying.weekly import booked, letters, sweep
from tests.booking.practice import utc
from tests.booking.test_outcome import an_admin

ASKED = "Please pay for your appointment"
THURSDAY, PRICE = "2026-11-26T09:00", 6000


def by_staff(till: Till, start: str = THURSDAY) -> str:
    with transaction():
        client = str(public_id_of(till.practice.client_id))
    body = {"client_id": client, "service_id": till.practice.service, "start": f"{start}:00Z", "reason": "client_asked", "set_aside": []}
    made = an_admin(till.practice).post("/api/v1/staff/bookings", json=body)
    assert (made.status_code, made.get_json()["state"]) == (201, "confirmed"), made.text
    till.work()
    return str(made.get_json()["id"])


def charge(till: Till, booking: str) -> tuple[Any, Any]:
    told = till.read(booking)["charge"]
    return told["state"], told["problem"]


def test_what_staff_book_is_asked_for_by_a_link_and_paid_there(weekly: Till) -> None:
    booking = by_staff(weekly)
    (text,) = letters(weekly, ASKED)
    assert "It costs GBP 60.00. Please pay it here, by" in text
    assert f"/appointment/price/{booking}" in text
    assert charge(weekly, booking) == ("waiting", "no_card")
    page = weekly.practice.client.get(f"/appointment/price/{booking}").text
    assert 'value="pay"' in page
    paid = weekly.practice.client.post(f"/api/v1/bookings/{booking}/checkout").get_json()
    weekly.pay(paid["payment_id"])
    weekly.news()
    weekly.at(utc(THURSDAY), hours=-47)
    sweep(weekly)
    assert (charge(weekly, booking), weekly.charged(), len(weekly.payments())) == (("paid", None), PRICE, 1)


def test_what_is_not_paid_12_hours_before_its_therapist_keeps_or_releases(weekly: Till) -> None:
    booking = by_staff(weekly)
    weekly.at(utc(THURSDAY), hours=-48)
    sweep(weekly)
    weekly.at(utc(THURSDAY), hours=-11)
    sweep(weekly)
    assert charge(weekly, booking) == ("unpaid", "no_card")
    answer = weekly.practice.therapist.post(f"/api/v1/bookings/{booking}/unpaid", json={"decision": "release"})
    assert answer.status_code == 200, answer.text
    assert (states(), weekly.charged()) == (["cancelled"], 0)


def test_a_kept_card_is_charged_48_hours_before(weekly: Till) -> None:
    booked(weekly, count=2)
    booking = by_staff(weekly)
    assert "is charged to the card that you let us keep" in letters(weekly, ASKED)[0]
    weekly.at(utc(THURSDAY), hours=-48.5)
    sweep(weekly)
    assert (charge(weekly, booking), weekly.charged()) == (("waiting", None), PRICE)
    weekly.at(utc(THURSDAY), hours=-48)
    sweep(weekly)
    weekly.news()
    assert (charge(weekly, booking), weekly.charged()) == (("paid", None), 2 * PRICE)


def test_cancelling_late_what_was_never_paid_is_owed_and_asked_for_by_a_link(weekly: Till) -> None:
    booking = by_staff(weekly)
    weekly.at(utc(THURSDAY), hours=-2)
    cancel(weekly, booking)
    weekly.clock.advance(hours=25)
    weekly.work()
    assert len(letters(weekly, "A fee is not paid yet")) == 1
    weekly.at(weekly.clock.now())
    paid = weekly.practice.client.post(f"/api/v1/bookings/{booking}/checkout").get_json()
    weekly.pay(paid["payment_id"])
    weekly.news()
    assert weekly.charged() == PRICE // 2
