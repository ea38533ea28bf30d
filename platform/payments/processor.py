"""The only door to Stripe: one plain function for each call that we make, and no call anywhere else.

Rules that hold for all of them: never inside a transaction; every POST takes an `idempotency_key` (derived from our row and stored before the call; at most
255 characters; older than 24 h it protects nothing: look the object up instead); amounts are our minor units; what goes into `metadata` is one opaque
`reference`, and no other word of ours goes out but what a line item is called. Raises only what is in `processor_failures`. Answers are `processor_facts`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from payments.processor_amounts import to_processor
from payments.processor_balance import balance_by_currency
from payments.processor_facts import (
    BalanceEntry,
    CheckoutSession,
    ConnectedAccount,
    Dispute,
    Event,
    PaymentIntent,
    Refund,
    Reversal,
    SavedCard,
    SetupIntent,
    Transfer,
)
from payments.processor_sdk import client, get, get_all, get_ours, post

CHARGE_IN_FULL = ["latest_charge.balance_transaction"]


# -- Checkout ----------------------------------------------------------------------------------------------------------------------------------------


def create_checkout_session(
    *,
    reference: str,
    customer: str,
    lines: Sequence[tuple[str, int]],
    currency: str,
    success_url: str,
    cancel_url: str,
    expires_at: datetime,
    save_card: bool = False,
    idempotency_key: str,
) -> CheckoutSession:
    """The processor's own page for one payment by card. `lines` are what is paid for and how much each is, read by the payer and by the processor: neutral, no
    health word. `expires_at` is 30 min to
    24 h ahead. `save_card` keeps the card for charges without the payer (the page tells them so)."""
    marked = {"reference": reference}
    intent: dict[str, Any] = {"metadata": marked, "transfer_group": reference}
    if save_card:
        intent["setup_future_usage"] = "off_session"
    items = [
        {
            "quantity": 1,
            "price_data": {"currency": currency.lower(), "unit_amount": to_processor(amount, currency), "product_data": {"name": name}},
        }
        for name, amount in lines
    ]
    params = {
        "mode": "payment",
        "allowed_payment_method_types": ["card"],
        "customer": customer,
        "client_reference_id": reference,
        "metadata": marked,
        "line_items": items,
        "payment_intent_data": intent,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": int(expires_at.timestamp()),
    }
    return post(client().v1.checkout.sessions.create, CheckoutSession.read, params, idempotency_key)


def create_card_session(*, reference: str, customer: str, success_url: str, cancel_url: str, expires_at: datetime, idempotency_key: str) -> CheckoutSession:
    """The processor's own page to save a card without paying; it makes a SetupIntent."""
    marked = {"reference": reference}
    params = {
        "mode": "setup",
        "allowed_payment_method_types": ["card"],
        "customer": customer,
        "client_reference_id": reference,
        "metadata": marked,
        "setup_intent_data": {"metadata": marked},
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": int(expires_at.timestamp()),
    }
    return post(client().v1.checkout.sessions.create, CheckoutSession.read, params, idempotency_key)


def retrieve_checkout_session(session: str) -> CheckoutSession:
    return get(client().v1.checkout.sessions.retrieve, CheckoutSession.read, session)


def expire_checkout_session(session: str, *, idempotency_key: str) -> CheckoutSession:
    """No payment can come by this page any more. RequestRefused when it is not open: read it, it may have been paid."""
    return post(client().v1.checkout.sessions.expire, CheckoutSession.read, {}, idempotency_key, session)


def checkout_sessions_of(*, payment_intent: str) -> list[CheckoutSession]:
    return get_all(client().v1.checkout.sessions.list, CheckoutSession.read, {"payment_intent": payment_intent})


# -- Payers and their cards --------------------------------------------------------------------------------------------------------------------------


def create_customer(*, reference: str, idempotency_key: str) -> str:
    """The processor's id for somebody who pays. It is told no name and no address of ours."""
    return post(client().v1.customers.create, lambda said: str(said["id"]), {"metadata": {"reference": reference}}, idempotency_key)


