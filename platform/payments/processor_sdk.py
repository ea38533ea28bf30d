"""How a call to Stripe is made and how its webhooks are read: the only file that imports the SDK. What is called stands in `processor.py`.

The SDK speaks over our line (`processor_line`): it repeats nothing and its 80 s do not count. Its objects are no dicts (`.get()` raises), so everything goes
through `.to_dict()`. Its errors end here.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar

import stripe

from core.configuration import setting
from core.db import require_no_transaction
from payments.processor_facts import Event, at
from payments.processor_failures import (
    AuthenticationNeeded,
    CardDeclined,
    IdempotencyKeyReused,
    KeyRefused,
    NoSuchObject,
    NotSigned,
    ProcessorUnavailable,
    RequestRefused,
)
from payments.processor_line import Line

API_VERSION = stripe.api_version
TOLERANCE_SECONDS = 300
LONGEST_KEY = 255  # characters, https://docs.stripe.com/api/idempotent_requests
PAGE = 100
# How a card says that its holder must be present (https://docs.stripe.com/declines/codes).
NEEDS_PERSON = frozenset({"authentication_required", "authentication_not_handled"})

stripe.enable_telemetry = False  # no word about our machine goes out with a payment

Answer = TypeVar("Answer")
Params = Mapping[str, Any]


class _Transport(stripe.HTTPClient):
    """The SDK's words over our line. Tries and times are the line's: the SDK repeats nothing."""

    name = "attune"

    def __init__(self) -> None:
        super().__init__()
        self._line = Line()

    def request_with_retries(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,
        max_network_retries: int | None = None,  # noqa: ARG002 the signature is the SDK's
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        body = post_data.encode() if isinstance(post_data, str) else post_data
        document = self._line.exchange(method.upper(), url, headers, body)
        return document.content.decode("utf-8", "replace"), document.status, document.headers


@lru_cache(maxsize=8)
def _client_of(secret_key: str, api_base: str) -> stripe.StripeClient:
    return stripe.StripeClient(secret_key, base_addresses={"api": api_base}, http_client=_Transport(), max_network_retries=0)


def client() -> stripe.StripeClient:
    """The SDK's client of our key. ProcessorUnavailable when there is none."""
    if not setting("STRIPE_SECRET_KEY"):
        raise ProcessorUnavailable("not_configured", maybe_done=False)
    return _client_of(setting("STRIPE_SECRET_KEY"), setting("STRIPE_API_BASE"))


def post(call: Callable[..., Any], read: Callable[[dict[str, Any]], Answer], params: Params, idempotency_key: str, *path: str) -> Answer:
    """One POST. `path` are the ids in the address."""
    if not 0 < len(idempotency_key) <= LONGEST_KEY:
        raise ValueError("an idempotency key has 1 to 255 characters")
    return read(_asked(partial(call, *path, params=params, options={"idempotency_key": idempotency_key})).to_dict())


def get(call: Callable[..., Any], read: Callable[[dict[str, Any]], Answer], identifier: str, params: Params | None = None) -> Answer:
    """One GET of one object."""
    return read(_asked(partial(call, identifier, params=params or {})).to_dict())


def get_ours(call: Callable[..., Any], read: Callable[[dict[str, Any]], Answer]) -> Answer:
    """One GET of what there is once: our own."""
    return read(_asked(partial(call, params={})).to_dict())


def get_all(call: Callable[..., Any], read: Callable[[dict[str, Any]], Answer], params: Params, *path: str) -> list[Answer]:
    """Every page, one call each."""
    found: list[dict[str, Any]] = []
    more = True
    while more:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = _asked(partial(call, *path, params={**params, "limit": PAGE, **after})).to_dict()
        found += page["data"]
        more = page["has_more"] and bool(page["data"])
    return [read(each) for each in found]


def read_webhook(raw: bytes, signature: str | None, *, now: datetime) -> Event:
    """The event in a webhook's raw body, when one of STRIPE_WEBHOOK_SECRETS signed it at most 300 s before or after `now`. NotSigned otherwise.
    Speaks to nobody, so that it may stand in a transaction."""
    if not signature:
        raise NotSigned("header")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise NotSigned("body") from None
    if not any(_signed(text, signature, secret) for secret in setting("STRIPE_WEBHOOK_SECRETS").split(",")):
        raise NotSigned("signature")
    signed_at = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
    # The SDK's tolerance reads the machine's clock and lets the future pass.
    if abs((now - at(signed_at)).total_seconds()) > TOLERANCE_SECONDS:
        raise NotSigned("timestamp")
    try:
        return Event.read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotSigned("body") from None


def is_live() -> bool:
    """Whether our key moves real money; every event and object must say the same."""
    return "_live_" in setting("STRIPE_SECRET_KEY")


def _asked(call: Callable[[], Any]) -> Any:
    """The SDK's answer, or its refusal in our words."""
    require_no_transaction()
    try:
        return call()
    except stripe.CardError as error:
        raise _declined(error) from None
    except stripe.IdempotencyError as error:
        raise IdempotencyKeyReused("idempotency_key_reused", status=error.http_status or 400) from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise KeyRefused(error.code or "key_refused", status=error.http_status or 401) from None
    except stripe.InvalidRequestError as error:
        kind = NoSuchObject if error.code == "resource_missing" else RequestRefused
        raise kind(error.code or "invalid_request", error.param, error.http_status or 400) from None
    except stripe.StripeError as error:
        # An answer that is none: a proxy's page, or a status that the line let pass.
        raise ProcessorUnavailable(f"http_{error.http_status}", maybe_done=True) from None
    except json.JSONDecodeError:
        raise ProcessorUnavailable("not_json", maybe_done=True) from None


def _declined(error: stripe.CardError) -> CardDeclined:
    body = error.json_body if isinstance(error.json_body, dict) else {}
    told = body.get("error") or {}
    intent = told.get("payment_intent") or {}
    code, decline = error.code or "card_declined", told.get("decline_code")
    kind = AuthenticationNeeded if NEEDS_PERSON & {code, decline} else CardDeclined
    return kind(code, decline, intent.get("id"))


def _signed(text: str, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(text, signature, secret)
    except stripe.SignatureVerificationError:
        return False
    return True
