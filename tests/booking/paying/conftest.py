"""A therapist who is paid by card through us, a client, and the card processor's sandbox with the test's clock."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload
from werkzeug.test import TestResponse

from app.payment_sandbox.sandbox import PaymentSandbox
from core import jobs
from core.clock import FixedClock
from core.db import db, transaction
from desk.models import Case
from payments import processor_line
from payments.collection.models import CollectionChoice, ConnectedAccount
from payments.models import Payment, Refund
from tests.booking.conftest import MONDAY_NINE, Practice
from tests.booking.practice import a_service, signed_in
from tests.browser import Browser
from tests.conftest import run_due
from tests.factories.accounts import an_account
from tests.fakes.outbox import Outbox
from tests.fakes.payment_sandbox import sandbox_of
from therapists.models import Service, Therapist

GOOD, DECLINED, ASKS = "4242424242424242", "4000000000000002", "4000002760003184"


@dataclass
class Till:
    """The practice with its processor. Webhooks come when `deliver` is called, jobs run when `work` is."""

    practice: Practice
    sandbox: PaymentSandbox
    clock: FixedClock
    outbox: Outbox

    def hold(self, start: str = MONDAY_NINE, *, by: Browser | None = None, service: str | None = None) -> str:
        answer = (by or self.practice.client).post("/api/v1/holds", json={"service_id": service or self.practice.service, "start": start})
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def check_out(self, booking: str, *, by: Browser | None = None) -> TestResponse:
        return (by or self.practice.client).post(f"/api/v1/holds/{booking}/checkout")

    def open(self, booking: str, *, by: Browser | None = None) -> str:
        """The payment's id, with its checkout open."""
        answer = self.check_out(booking, by=by)
        assert answer.status_code == 200, answer.text
        return str(answer.get_json()["payment_id"])

    def at(self, instant: datetime, **later: float) -> None:
        """It is then; whoever was signed in signs in again."""
        self.clock.instant = instant
        self.clock.advance(**later)
        practice = self.practice
        practice.client = signed_in(practice.new_browser, practice.client_id)
        practice.therapist = signed_in(practice.new_browser, practice.therapist_id)

    def session(self, payment: str) -> str:
        """The latest hosted page of a payment."""
        return str([each["id"] for each in self.sandbox.world.each("checkout.session") if each["client_reference_id"] == payment][-1])

    def intent(self, payment: str) -> str:
        return str(self.sandbox.world.find("checkout.session", self.session(payment))["payment_intent"])

    def pay(self, payment: str, card: str = GOOD, *, approve: bool | None = True) -> None:
        self.sandbox.pay(self.session(payment), card, approve=approve)

    def deliver(self) -> int:
        """Every webhook that is due."""
        return self.sandbox.courier.deliver_due()

    def work(self) -> list[str]:
        return run_due(self.clock)

    def news(self) -> None:
        """The processor's events arrive, and the worker does what follows."""
        self.deliver()
        self.work()

    def minutes(self, number: int) -> None:
        """Time passes with worker and poller, and without any webhook."""
        for _ in range(number):
            self.clock.advance(minutes=1)
            self.sandbox.advance(0)
            jobs.registry["payments.poll"].run()
            self.work()

    def paid_booking(self, start: str = MONDAY_NINE, **how: Any) -> str:
        booking = self.hold(start, **how)
        self.pay(self.open(booking))
        self.news()
        return booking

    def read(self, booking: str, *, by: Browser | None = None) -> dict[str, Any]:
        answer = (by or self.practice.client).get(f"/api/v1/bookings/{booking}")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def state(self, booking: str) -> str:
        return str(self.read(booking)["state"])

    def returned(self) -> list[tuple[int, str, str]]:
        """Every refund: amount, reason, state."""
        with transaction():
            return [(each.amount, each.reason, each.state) for each in db.session.scalars(select(Refund).order_by(Refund.id))]

    def payments(self) -> list[Payment]:
        with transaction():
            return list(db.session.scalars(select(Payment).order_by(Payment.id).options(joinedload(Payment.attempts))).unique())

    def cases(self) -> list[str]:
        with transaction():
            return list(db.session.scalars(select(Case.subject_kind).where(Case.kind == "money", Case.state != "closed").order_by(Case.id)))

    def charged(self) -> int:
        """What the processor took, all in all, less what it gave back."""
        return sum(each["amount_captured"] - each["amount_refunded"] for each in self.sandbox.world.each("charge") if each["paid"])

    def terms(self, **terms: Any) -> None:
        with transaction():
            db.session.execute(update(Service).where(Service.public_id == uuid.UUID(self.practice.service)).values(**terms))

    def another_service(self, **terms: Any) -> str:
        with transaction():
            return str(a_service(db.session.get_one(Therapist, self.practice.therapist_id), **terms).public_id)


def collect_online(therapist_id: int, clock: FixedClock) -> None:
    """As if the therapist had chosen it and the processor had verified their account. Call inside `transaction()`."""
    db.session.execute(update(Therapist).where(Therapist.person_id == therapist_id).values(collects="online"))
    db.session.merge(CollectionChoice(person_id=therapist_id, way="online", chosen_at=clock.now()))
    account = {"country": "GB", "state": "enabled", "reference": f"acct_{therapist_id}", "begun_at": clock.now()}
    db.session.merge(ConnectedAccount(person_id=therapist_id, public_id=uuid.uuid4(), **account))
    db.session.flush()


@pytest.fixture
def till(app: Flask, practice: Practice, clock: FixedClock, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    with transaction():
        collect_online(practice.therapist_id, clock)
    monkeypatch.setattr(processor_line, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(processor_line, "OPEN_SECONDS", 0.0)

    def post(_url: str, body: bytes, signature: str) -> int:
        answer = FlaskClient(app, app.response_class).post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
        return answer.status_code

    with sandbox_of(app, lambda: clock.now().timestamp(), post=post) as sandbox:
        yield Till(practice, sandbox, clock, outbox)


@pytest.fixture
def admin(client: Callable[[], Browser], database: None) -> Browser:
    with transaction():
        person_id = an_account(roles=("client", "admin")).person_id
    return signed_in(client, person_id)


@pytest.fixture
def weekly(till: Till) -> Till:
    with transaction():
        db.session.execute(update(Service).values(series_most=12, late_fee_percent=50))
    return till