def retrieve_card(payment_method: str) -> SavedCard:
    return get(client().v1.payment_methods.retrieve, SavedCard.read, payment_method)


def cards_of(customer: str) -> list[SavedCard]:
    return get_all(client().v1.payment_methods.list, SavedCard.read, {"customer": customer, "type": "card"})


def forget_card(payment_method: str, *, idempotency_key: str) -> None:
    """It cannot be charged again."""
    post(client().v1.payment_methods.detach, SavedCard.read, {}, idempotency_key, payment_method)


def retrieve_setup_intent(setup_intent: str) -> SetupIntent:
    return get(client().v1.setup_intents.retrieve, SetupIntent.read, setup_intent)


# -- Payments ----------------------------------------------------------------------------------------------------------------------------------------


def charge_saved_card(*, reference: str, customer: str, payment_method: str, amount: int, currency: str, idempotency_key: str) -> PaymentIntent:
    """Charge a saved card while its holder is not here. CardDeclined, or AuthenticationNeeded when the bank wants to see them; both name the PaymentIntent,
    which stays open until `cancel_payment_intent`."""
    params = {
        "amount": to_processor(amount, currency),
        "currency": currency.lower(),
        "customer": customer,
        "payment_method": payment_method,
        "allowed_payment_method_types": ["card"],
        "off_session": True,
        "confirm": True,
        "metadata": {"reference": reference},
        "transfer_group": reference,
        "expand": CHARGE_IN_FULL,
    }
    return post(client().v1.payment_intents.create, PaymentIntent.read, params, idempotency_key)


def retrieve_payment_intent(payment_intent: str) -> PaymentIntent:
    """With its latest charge, and that one's fee."""
    return get(client().v1.payment_intents.retrieve, PaymentIntent.read, payment_intent, {"expand": CHARGE_IN_FULL})


def cancel_payment_intent(payment_intent: str, *, idempotency_key: str) -> PaymentIntent:
    """Final. RequestRefused ``payment_intent_unexpected_state`` when it has succeeded or is processing: read it again."""
    return post(client().v1.payment_intents.cancel, PaymentIntent.read, {"cancellation_reason": "abandoned"}, idempotency_key, payment_intent)


def payment_intents_between(begin: datetime, end: datetime) -> list[PaymentIntent]:
    """Those created in [begin, end), newest first."""
    return get_all(client().v1.payment_intents.list, PaymentIntent.read, {**_created(begin, end), "expand": [f"data.{path}" for path in CHARGE_IN_FULL]})


# -- Refunds and disputes ----------------------------------------------------------------------------------------------------------------------------


def create_refund(*, reference: str, payment_intent: str, amount: int, currency: str, idempotency_key: str) -> Refund:
    """Part or all of what was captured, to the card it came from. RequestRefused: ``charge_already_refunded``, ``charge_disputed``, or more than is left."""
    params = {
        "payment_intent": payment_intent,
        "amount": to_processor(amount, currency),
        "reason": "requested_by_customer",
        "metadata": {"reference": reference},
    }
    return post(client().v1.refunds.create, Refund.read, params, idempotency_key)


def retrieve_refund(refund: str) -> Refund:
    return get(client().v1.refunds.retrieve, Refund.read, refund)


def refunds_of(payment_intent: str) -> list[Refund]:
    """All of a payment's, also those made by hand in the processor's dashboard."""
    return get_all(client().v1.refunds.list, Refund.read, {"payment_intent": payment_intent})


def refunds_between(begin: datetime, end: datetime) -> list[Refund]:
    return get_all(client().v1.refunds.list, Refund.read, _created(begin, end))


def retrieve_dispute(dispute: str) -> Dispute:
    return get(client().v1.disputes.retrieve, Dispute.read, dispute)


def disputes_of(payment_intent: str) -> list[Dispute]:
    return get_all(client().v1.disputes.list, Dispute.read, {"payment_intent": payment_intent})


def disputes_between(begin: datetime, end: datetime) -> list[Dispute]:
    return get_all(client().v1.disputes.list, Dispute.read, _created(begin, end))


# -- Connected accounts and payouts ------------------------------------------------------------------------------------------------------------------


