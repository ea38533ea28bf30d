"""Asking for money to go back: never more than was captured, never what a bank disputes, by the database's own word as well."""

import threading
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.clock import now
from core.db import db, transaction
from desk.models import Case
from payments.models import Payment, Refund
from payments.refunds.request import MoreThanLeft, give_back_all_but, refund_part
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.factories.payments import a_settled_payment


def amounts() -> list[int]:
    return list(db.session.scalars(select(Refund.amount).order_by(Refund.id)))


@pytest.fixture
def paid(database: None) -> uuid.UUID:
    with transaction():
        return a_settled_payment().public_id


@pytest.fixture
def admin(client: Callable[[], Browser], database: None) -> Browser:
    with transaction():
        person_id = an_account(roles=("client", "admin")).person_id
    return signed_in(client, person_id)


def give(admin: Browser, payment: uuid.UUID, amount: object, **more: object) -> tuple[int, str | None]:
    answer = admin.post(f"/api/v1/staff/payments/{payment}/refunds", json={"amount": amount, "reason": "goodwill"}, **more)
    return answer.status_code, answer.get_json().get("code")


@pytest.mark.races
def test_D13_of_two_refunds_of_60_on_100_at_once_one_succeeds(committed_app: Flask) -> None:
    with committed_app.app_context(), transaction():
        payment, by = a_settled_payment().public_id, an_account().person_id
    refused, ready = [], threading.Barrier(2)

    def ask() -> None:
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    refund_part(payment, 6_000, reason="goodwill", by=by, now=now())
            except MoreThanLeft:
                refused.append(1)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committed_app.app_context(), transaction():
        assert (amounts(), len(refused)) == ([6_000], 1)
        assert db.session.execute(select(Payment.returned_amount)).scalar_one() == 6_000


def test_D13_the_database_refuses_what_the_lock_would_have_kept_out(paid: uuid.UUID) -> None:
    """The control: without the lock and the question, the row itself says no."""
    with pytest.raises(IntegrityError, match="returns_no_more_than_captured"), transaction():
        db.session.execute(text("UPDATE payments SET returned_amount = returned_amount + 6000"))
        db.session.execute(text("UPDATE payments SET returned_amount = returned_amount + 6000"))


def test_R40_a_double_click_gives_back_once(admin: Browser, paid: uuid.UUID) -> None:
    assert [give(admin, paid, 10_000) for _ in range(2)] == [(201, None), (409, "more_than_left")]
    key = {"headers": {"Idempotency-Key": "one"}}
    with transaction():
        another = a_settled_payment().public_id
    assert [give(admin, another, 3_000, **key) for _ in range(2)] == [(201, None)] * 2
    with transaction():
        assert amounts() == [10_000, 3_000]


def test_R41_part_and_then_the_rest_less_the_fee_never_adds_up_to_more(admin: Browser, paid: uuid.UUID) -> None:
    assert give(admin, paid, 2_000)[0] == 201
    with transaction():
        reference = db.session.execute(select(Payment.reference)).scalar_one()
        for _ in range(2):
            give_back_all_but(5_000, reference=reference, purpose="session", reason="cancelled", by=None, now=now())
        assert amounts() == [2_000, 3_000]


def test_R43_a_disputed_payment_gives_nothing_back_and_is_a_case(admin: Browser, paid: uuid.UUID) -> None:
    with transaction():
        payment = db.session.scalars(select(Payment)).one()
        payment.disputed_at = now()
        give_back_all_but(0, reference=payment.reference, purpose="session", reason="cancelled", by=None, now=now())
        assert amounts() == []
        assert [case.subject_kind for case in db.session.scalars(select(Case))] == ["payment:refund_of_disputed"]
    assert give(admin, paid, 1) == (409, "disputed")


@pytest.mark.parametrize("amount", [0, -1, 1.5, "100", True, 10**12, None])
def test_an_amount_that_is_none_is_refused(admin: Browser, paid: uuid.UUID, amount: object) -> None:
    assert give(admin, paid, amount) == (422, "invalid")


def test_a_payment_is_its_payers_its_payees_and_staffs(client: Callable[[], Browser], admin: Browser) -> None:
    with transaction():
        payment, stranger = a_settled_payment(), an_account().person_id
        people = (payment.payer_id, payment.payee_id, stranger)
    seen = [signed_in(client, person).get(f"/api/v1/payments/{payment.public_id}").status_code for person in people]
    missing = admin.get(f"/api/v1/payments/{uuid.uuid4()}").get_json()
    assert seen == [200, 200, 404]
    assert signed_in(client, stranger).get(f"/api/v1/payments/{payment.public_id}").get_json() == missing
    assert give(signed_in(client, stranger), payment.public_id, 1) == (403, "forbidden")
    shown = admin.get(f"/api/v1/staff/payments/{payment.public_id}").get_json()
    assert (shown["words"], shown["paid"], shown["returned"]) == ("paid", {"amount": 10_000, "currency": "GBP"}, {"amount": 0, "currency": "GBP"})
