"""The real SDK, by our adapter, against the sandbox over loopback HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from app.payment_sandbox.sandbox import PaymentSandbox
from core.clock import FixedClock
from payments import processor
from payments.processor_facts import CheckoutSession
from tests.conftest import NOW
from tests.fakes.payment_sandbox import sandbox_of


@pytest.fixture
def sandbox(app: Flask, clock: FixedClock) -> Iterator[PaymentSandbox]:
    with app.app_context(), sandbox_of(app, lambda: clock.now().timestamp()) as made:
        yield made


def open_session(customer: str | None = None, *, amount: int = 9000, currency: str = "GBP", key: str = "booking:7:pay:1", **more: object) -> CheckoutSession:
    """A checkout as the product opens it."""
    customer = customer or processor.create_customer(reference="payer", idempotency_key=f"{key}:customer")
    return processor.create_checkout_session(
        reference="ref-1",
        customer=customer,
        lines=[("Session", amount)],
        currency=currency,
        success_url="https://attune.test/paid?session={CHECKOUT_SESSION_ID}",
        cancel_url="https://attune.test/back",
        expires_at=NOW + timedelta(minutes=31),
        idempotency_key=key,
        **more,  # type: ignore[arg-type]
    )
