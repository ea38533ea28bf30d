"""What the processor says, as values of ours. Pure: reads plain dicts of its wire format (API version of the pinned SDK) and knows no SDK.

Amounts are our minor units, currencies capital ISO 4217 codes, times aware UTC datetimes. `reference` is the one opaque word of ours that goes into an object's
metadata; None on an object that somebody else made. A field that is an id stays an id, also where the answer was expanded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from payments.processor_amounts import from_processor

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """`status`: open, complete, expired. `payment_status`: unpaid, paid, no_payment_required. `url` only while open."""

    id: str
    status: str
    payment_status: str
    mode: str
    url: str | None
    reference: str | None
    payment_intent: str | None
    setup_intent: str | None
    customer: str | None
    amount: int | None
    currency: str | None
    expires_at: datetime
    livemode: bool

    @classmethod
    def read(cls, said: Said) -> "CheckoutSession":
        total, currency = said.get("amount_total"), said.get("currency")
        return cls(
            id=said["id"],
            status=said.get("status") or "open",
            payment_status=said["payment_status"],
            mode=said["mode"],
            url=said.get("url"),
            reference=said.get("client_reference_id") or reference_of(said),
            payment_intent=id_of(said.get("payment_intent")),
            setup_intent=id_of(said.get("setup_intent")),
            customer=id_of(said.get("customer")),
            amount=None if total is None or currency is None else _amount(total, currency),
            currency=currency.upper() if currency else None,
            expires_at=at(said["expires_at"]),
            livemode=said["livemode"],
        )


@dataclass(frozen=True, slots=True)
class Charge:
    """`brand` and `last4` are of the card it is of. `fee` and `available_at` are known when the answer was expanded and the money is on the balance."""

    id: str
    paid: bool
    amount: int
    captured: int
    refunded: int
    disputed: bool
    currency: str
    created_at: datetime
    balance_transaction: str | None
    fee: int | None
    available_at: datetime | None
    brand: str | None
    last4: str | None

    @classmethod
    def read(cls, said: Said) -> "Charge":
        currency = said["currency"]
        balance = said.get("balance_transaction")
        entry = BalanceEntry.read(balance) if isinstance(balance, Mapping) else None
        card = (said.get("payment_method_details") or {}).get("card") or {}
        return cls(
            id=said["id"],
            paid=said["paid"],
            amount=_amount(said["amount"], currency),
            captured=_amount(said["amount_captured"], currency),
            refunded=_amount(said["amount_refunded"], currency),
            disputed=said["disputed"],
            currency=currency.upper(),
            created_at=at(said["created"]),
            balance_transaction=id_of(balance),
            fee=entry.fee if entry else None,
            available_at=entry.available_at if entry else None,
            brand=card.get("brand"),
            last4=card.get("last4"),
        )


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """`status`: requires_payment_method, requires_confirmation, requires_action, processing, requires_capture, succeeded, canceled.
    A declined try goes back to requires_payment_method: not the end. `charge` is the latest try."""

    id: str
    status: str
    amount: int
    received: int
    currency: str
    reference: str | None
    customer: str | None
    payment_method: str | None
    charge: Charge | None
    last_code: str | None
    last_decline_code: str | None
    created_at: datetime
    livemode: bool

    @classmethod
    def read(cls, said: Said) -> "PaymentIntent":
        charge, failed = said.get("latest_charge"), said.get("last_payment_error") or {}
        return cls(
            id=said["id"],
            status=said["status"],
            amount=_amount(said["amount"], said["currency"]),
            received=_amount(said.get("amount_received") or 0, said["currency"]),
            currency=said["currency"].upper(),
            reference=reference_of(said),
            customer=id_of(said.get("customer")),
            payment_method=id_of(said.get("payment_method")),
            charge=Charge.read(charge) if isinstance(charge, Mapping) else None,
            last_code=failed.get("code"),
            last_decline_code=failed.get("decline_code"),
            created_at=at(said["created"]),
            livemode=said["livemode"],
        )


@dataclass(frozen=True, slots=True)
class SetupIntent:
    """`status`: requires_payment_method, requires_action, processing, succeeded, canceled."""

    id: str
    status: str
    reference: str | None
    customer: str | None
    payment_method: str | None
    mandate: str | None

    @classmethod
    def read(cls, said: Said) -> "SetupIntent":
        return cls(
            said["id"],
            said["status"],
            reference_of(said),
            id_of(said.get("customer")),
            id_of(said.get("payment_method")),
            id_of(said.get("mandate")),
        )


@dataclass(frozen=True, slots=True)
class SavedCard:
    """What may be shown of a card: never more than brand, last four digits and when it ends."""

    id: str
    customer: str | None
    brand: str
    last4: str
    exp_month: int
    exp_year: int

    @classmethod
    def read(cls, said: Said) -> "SavedCard":
        card = said["card"]
        return cls(said["id"], id_of(said.get("customer")), card["brand"], card["last4"], card["exp_month"], card["exp_year"])


@dataclass(frozen=True, slots=True)
class Refund:
    """`status`: pending, requires_action, succeeded, failed, canceled. A succeeded one can still fail later."""

    id: str
    status: str
    amount: int
    currency: str
    reference: str | None
    payment_intent: str | None
    charge: str | None
    balance_transaction: str | None
    failure_reason: str | None
    pending_reason: str | None
    created_at: datetime

    @classmethod
    def read(cls, said: Said) -> "Refund":
        return cls(
            id=said["id"],
            status=said.get("status") or "pending",
            amount=_amount(said["amount"], said["currency"]),
            currency=said["currency"].upper(),
            reference=reference_of(said),
            payment_intent=id_of(said.get("payment_intent")),
            charge=id_of(said.get("charge")),
            balance_transaction=id_of(said.get("balance_transaction")),
            failure_reason=said.get("failure_reason"),
            pending_reason=said.get("pending_reason"),
            created_at=at(said["created"]),
        )


@dataclass(frozen=True, slots=True)
class Dispute:
    """`status`: warning_needs_response, warning_under_review, warning_closed, needs_response, under_review, won, lost, prevented.
    `entries` are its effects on our balance: amount and fee out, and back when it is won."""

    id: str
    status: str
    reason: str
    amount: int
    currency: str
    payment_intent: str | None
    charge: str | None
    evidence_due_at: datetime | None
    entries: tuple["BalanceEntry", ...]
    created_at: datetime

    @classmethod
    def read(cls, said: Said) -> "Dispute":
        due = (said.get("evidence_details") or {}).get("due_by")
        return cls(
            id=said["id"],
            status=said["status"],
            reason=said["reason"],
            amount=_amount(said["amount"], said["currency"]),
            currency=said["currency"].upper(),
            payment_intent=id_of(said.get("payment_intent")),
            charge=id_of(said.get("charge")),
            evidence_due_at=None if due is None else at(due),
            entries=tuple(BalanceEntry.read(each) for each in said.get("balance_transactions") or ()),
            created_at=at(said["created"]),
        )


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """A therapist's account. Money can be sent to it when `transfers_active`; it leaves to their bank when `payouts_enabled`."""

    id: str
    country: str | None
    default_currency: str | None
    reference: str | None
    details_submitted: bool
    transfers_active: bool
    payouts_enabled: bool
    disabled_reason: str | None
    currently_due: tuple[str, ...]

    @classmethod
    def read(cls, said: Said) -> "ConnectedAccount":
        needs = said.get("requirements") or {}
        currency = said.get("default_currency")
        return cls(
            id=said["id"],
            country=said.get("country"),
            default_currency=currency.upper() if currency else None,
            reference=reference_of(said),
            details_submitted=said.get("details_submitted", False),
            transfers_active=(said.get("capabilities") or {}).get("transfers") == "active",
            payouts_enabled=said.get("payouts_enabled", False),
            disabled_reason=needs.get("disabled_reason"),
            currently_due=tuple(needs.get("currently_due") or ()),
        )


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money from our balance to a connected account; `reversed_amount` came back."""

    id: str
    amount: int
    reversed_amount: int
    currency: str
    destination: str | None
    source_charge: str | None
    reference: str | None
    balance_transaction: str | None
    created_at: datetime

    @classmethod
    def read(cls, said: Said) -> "Transfer":
        currency = said["currency"]
        return cls(
            id=said["id"],
            amount=_amount(said["amount"], currency),
            reversed_amount=_amount(said["amount_reversed"], currency),
            currency=currency.upper(),
            destination=id_of(said.get("destination")),
            source_charge=id_of(said.get("source_transaction")),
            reference=reference_of(said),
            balance_transaction=id_of(said.get("balance_transaction")),
            created_at=at(said["created"]),
        )


@dataclass(frozen=True, slots=True)
class Reversal:
    """Money that came back from a connected account."""

    id: str
    amount: int
    currency: str
    transfer: str
    reference: str | None
    created_at: datetime

    @classmethod
    def read(cls, said: Said) -> "Reversal":
        amount = _amount(said["amount"], said["currency"])
        return cls(said["id"], amount, said["currency"].upper(), id_of(said["transfer"]) or "", reference_of(said), at(said["created"]))


@dataclass(frozen=True, slots=True)
class BalanceEntry:
    """One line of our balance at the processor (its "balance transaction"): `net` = `amount` - `fee`; negative when money leaves.
    `kind`: charge, refund, refund_failure, transfer, transfer_refund, adjustment (disputes), payout, stripe_fee ... `source` is the object's id."""

    id: str
    kind: str
    amount: int
    fee: int
    net: int
    currency: str
    source: str | None
    created_at: datetime
    available_at: datetime

    @classmethod
    def read(cls, said: Said) -> "BalanceEntry":
        currency = said["currency"]
        return cls(
            id=said["id"],
            kind=said["type"],
            amount=_amount(said["amount"], currency),
            fee=_amount(said["fee"], currency),
            net=_amount(said["net"], currency),
            currency=currency.upper(),
            source=id_of(said.get("source")),
            created_at=at(said["created"]),
            available_at=at(said["available_on"]),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """A hint that something happened: which object to read again. `account` is set when it happened on a connected account; `snapshot` is the object as it
    was then, never to be acted upon. A refund's event may name a charge: `charge.refunded`."""

    id: str
    kind: str
    created_at: datetime
    livemode: bool
    account: str | None
    api_version: str | None
    object_kind: str
    object_id: str
    snapshot: Mapping[str, Any]

    @classmethod
    def read(cls, said: Said) -> "Event":
        subject = said["data"]["object"]
        return cls(
            id=said["id"],
            kind=said["type"],
            created_at=at(said["created"]),
            livemode=said["livemode"],
            account=said.get("account"),
            api_version=said.get("api_version"),
            object_kind=subject.get("object", ""),
            object_id=subject.get("id", ""),
            snapshot=subject,
        )


def at(seconds: int) -> datetime:
    """Unix seconds as an instant."""
    return datetime.fromtimestamp(seconds, UTC)


def id_of(said: str | Said | None) -> str | None:
    """The id of something that may have been expanded."""
    return said if said is None or isinstance(said, str) else said["id"]


def reference_of(said: Said) -> str | None:
    """Our opaque word on an object."""
    return (said.get("metadata") or {}).get("reference")


def _amount(amount: int, currency: str) -> int:
    return from_processor(amount, currency.upper())
