"""Receipts and statements: who may have which, what stands on them, and what never does."""

import io
import uuid
from collections.abc import Callable

import pypdf
import pytest
from sqlalchemy import select

from accounts.models import Person
from core.db import db, transaction
from payments.models import Payment
from payments.receipts.number import receipt_number
from payments.receipts.pdf import NOT_PRINTED
from payments.receipts.seller import Seller
from tests.booking.paying.conftest import Till
from tests.booking.paying.test_gifts import booked_with, gift
from tests.booking.paying.test_give_back import cancel
from tests.booking.practice import signed_in, utc
from tests.browser import Browser
from tests.factories.accounts import an_account

SELLER = {
    "name": "Łucja Ωmega-Юлия",
    "address": "1 High Street\nLeeds",
    "tax_number": "GB 123 4567 89",
    "tax_name": "VAT",
    "tax_points": 2000,
    "tax_note": "",
}
CLINICAL = ("diagnos", "therapy", "treatment", "anxiety", "depress", "symptom", "cbt", "session", "patient", "icd", "cpt")
DETAILS = "/api/v1/therapist/seller-details"


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def paid(till: Till) -> str:
    """The id of a payment that settled."""
    till.paid_booking()
    with transaction():
        return str(db.session.scalars(select(Payment.public_id)).one())


def pdf(browser: Browser, payment: str) -> str:
    answer = browser.get(f"/api/v1/payments/{payment}/receipt.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.startswith(b"%PDF-")
    assert answer.data == browser.get(f"/api/v1/payments/{payment}/receipt.pdf").data
    return text_of(answer.data)


def page(browser: Browser, payment: str) -> str:
    answer = browser.get(f"/payments/{payment}/receipt")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("form", [pdf, page])
def test_a_receipt_names_number_seller_amount_our_role_and_no_superbill(till: Till, form: Callable[[Browser, str], str]) -> None:
    till.practice.therapist.put(DETAILS, json=SELLER)
    payment = paid(till)
    shown = form(till.practice.client, payment)
    for needed in (
        receipt_number(uuid.UUID(payment)),
        "Łucja Ωmega-Юлия",
        "1 High Street",
        "VAT number GB 123 4567 89",
        "GBP 60.00",
        "VAT of 20 %",
        "GBP 10.00",
    ):
        assert needed in shown
    flat = " ".join(shown.split())
    assert "Attune takes payments by card for therapists. The therapist named here is the seller" in flat
    assert "This is not a superbill" in flat
    assert "ask your therapist" in flat
    assert "Our published fee" not in flat
    assert "our published fee" not in flat
    assert "Appointment, 50 minutes" in flat


@pytest.mark.parametrize("form", [pdf, page])
def test_no_clinical_word_stands_on_a_receipt_or_a_statement(till: Till, form: Callable[[Browser, str], str]) -> None:
    payment = paid(till)
    client = till.practice.client
    shown = form(client, payment) + client.get("/payments/statement").text
    said = shown.lower().replace("it names no diagnosis, treatment or procedure, and we hold none", "")
    said = " ".join(said.split()).replace("it names no diagnosis, treatment or procedure, and we hold none", "")
    assert [word for word in CLINICAL if word in said] == []


def test_the_therapists_copy_shows_our_fee_and_theirs(till: Till) -> None:
    payment = paid(till)
    shown = " ".join(pdf(till.practice.therapist, payment).split())
    assert "the seller's copy" in shown
    assert "our published fee, taken from you and not from your client GBP 6.00" in shown
    assert "Yours GBP 54.00" in shown


def test_a_refund_is_on_the_receipt(till: Till) -> None:
    till.terms(cancel_free_hours=168, late_fee_percent=50)
    booking = till.paid_booking()
    till.at(till.clock.now(), hours=1)
    cancel(till, booking)
    till.news()
    with transaction():
        payment = str(db.session.scalars(select(Payment.public_id)).one())
    shown = " ".join(pdf(till.practice.client, payment).split())
    assert "Given back to the card - GBP 30.00" in shown
    assert "Kept in all GBP 30.00" in shown
    copy = " ".join(pdf(till.practice.therapist, payment).split())
    assert "GBP 3.00" in copy
    assert "Yours GBP 27.00" in copy


@pytest.mark.parametrize("form", [pdf, page])
def test_what_a_gift_code_paid_beside_a_card_is_on_both_receipts_and_statements(till: Till, form: Callable[[Browser, str], str]) -> None:
    _, code, _ = gift(till, 4000)
    booking = booked_with(till, code, "2026-11-23T09:00:00Z")
    payment = till.read(booking)["payment"]["id"]
    shown = " ".join(form(till.practice.client, payment).split())
    for needed in (
        "by card and with a gift code",
        "Appointment, 50 minutes, with a gift code",
        "paid ahead to Attune",
        "The therapist named here is the seller",
    ):
        assert needed in shown
    assert [amount in shown for amount in ("GBP 20.00", "GBP 40.00", "GBP 60.00")] == [True] * 3
    assert [word for word in CLINICAL if word in shown.lower().replace("it names no diagnosis, treatment or procedure, and we hold none", "")] == []
    assert "and GBP 40.00 with a gift code" in till.practice.client.get("/payments/statement").text
    copy = " ".join(pdf(till.practice.therapist, payment).split())
    assert "Of it shared between you and us once the appointment took place GBP 40.00" in copy
    assert "Yours GBP 18.00" in copy
    till.at(utc("2026-11-23T10:00"))
    assert till.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "took_place"}).status_code == 200
    copy = " ".join(pdf(till.practice.therapist, payment).split())
    assert "our published fee, taken from you and not from your client GBP 6.00" in copy
    assert "Yours GBP 54.00" in copy


