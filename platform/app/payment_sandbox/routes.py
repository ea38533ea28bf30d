"""What may be asked: the calls of Stripe's that the product uses, each with the name of its published parameters."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.payment_sandbox import accounts, balance, checkout, customers, listing, payments, refunds, transfers
from app.payment_sandbox.refusals import no_such
from app.payment_sandbox.world import Thing, World

Act = Callable[..., Thing]


@dataclass(frozen=True)
class Route:
    """`act(world, params, *ids)`."""

    method: str
    pattern: re.Pattern[str]
    params: str
    act: Act


def _one(kind: str, word: str | None = None) -> Act:
    def retrieve(world: World, _said: dict[str, Any], identifier: str) -> Thing:
        found = world.find(kind, identifier)
        if found is None:
            raise no_such(word or kind, identifier)
        return found

    return retrieve


def _all(kind: str, address: str) -> Act:
    def collection(world: World, said: dict[str, Any]) -> Thing:
        return listing.page(world.each(kind), said, address)

    return collection


def _reversals(world: World, said: dict[str, Any], transfer: str) -> Thing:
    of = transfers.of(world, transfer)["id"]
    return listing.page((each for each in world.each("transfer_reversal") if each["transfer"] == of), said, f"/v1/transfers/{of}/reversals")


def _route(method: str, path: str, params: str, act: Act) -> Route:
    return Route(method, re.compile("^/v1/" + path.replace("{}", r"([A-Za-z0-9_]+)") + "$"), params, act)


ROUTES = (
    _route("POST", "checkout/sessions", "checkout.SessionCreateParams", checkout.create),
    _route("GET", "checkout/sessions", "checkout.SessionListParams", _all("checkout.session", "/v1/checkout/sessions")),
    _route("GET", "checkout/sessions/{}", "checkout.SessionRetrieveParams", _one("checkout.session")),
    _route("POST", "checkout/sessions/{}/expire", "checkout.SessionExpireParams", checkout.expire),
    _route("POST", "customers", "CustomerCreateParams", customers.create),
    _route("GET", "customers/{}", "CustomerRetrieveParams", _one("customer")),
    _route("GET", "payment_methods", "PaymentMethodListParams", _all("payment_method", "/v1/payment_methods")),
    _route("GET", "payment_methods/{}", "PaymentMethodRetrieveParams", _one("payment_method", "PaymentMethod")),
    _route("POST", "payment_methods/{}/detach", "PaymentMethodDetachParams", customers.detach),
    _route("GET", "setup_intents/{}", "SetupIntentRetrieveParams", _one("setup_intent")),
    _route("POST", "payment_intents", "PaymentIntentCreateParams", payments.create),
    _route("GET", "payment_intents", "PaymentIntentListParams", _all("payment_intent", "/v1/payment_intents")),
    _route("GET", "payment_intents/{}", "PaymentIntentRetrieveParams", _one("payment_intent")),
    _route("POST", "payment_intents/{}/cancel", "PaymentIntentCancelParams", payments.cancel),
    _route("GET", "charges", "ChargeListParams", _all("charge", "/v1/charges")),
    _route("GET", "charges/{}", "ChargeRetrieveParams", _one("charge")),
    _route("POST", "refunds", "RefundCreateParams", refunds.create),
    _route("GET", "refunds", "RefundListParams", _all("refund", "/v1/refunds")),
    _route("GET", "refunds/{}", "RefundRetrieveParams", _one("refund")),
    _route("GET", "disputes", "DisputeListParams", _all("dispute", "/v1/disputes")),
    _route("GET", "disputes/{}", "DisputeRetrieveParams", _one("dispute")),
    _route("POST", "accounts", "AccountCreateParams", accounts.create),
    _route("GET", "accounts", "AccountListParams", _all("account", "/v1/accounts")),
    _route("GET", "accounts/{}", "AccountRetrieveParams", _one("account")),
    _route("POST", "account_links", "AccountLinkCreateParams", accounts.create_link),
    _route("POST", "transfers", "TransferCreateParams", transfers.create),
    _route("GET", "transfers", "TransferListParams", _all("transfer", "/v1/transfers")),
    _route("GET", "transfers/{}", "TransferRetrieveParams", _one("transfer")),
    _route("POST", "transfers/{}/reversals", "TransferReversalCreateParams", transfers.reverse),
    _route("GET", "transfers/{}/reversals", "TransferReversalListParams", _reversals),
    _route("GET", "balance", "BalanceRetrieveParams", balance.retrieve),
    _route("GET", "balance_transactions", "BalanceTransactionListParams", _all("balance_transaction", "/v1/balance_transactions")),
    _route("GET", "balance_transactions/{}", "BalanceTransactionRetrieveParams", _one("balance_transaction")),
    _route("GET", "events", "EventListParams", _all("event", "/v1/events")),
    _route("GET", "events/{}", "EventRetrieveParams", _one("event")),
)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    for route in ROUTES:
        if route.method == method and (match := route.pattern.match(path)):
            return route, match.groups()
    return None
