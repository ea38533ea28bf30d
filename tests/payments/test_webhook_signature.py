"""Which webhooks are the processor's: R26 and R28."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from flask import Flask

from payments.processor_failures import NotSigned
from payments.processor_sdk import read_webhook
from tests.conftest import NOBODY_TAKES_MONEY, NOW

SECRETS = NOBODY_TAKES_MONEY["STRIPE_WEBHOOK_SECRETS"].split(",")
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "created": int(NOW.timestamp()),
    "livemode": False,
    "api_version": "2026-10-28.endive",
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "name": "Ünïcode"}},
}
RAW = json.dumps(EVENT, indent=2).encode()


def header(raw: bytes, secret: str, *, seconds: int = 0) -> str:
    """As docs.stripe.com/webhooks describes it, without the SDK."""
    signed = int(NOW.timestamp()) + seconds
    return f"t={signed},v1={hmac.new(secret.encode(), f'{signed}.'.encode() + raw, hashlib.sha256).hexdigest()}"


@pytest.fixture(autouse=True)
def context(app: Flask) -> object:
    with app.app_context():
        yield


@pytest.mark.parametrize("secret", SECRETS)
def test_R28_either_of_two_active_secrets_is_good(secret: str) -> None:
    event = read_webhook(RAW, header(RAW, secret), now=NOW)
    assert (event.id, event.kind, event.object_kind, event.object_id, event.livemode, event.account) == (
        "evt_1",
        "payment_intent.succeeded",
        "payment_intent",
        "pi_1",
        False,
        None,
    )


def test_R28_one_good_signature_among_several_is_enough() -> None:
    good = header(RAW, SECRETS[1])
    assert read_webhook(RAW, good.replace(",v1=", f",v1={'0' * 64},v0=abc,v1="), now=NOW).id == "evt_1"


@pytest.mark.parametrize(
    ("raw", "signature", "reason"),
    [
        pytest.param(RAW, None, "header", id="missing"),
        pytest.param(RAW, "", "header", id="empty"),
        pytest.param(RAW, "v1=" + "0" * 64, "signature", id="no-time"),
        pytest.param(RAW, "t=x,v1=" + "0" * 64, "signature", id="no-number"),
        pytest.param(RAW, header(RAW, "whsec_somebody_elses_secret"), "signature", id="wrong-secret"),
        pytest.param(json.dumps(EVENT).encode(), header(RAW, SECRETS[0]), "signature", id="re-serialised"),
        pytest.param(RAW, header(RAW, SECRETS[0], seconds=-360), "timestamp", id="six-minutes-old"),
        pytest.param(RAW, header(RAW, SECRETS[0], seconds=360), "timestamp", id="six-minutes-ahead"),
        pytest.param(b"\xff\xfe", header(b"\xff\xfe", SECRETS[0]), "body", id="not-text"),
        pytest.param(b"[]", header(b"[]", SECRETS[0]), "body", id="no-event"),
        pytest.param(b"[" * 100_000, header(b"[" * 100_000, SECRETS[0]), "body", id="deep"),
        pytest.param(b"{}", header(b"{}", SECRETS[0]), "body", id="empty-object"),
    ],
)
def test_R26_what_is_not_the_processors_is_refused(raw: bytes, signature: str | None, reason: str) -> None:
    with pytest.raises(NotSigned) as refused:
        read_webhook(raw, signature, now=NOW)
    assert refused.value.reason == reason


def test_five_minutes_are_tolerated_either_way() -> None:
    for seconds in (-300, 300):
        assert read_webhook(RAW, header(RAW, SECRETS[0], seconds=seconds), now=NOW)
    with pytest.raises(NotSigned):
        read_webhook(RAW, header(RAW, SECRETS[0]), now=NOW + timedelta(seconds=301))