def test_a_gift_code_that_was_given_back_is_on_no_receipt(till: Till) -> None:
    _, code, _ = gift(till, 4000)
    booking = booked_with(till, code)
    payment = till.read(booking)["payment"]["id"]
    cancel(till, booking)
    shown = page(till.practice.client, payment)
    assert "with a gift code" not in shown
    assert "GBP 0.00" in shown


def test_R49_a_receipt_is_its_two_peoples_own(till: Till) -> None:
    payment = paid(till)
    with transaction():
        strangers = [an_account().person_id, an_account(roles=("client", "therapist")).person_id, an_account(roles=("client", "admin")).person_id]
    for stranger in strangers:
        browser = signed_in(till.practice.new_browser, stranger)
        for path in (f"/api/v1/payments/{payment}/receipt.pdf", f"/payments/{payment}/receipt"):
            assert browser.get(path).status_code == browser.get(path.replace(payment, str(uuid.uuid4()))).status_code == 404
        assert "GBP 60.00" not in browser.get("/payments/statement?since=2026-01-01&until=2026-12-31").text
    nobody = till.practice.new_browser()
    assert nobody.get(f"/api/v1/payments/{payment}/receipt.pdf").status_code == 401


def test_there_is_no_receipt_of_nothing(till: Till) -> None:
    payment = till.open(till.hold())
    answer = till.practice.client.get(f"/api/v1/payments/{payment}/receipt.pdf")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "nothing_paid")
    assert till.practice.client.get(f"/payments/{payment}/receipt").status_code == 409


def test_a_receipt_keeps_what_was_stated_when_it_was_paid(till: Till) -> None:
    till.practice.therapist.put(DETAILS, json=SELLER)
    payment = paid(till)
    till.clock.advance(days=1)
    till.at(till.clock.now())
    assert till.practice.therapist.put(DETAILS, json={**SELLER, "name": "Another Name"}).status_code == 200
    assert "Łucja" in page(till.practice.client, payment)
    assert "Another Name" not in page(till.practice.client, payment)
    assert till.practice.therapist.get(DETAILS).get_json()["stated"]["name"] == "Another Name"


def test_what_a_therapist_states_is_looked_at(till: Till) -> None:
    therapist = till.practice.therapist
    assert therapist.get(DETAILS).get_json() == {"stated": None}
    for wrong in ({"name": ""}, {**SELLER, "tax_points": 5001}, {**SELLER, "tax_points": -1}, {**SELLER, "tax_name": ""}, {**SELLER, "name": "A\u0000"}):
        assert therapist.put(DETAILS, json=wrong).status_code == 422
    assert till.practice.client.put(DETAILS, json=SELLER).status_code == 403


def test_a_name_in_letters_that_the_font_lacks_is_on_the_page_and_the_file_says_so(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    till.practice.therapist.put(DETAILS, json={**SELLER, "name": "李 Ada"})
    payment = paid(till)
    told = " ".join(pdf(till.practice.client, payment).split())
    assert NOT_PRINTED in told
    assert "?" not in told
    assert "李 Ada" in page(till.practice.client, payment)
    assert [record for record in caplog.records if "fpdf" in record.name or "fontTools" in record.name] == []


def test_a_statement_lists_everything_of_a_time_for_either_side(till: Till) -> None:
    payment = paid(till)
    number = receipt_number(uuid.UUID(payment))
    time = "since=2026-11-01&until=2026-11-30"
    mine = text_of(till.practice.client.get(f"/api/v1/payments/statement.pdf?{time}").data)
    theirs = text_of(till.practice.therapist.get(f"/api/v1/payments/statement.pdf?{time}&side=payee").data)
    with transaction():
        client_name = db.session.get_one(Person, till.practice.client_id).name
    for shown in (mine, theirs):
        assert number in "".join(shown.split())
        assert "60.00" in shown
        assert "not a superbill" in " ".join(mine.split())
    assert "6.00" in theirs
    assert "54.00" in theirs
    assert client_name is None or client_name not in theirs
    assert number in till.practice.client.get(f"/payments/statement?{time}").text
    assert number not in till.practice.client.get(f"/payments/statement?{time}&side=payee").text
    assert number not in till.practice.client.get("/payments/statement?since=2026-10-01&until=2026-10-31").text


@pytest.mark.parametrize(
    "query", ["since=2026-11-02&until=2026-11-01", "since=2025-01-01&until=2026-11-01", "since=x&until=y", "since=2026-11-01&until=2026-11-02&side=all"]
)
def test_a_time_that_is_none_is_refused(till: Till, query: str) -> None:
    client = till.practice.client
    assert client.get(f"/api/v1/payments/statement.pdf?{query}").status_code == 422
    assert client.get(f"/payments/statement?{query}").status_code == 422


@pytest.mark.parametrize(("amount", "points", "tax"), [(6000, 2000, 1000), (1, 2000, 0), (119, 1900, 19), (100, 0, 0), (10_000, 5_000, 3333)])
def test_tax_in_a_price_is_rounded_half_up(amount: int, points: int, tax: int) -> None:
    assert Seller("x", tax_points=points).tax_in(amount) == tax
