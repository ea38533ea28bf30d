"""A therapist's page of money: the way they are paid, the processor's pages, what they are owed, payouts, files, and what receipts say."""

import re

from sqlalchemy import delete, select

from core.clock import now
from core.db import db, transaction
from payments.collection.models import ConnectedAccount
from payments.receipts.seller import seller_at
from tests.booking.conftest import practice
from tests.booking.paying.conftest import Till, till
from tests.booking.practice import utc

__all__ = ("practice", "till")  # fixtures
PAGE = "/my-practice/money"


def test_a_therapist_chooses_how_they_are_paid_and_gets_to_the_processors_pages(till: Till) -> None:
    therapist = till.practice.therapist
    with transaction():
        db.session.execute(delete(ConnectedAccount))  # the fixture's is none of the processor's
    assert "You are not open to new clients" in therapist.get(PAGE).text
    opened = therapist.post(PAGE, data={"act": "account", "country": "GB"}).text
    assert "To the card processor's pages about you" in opened
    assert re.search(r'href="http://127\.0\.0\.1:\d+/onboard/', opened)
    assert "They still need something from you" in therapist.get(PAGE).text
    with transaction():
        account = db.session.execute(select(ConnectedAccount.reference)).scalar_one()
    till.sandbox.onboard(account)
    assert therapist.post(PAGE, data={"act": "check"}).status_code == 303
    assert "by card, through Attune" in therapist.get(PAGE).text
    assert therapist.post(PAGE, data={"act": "therapist_invoices"}).headers["Location"] == PAGE
    assert "<strong>by invoices of your own" in therapist.get(PAGE).text
    therapist.post(PAGE, data={"act": "online"})
    abroad = therapist.post(PAGE, data={"act": "account", "country": "DE"})
    assert (abroad.status_code, "begun in another country" in abroad.text) == (409, True)
    assert therapist.post(PAGE, data={"act": "account", "country": "XX"}).status_code == 422
    assert therapist.post(PAGE, data={"act": "nothing"}).status_code == 422
    assert till.practice.client.get(PAGE).status_code == 403
    assert PAGE in therapist.get("/my-practice").text


def test_it_says_what_is_owed_why_a_payout_waits_and_when_it_left(till: Till) -> None:
    booking = till.paid_booking()
    till.at(utc("2026-11-23T10:00"))
    till.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "took_place"})
    till.work()
    page = till.practice.therapist.get(PAGE).text
    assert "GBP 54.00" in page, "60 less a tenth"
    assert "Waits, not before Thursday 26 November 2026, 09:50" in page
    till.practice.client.post(f"/api/v1/bookings/{booking}/complaint")
    till.at(utc("2026-11-26T10:00"))
    till.work()
    page = till.practice.therapist.get(PAGE).text
    assert "Waits: a person looks at what was said about the appointment" in page
    assert f"/appointment/how-it-went/{booking}" in page
    file = re.search(r'href="(/api/v1/therapist/earnings/statement[^"]+)"', page)
    assert file is not None
    saved = till.practice.therapist.get(file[1].replace("&amp;", "&"))
    assert (saved.status_code, "carried_forward" in saved.text and "54.00" in saved.text) == (200, True)
    assert till.practice.therapist.get(f"{PAGE}?cursor=x").status_code == 422


def test_what_receipts_say_is_stated_there_and_stays_filled_in_when_it_is_refused(till: Till) -> None:
    therapist = till.practice.therapist
    refused = therapist.post(PAGE, data={"act": "seller", "name": "Rivers Ltd", "tax_rate": "20"})
    assert (refused.status_code, 'value="Rivers Ltd"' in refused.text) == (422, True)
    wrong = therapist.post(PAGE, data={"act": "seller", "name": "Rivers Ltd", "tax_name": "VAT", "tax_rate": "a fifth"})
    assert (wrong.status_code, "Give the rate in percent" in wrong.text) == (422, True)
    form = {"act": "seller", "name": "Rivers Ltd", "address": "1 Lane\r\nLeeds", "tax_name": "VAT", "tax_rate": "7,5 %"}
    assert therapist.post(PAGE, data=form).status_code == 303
    with transaction():
        stated = seller_at(till.practice.therapist_id, now())
    assert stated is not None
    assert (stated.name, stated.address, stated.tax_points) == ("Rivers Ltd", "1 Lane\nLeeds", 750)
    assert 'value="7.5"' in therapist.get(PAGE).text


def test_our_fee_is_published(till: Till) -> None:
    guest = till.practice.new_browser()
    page = guest.get("/fees").text
    assert all(words in page for words in ("12 %", "10 %", "3 %", "whom the therapist brought along"))
    told = guest.get("/api/v1/platform-fees").get_json()
    assert told["in_force"] == told["versions"][-1]["version"]
    assert {each["origin"]: each["points"] for each in told["versions"][-1]["fees"]} == {"match": 1200, "directory": 1000, "invited": 300}
    assert "/fees" in guest.get("/").text
