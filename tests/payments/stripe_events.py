"""Signed events as the processor sends them, made without its SDK."""

import hashlib
import hmac
import json
from itertools import count
from typing import Any

from werkzeug.test import TestResponse

from tests.browser import Browser
from tests.conftest import NOBODY_TAKES_MONEY, NOW

SECRETS = NOBODY_TAKES_MONEY["STRIPE_WEBHOOK_SECRETS"].split(",")
_number = count(1)


def an_event(
    kind: str = "payment_intent.succeeded", object_id: str = "pi_1", *, event_id: str | None = None, live: bool = False, **more: Any
) -> dict[str, Any]:
    """What happened to one object; `more` are other members of that object."""
    return {
        "id": event_id or f"evt_{next(_number)}",
        "object": "event",
        "type": kind,
        "created": int(NOW.timestamp()),
        "livemode": live,
        "api_version": "2026-10-28.endive",
        "data": {"object": {"id": object_id, "object": kind.rpartition(".")[0], **more}},
    }


def signature(raw: bytes, *, secret: str = SECRETS[0], seconds: int = 0) -> str:
    """As docs.stripe.com/webhooks describes it, `seconds` from now."""
    at = int(NOW.timestamp()) + seconds
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.'.encode() + raw, hashlib.sha256).hexdigest()}"


def post_event(browser: Browser, event: dict[str, Any], *, secret: str = SECRETS[0], seconds: int = 0) -> TestResponse:
    """Deliver it, as a stranger without cookies or Origin."""
    raw = json.dumps(event, indent=2).encode()
    return browser.post("/webhooks/stripe", data=raw, headers={"Stripe-Signature": signature(raw, secret=secret, seconds=seconds)}, bare=True)
