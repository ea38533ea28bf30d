"""A date of a series that could not be charged: it is told, tried again, and then its therapist chooses; two in a row pause the series."""

from core.db import db, transaction
from tests.booking.paying.conftest import ASKS, GOOD, Till
from tests.booking.paying.weekly import DECLINED_LATER, NINE, NOT_PAID, PAUSED, PRICE, STILL_NOT, WEEKS, booked, charged_for, go_to, letters, make_unpaid
from tests.booking.practice import utc


def test_a_declined_card_is_told_tried_again_and_then_its_therapist_chooses(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    go_to(weekly, 1, hours_before=48)
    assert (charged_for(weekly, dates[1]), len(letters(weekly, NOT_PAID))) == (("waiting", 0), 1)
    assert weekly.read(dates[1])["charge"]["problem"] == "generic_decline"
    for hours in (40, 30):
        go_to(weekly, 1, hours_before=hours)
    assert len(letters(weekly, NOT_PAID)) == 1, "told once for each try"
    go_to(weekly, 1, hours_before=24)
    assert len(letters(weekly, NOT_PAID)) == 2
    go_to(weekly, 1, hours_before=12.1)
    assert charged_for(weekly, dates[1]) == ("waiting", 0)
    go_to(weekly, 1, hours_before=12)
    assert charged_for(weekly, dates[1]) == ("unpaid", 0)
    assert (len(letters(weekly, STILL_NOT)), len(letters(weekly, "An appointment is not paid"))) == (1, 1)
    assert (weekly.state(dates[1]), weekly.charged()) == ("confirmed", PRICE)
    assert "decide_unpaid" in weekly.read(dates[1], by=weekly.practice.therapist)["actions"]
    live = [each for each in weekly.sandbox.world.each("payment_intent") if each["status"] not in ("succeeded", "canceled")]
    assert live == [], "nothing that was refused can be paid any more"


def test_the_therapist_keeps_it_and_it_can_still_be_paid(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    path = f"/api/v1/bookings/{dates[1]}/unpaid"
    assert weekly.practice.client.post(path, json={"decision": "keep"}).status_code == 403
    assert weekly.practice.therapist.post(path, json={"decision": "maybe"}).status_code == 422
    assert weekly.practice.therapist.post(path, json={"decision": "keep"}).get_json()["charge"]["state"] == "kept"
    assert weekly.practice.therapist.post(path, json={"decision": "release"}).get_json()["code"] == "not_unpaid"
    weekly.work()
    assert len(letters(weekly, "Your appointment takes place")) == 1
    weekly.at(utc(f"{WEEKS[1]}T09:00"), hours=2)
    assert weekly.practice.therapist.post(f"/api/v1/bookings/{dates[1]}/outcome", json={"outcome": "took_place"}).status_code == 200
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()
    weekly.pay(page["payment_id"])
    weekly.news()
    assert (weekly.state(dates[1]), weekly.charged(), weekly.returned()) == ("completed", 2 * PRICE, [])
    with transaction():
        assert len(db.session.execute(db.text("SELECT 1 FROM payouts")).all()) == 1, "paid afterwards, it is earned all the same"


def test_the_therapist_releases_it_free_of_charge(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    released = weekly.practice.therapist.post(f"/api/v1/bookings/{dates[1]}/unpaid", json={"decision": "release"}).get_json()
    weekly.news()
    assert (released["state"], released["owed"], weekly.charged()) == ("cancelled", None, PRICE)
    assert weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()["code"] == "nothing_to_pay"
    assert weekly.hold(WEEKS[1] + NINE, by=weekly.practice.another_client())


def test_two_in_a_row_pause_the_series_and_open_a_case_and_paying_resumes_it(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    assert weekly.cases() == []
    make_unpaid(weekly, 2)
    series = weekly.read(dates[0])["series"]["id"]
    assert weekly.practice.client.get(f"/api/v1/series/{series}").get_json()["paused_at"] is not None
    assert (weekly.cases(), len(letters(weekly, PAUSED))) == (["series:series_paused"], 1)
    tries = len(list(weekly.sandbox.world.each("payment_intent")))
    go_to(weekly, 3, hours_before=47)
    assert len(list(weekly.sandbox.world.each("payment_intent"))) == tries, "nothing is charged while it is paused"
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[2]}/checkout")
    weekly.pay(page.get_json()["payment_id"], GOOD)
    weekly.news()
    assert weekly.practice.client.get(f"/api/v1/series/{series}").get_json()["paused_at"] is None
    go_to(weekly, 3, hours_before=46)
    assert charged_for(weekly, dates[3]) == ("paid", PRICE), "the card of that checkout is kept now"


def test_a_bank_that_wants_to_see_its_customer_gets_a_link_and_the_same_clock(weekly: Till) -> None:
    dates = booked(weekly, ASKS)
    go_to(weekly, 1, hours_before=48)
    assert weekly.read(dates[1])["charge"]["problem"] == "authentication_required"
    (text,) = letters(weekly, NOT_PAID)
    assert "Your bank wants to see you" in text
    assert f"/appointment/price/{dates[1]}" in text
    page = weekly.practice.client.post(f"/api/v1/bookings/{dates[1]}/checkout").get_json()
    weekly.pay(page["payment_id"], ASKS, approve=True)
    weekly.news()
    go_to(weekly, 1, hours_before=24)
    assert (charged_for(weekly, dates[1]), weekly.charged(), len(letters(weekly, NOT_PAID))) == (("paid", PRICE), 2 * PRICE, 1)


def test_who_takes_the_card_away_is_charged_no_more_and_gets_a_link(weekly: Till) -> None:
    dates = booked(weekly)
    (card,) = weekly.practice.client.get("/api/v1/cards").get_json()["items"]
    assert weekly.practice.another_client().delete(f"/api/v1/cards/{card['id']}").status_code == 404
    assert weekly.practice.client.delete(f"/api/v1/cards/{card['id']}").get_json() == {"items": []}
    weekly.work()
    assert [each["customer"] for each in weekly.sandbox.world.each("payment_method")] == [None]
    go_to(weekly, 1, hours_before=48)
    assert (weekly.read(dates[1])["charge"]["problem"], weekly.charged(), len(letters(weekly, NOT_PAID))) == ("no_card", PRICE, 1)


def test_the_page_of_an_unpaid_date_leads_its_client_to_a_checkout_and_lets_its_therapist_choose(weekly: Till) -> None:
    dates = booked(weekly, DECLINED_LATER)
    make_unpaid(weekly, 1)
    client, therapist, address = weekly.practice.client, weekly.practice.therapist, f"/appointment/price/{dates[1]}"
    assert "GBP 60.00 is not paid yet." in client.get(address).text
    paying = client.post(address, data={"csrf_token": client.csrf_token, "press": "pay"})
    assert "Pay GBP 60.00 by card" in paying.text
    page = therapist.get(address)
    assert "Keep the appointment" in page.text
    done = therapist.post(address, data={"csrf_token": therapist.csrf_token, "press": "release"})
    assert (done.status_code, weekly.state(dates[1])) == (200, "cancelled")


def test_what_a_bank_is_still_at_is_neither_tried_again_nor_called_unpaid(weekly: Till) -> None:
    dates = booked(weekly)
    weekly.sandbox.set(processing_seconds=60 * 60 * 40)
    for hours in (48, 24, 12):
        go_to(weekly, 1, hours_before=hours)
    assert charged_for(weekly, dates[1]) == ("trying", 0)
    assert len(list(weekly.sandbox.world.each("payment_intent"))) == 2
    go_to(weekly, 1, hours_before=7)
    assert (charged_for(weekly, dates[1]), weekly.charged(), letters(weekly, STILL_NOT)) == (("paid", PRICE), 2 * PRICE, [])