def create_account(*, reference: str, country: str, idempotency_key: str) -> ConnectedAccount:
    """An account for a therapist in `country` (ISO 3166-1 alpha-2), who tells the processor about themselves on its own pages. We bear fees and losses."""
    params = {
        "country": country,
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express"},
        },
        "capabilities": {"transfers": {"requested": True}},
        "metadata": {"reference": reference},
    }
    return post(client().v1.accounts.create, ConnectedAccount.read, params, idempotency_key)


def retrieve_account(account: str) -> ConnectedAccount:
    return get(client().v1.accounts.retrieve, ConnectedAccount.read, account)


def accounts_between(begin: datetime, end: datetime) -> list[ConnectedAccount]:
    return get_all(client().v1.accounts.list, ConnectedAccount.read, _created(begin, end))


def create_account_link(account: str, *, refresh_url: str, return_url: str, idempotency_key: str) -> str:
    """The address of the processor's own pages for that account: good once, for minutes, and for nobody but its owner."""
    params = {"account": account, "refresh_url": refresh_url, "return_url": return_url, "type": "account_onboarding"}
    return post(client().v1.account_links.create, lambda said: str(said["url"]), params, idempotency_key)


def create_transfer(*, reference: str, destination: str, amount: int, currency: str, source_charge: str | None = None, idempotency_key: str) -> Transfer:
    """Send money from our balance to a therapist's. With `source_charge` it comes out of that charge, also before that is available."""
    params: dict[str, Any] = {
        "amount": to_processor(amount, currency),
        "currency": currency.lower(),
        "destination": destination,
        "metadata": {"reference": reference},
    }
    if source_charge:
        params["source_transaction"] = source_charge
    return post(client().v1.transfers.create, Transfer.read, params, idempotency_key)


def retrieve_transfer(transfer: str) -> Transfer:
    return get(client().v1.transfers.retrieve, Transfer.read, transfer)


def transfers_between(begin: datetime, end: datetime) -> list[Transfer]:
    return get_all(client().v1.transfers.list, Transfer.read, _created(begin, end))


def reverse_transfer(transfer: str, *, reference: str, amount: int, currency: str, idempotency_key: str) -> Reversal:
    """Take part or all of a transfer back. RequestRefused ``balance_insufficient`` when the account has too little."""
    params = {"amount": to_processor(amount, currency), "metadata": {"reference": reference}}
    return post(client().v1.transfers.reversals.create, Reversal.read, params, idempotency_key, transfer)


def reversals_of(transfer: str) -> list[Reversal]:
    return get_all(client().v1.transfers.reversals.list, Reversal.read, {}, transfer)


# -- Balance and events ------------------------------------------------------------------------------------------------------------------------------


def balance_entries_between(begin: datetime, end: datetime) -> list[BalanceEntry]:
    """Every line of our balance created in [begin, end), newest first."""
    return get_all(client().v1.balance_transactions.list, BalanceEntry.read, _created(begin, end))


def reversals_between(begin: datetime, end: datetime) -> list[Reversal]:
    """Those of all transfers, by their lines of our balance: reversals have no list of their own."""
    params = {**_created(begin, end), "type": "transfer_refund", "expand": ["data.source"]}
    return get_all(client().v1.balance_transactions.list, lambda said: Reversal.read(said["source"]), params)


def retrieve_balance() -> dict[str, int]:
    """Our balance by currency, available and pending together."""
    return get_ours(client().v1.balance.retrieve, balance_by_currency)


def retrieve_event(event: str) -> Event:
    return get(client().v1.events.retrieve, Event.read, event)


def events_between(begin: datetime, end: datetime, *, kinds: Sequence[str] = ()) -> list[Event]:
    """Those of [begin, end), newest first: at most 30 days back, at most 20 `kinds` (none: all)."""
    return get_all(client().v1.events.list, Event.read, {**_created(begin, end), **({"types": list(kinds)} if kinds else {})})


def _created(begin: datetime, end: datetime) -> dict[str, Any]:
    return {"created": {"gte": int(begin.timestamp()), "lt": int(end.timestamp())}}
