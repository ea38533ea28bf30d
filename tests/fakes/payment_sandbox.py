"""The product's processor in a test: the payment sandbox in this process, on a free port of the loopback, with the test's clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from app.payment_sandbox.delivery import Endpoint, Post
from app.payment_sandbox.sandbox import PaymentSandbox
from tests.conftest import NOBODY_TAKES_MONEY

WEBHOOK_ADDRESS = "https://attune.test/webhooks"  # carried by `post`: nobody resolves it
SECRET = NOBODY_TAKES_MONEY["STRIPE_WEBHOOK_SECRETS"].split(",")[0]


@contextmanager
def sandbox_of(app: Flask, seconds: Callable[[], float], *, post: Post | None = None, seed: int = 0) -> Iterator[PaymentSandbox]:
    """`app` pays at a sandbox whose clock is `seconds`. Webhooks wait until `sandbox.courier.deliver_due()`; then `post` carries them."""
    sandbox = PaymentSandbox(endpoints=[Endpoint(WEBHOOK_ADDRESS, SECRET)], seconds=seconds, post=post or _nobody, seed=seed)
    before = app.config["STRIPE_API_BASE"]
    with sandbox.serving() as address:
        app.config["STRIPE_API_BASE"] = address
        try:
            yield sandbox
        finally:
            app.config["STRIPE_API_BASE"] = before


def _nobody(url: str, body: bytes, signature: str) -> int:
    raise AssertionError("this test carries no webhooks: give `post`")
