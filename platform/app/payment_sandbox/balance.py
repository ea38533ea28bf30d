"""The platform's balance, line by line, and those of connected accounts."""

from typing import Any

from app.payment_sandbox.world import Thing, World, shown
from core.money import THREE_DECIMAL

# In Stripe's minor units; also for what a dispute costs.
WITHOUT_DECIMALS = frozenset({"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"})
FEE_PER_THOUSAND = 15
FIXED_FEE_HUNDREDTHS = 20
DISPUTE_FEE_HUNDREDTHS = 1500
DAYS_UNTIL_AVAILABLE = 2
DAY = 86_400
CATEGORIES = {"adjustment": "dispute", "refund_failure": "refund_failure", "transfer_refund": "transfer_reversal"}


def in_minor_units(hundredths: int, currency: str) -> int:
    """An amount written in hundredths of a unit."""
    if currency in WITHOUT_DECIMALS:
        return max(1, hundredths // 100)
    return hundredths * 10 if currency.upper() in THREE_DECIMAL else hundredths


def fee_of(amount: int, currency: str) -> int:
    """Exact in the currency's own units: ISK is written with two decimals that are always 00."""
    fee = amount * FEE_PER_THOUSAND // 1000 + in_minor_units(FIXED_FEE_HUNDREDTHS, currency)
    return fee // 100 * 100 if currency == "isk" else fee


def write(world: World, kind: str, amount: int, currency: str, *, source: str, fee: int = 0, at_once: bool = True) -> Thing:
    """One line. `amount` is signed; `at_once` means that it is available now and not in two days."""
    details = [{"amount": fee, "application": None, "currency": currency, "description": "Processing fee", "type": "stripe_fee"}] if fee else []
    available = world.now() if at_once else world.now() + DAYS_UNTIL_AVAILABLE * DAY
    return world.make(
        "balance_transaction",
        amount=amount,
        available_on=available,
        balance_type="payments",
        currency=currency,
        description=None,
        exchange_rate=None,
        fee=fee,
        fee_details=details,
        net=amount - fee,
        reporting_category=CATEGORIES.get(kind, kind),
        source=source,
        status="available" if at_once else "pending",
        type=kind,
    )


def available(world: World, currency: str) -> int:
    return sum(int(line["net"]) for line in world.each("balance_transaction") if line["currency"] == currency and line["available_on"] <= world.now())


def has(world: World, amount: int, currency: str) -> bool:
    """Whether the platform can give `amount` away now. With the setting ``plenty`` (the default) it always can."""
    return bool(world.settings.get("plenty", True)) or available(world, currency) >= amount


def of_account(world: World, account: str, currency: str) -> int:
    """What a connected account holds: what it was sent, less what came back and what it paid out."""
    sent = sum(
        int(each["amount"]) - int(each["amount_reversed"]) for each in world.each("transfer") if each["destination"] == account and each["currency"] == currency
    )
    holder = world.find("account", account) or {}
    return sent - int(holder.get("_paid_out", {}).get(currency, 0))


def retrieve(world: World, said: dict[str, Any]) -> Thing:  # noqa: ARG001 it takes nothing but what to expand
    lines = list(world.each("balance_transaction"))
    currencies = sorted({line["currency"] for line in lines}) or ["usd"]
    whole = {currency: sum(line["net"] for line in lines if line["currency"] == currency) for currency in currencies}
    ready = {currency: available(world, currency) for currency in currencies}
    amounts = {
        "available": [{"amount": ready[each], "currency": each, "source_types": {"card": ready[each]}} for each in currencies],
        "pending": [{"amount": whole[each] - ready[each], "currency": each, "source_types": {"card": whole[each] - ready[each]}} for each in currencies],
    }
    return {"object": "balance", "livemode": False, **amounts}


def as_of_now(world: World, line: Thing) -> Thing:
    """Its status depends on the day."""
    return {**shown(line), "status": "available" if line["available_on"] <= world.now() else "pending"}
