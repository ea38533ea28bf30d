"""The wire format: keys, parameters, errors, faults. By plain HTTP where the SDK would not send it, by our adapter where it would."""

import http.client
import json
import threading
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask

from app.payment_sandbox import form
from app.payment_sandbox.refusals import Refused
from app.payment_sandbox.sandbox import PaymentSandbox
from core.clock import FixedClock
from payments import processor
from payments.processor_failures import IdempotencyKeyReused, ProcessorUnavailable, RequestRefused
from tests.app.payment_sandbox.conftest import open_session

KEY = "Bearer sk_test_of_the_test_suite"


class Asked:
    """One answer of plain HTTP."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers = status, headers
        self.said: dict[str, Any] = json.loads(body) if headers.get("content-type", "").startswith("application/json") else {"text": body.decode()}

    @property
    def error(self) -> tuple[int, str | None, str | None, str | None]:
        told = self.said["error"]
        return self.status, told["type"], told.get("code"), told.get("param")


def ask(app: Flask, method: str, path: str, said: dict[str, Any] | str | None = None, **headers: str) -> Asked:
    where = urlsplit(app.config["STRIPE_API_BASE"])
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=5)
    body = said if isinstance(said, str) else urlencode(said or {})
    sent = {"Authorization": KEY, "Content-Type": "application/x-www-form-urlencoded", **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request(method, path, body if method == "POST" else None, sent)
    answer = connection.getresponse()
    found = Asked(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    return found


@pytest.mark.parametrize("key", ["", "Bearer sk_live_0123", "Bearer nonsense", "Basic Zm9v"])
def test_only_test_keys_are_known(app: Flask, sandbox: PaymentSandbox, key: str) -> None:
    assert ask(app, "GET", "/v1/events", Authorization=key).error[:2] == (401, "invalid_request_error")


@pytest.mark.parametrize(
    ("path", "said", "error"),
    [
        ("/v1/refunds", {"payment_intent": "pi_1", "colour": "red"}, (400, "invalid_request_error", "parameter_unknown", "colour")),
        ("/v1/checkout/sessions", {"payment_method_types[0]": "card"}, (400, "invalid_request_error", "parameter_unknown", "payment_method_types")),
        ("/v1/transfers", {"amount": "5", "currency": "gbp"}, (400, "invalid_request_error", "parameter_missing", "destination")),
        ("/v1/refunds", {"payment_intent": "pi_1", "amount": "5.5"}, (400, "invalid_request_error", "parameter_invalid_integer", "amount")),
        ("/v1/refunds", {"payment_intent": "pi_1", "reason": "whim"}, (400, "invalid_request_error", None, "reason")),
        ("/v1/refunds", {"payment_intent": ""}, (400, "invalid_request_error", "parameter_invalid_empty", "payment_intent")),
        ("/v1/refunds", {"payment_intent": "pi_1"}, (400, "invalid_request_error", "resource_missing", "payment_intent")),
        ("/v1/refunds", {"metadata[a][b]": "c", "payment_intent": "pi_1"}, (400, "invalid_request_error", None, "metadata")),
        (
            "/v1/checkout/sessions",
            {"mode": "payment", "success_url": "https://a.test", "line_items[0][quantity]": "1", "line_items[0][price_data][unit_amount]": "5"},
            (400, "invalid_request_error", "parameter_missing", "line_items[0][price_data][currency]"),
        ),
        ("/v1/nothing", {}, (404, "invalid_request_error", None, None)),
    ],
)
def test_parameters_are_refused_as_stripe_words_it(app: Flask, sandbox: PaymentSandbox, path: str, said: dict[str, Any], error: tuple[Any, ...]) -> None:
    assert ask(app, "POST", path, said).error == error


@pytest.mark.parametrize("minutes", [29 - 2, 24 * 60 + 2])
def test_a_session_lives_between_half_an_hour_and_a_day(app: Flask, sandbox: PaymentSandbox, minutes: int) -> None:
    said = {
        "success_url": "https://a.test",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][unit_amount]": "500",
        "line_items[0][price_data][currency]": "gbp",
        "line_items[0][price_data][product_data][name]": "Session",
        "expires_at": str(sandbox.world.now() + minutes * 60),
    }
    assert ask(app, "POST", "/v1/checkout/sessions", said).error == (400, "invalid_request_error", None, "expires_at")


def test_the_first_answer_of_a_key_is_given_again(app: Flask, sandbox: PaymentSandbox) -> None:
    first = ask(app, "POST", "/v1/customers", {"metadata[reference]": "x"}, Idempotency_Key="k")
    again = ask(app, "POST", "/v1/customers", {"metadata[reference]": "x"}, Idempotency_Key="k")
    assert first.said == again.said
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")
    assert ask(app, "POST", "/v1/customers", {"metadata[reference]": "y"}, Idempotency_Key="k").error[:2] == (400, "idempotency_error")
    assert ask(app, "POST", "/v1/customers", {"metadata[reference]": "x"}).said["id"] != first.said["id"]
    assert ask(app, "POST", "/v1/customers", {}, Idempotency_Key="k" * 256).status == 400


def test_a_key_with_other_parameters_is_told_to_us(sandbox: PaymentSandbox) -> None:
    processor.create_customer(reference="x", idempotency_key="k")
    with pytest.raises(IdempotencyKeyReused):
        processor.create_customer(reference="y", idempotency_key="k")


def test_keys_are_forgotten_after_a_day(sandbox: PaymentSandbox, clock: FixedClock) -> None:
    first = processor.create_customer(reference="x", idempotency_key="k")
    clock.advance(seconds=24 * 3600 - 1)
    assert processor.create_customer(reference="x", idempotency_key="k") == first
    clock.advance(seconds=1)
    assert processor.create_customer(reference="x", idempotency_key="k") != first


def test_an_answer_to_wrong_parameters_is_not_kept_but_a_decline_is(app: Flask, sandbox: PaymentSandbox) -> None:
    assert ask(app, "POST", "/v1/customers", {"colour": "red"}, Idempotency_Key="k").status == 400
    assert ask(app, "POST", "/v1/customers", {}, Idempotency_Key="k").status == 200
    customer = processor.create_customer(reference="x", idempotency_key="c")
    method = sandbox.save_card(customer, "4000000000000341")
    charge = {"amount": "500", "currency": "gbp", "customer": customer, "payment_method": method, "confirm": "true", "off_session": "true"}
    first = ask(app, "POST", "/v1/payment_intents", charge, Idempotency_Key="p")
    again = ask(app, "POST", "/v1/payment_intents", charge, Idempotency_Key="p")
    assert first.error == (402, "card_error", "card_declined", None)
    assert first.said == again.said
    assert again.headers["idempotent-replayed"] == "true"
    assert len(list(sandbox.world.each("payment_intent"))) == 1


def test_two_at_once_with_one_key_are_a_conflict(app: Flask, sandbox: PaymentSandbox) -> None:
    sandbox.faults.add("slow", seconds=0.3)
    found: list[int] = []
    slow = threading.Thread(target=lambda: found.append(ask(app, "POST", "/v1/customers", {}, Idempotency_Key="k").status))
    slow.start()
    time.sleep(0.1)
    assert ask(app, "POST", "/v1/customers", {}, Idempotency_Key="k").error[:3] == (409, "invalid_request_error", "idempotency_key_in_use")
    slow.join()
    assert found == [200]


def test_R23_a_lost_answer_has_had_its_effect_once(sandbox: PaymentSandbox) -> None:
    sandbox.faults.add("lost", path="/v1/refunds", method="POST")
    intent = sandbox.pay(open_session().id)["id"]
    refund = processor.create_refund(reference="r", payment_intent=intent, amount=100, currency="GBP", idempotency_key="r")
    assert [each.id for each in processor.refunds_of(intent)] == [refund.id]


@pytest.mark.parametrize("how", ["500", "429", "409", "unreached"])
def test_a_passing_fault_is_passed_over_and_a_lasting_one_is_unavailable(sandbox: PaymentSandbox, how: str) -> None:
    sandbox.faults.add(how)
    processor.create_customer(reference="x", idempotency_key="k")
    sandbox.faults.add(how, times=3)
    with pytest.raises(ProcessorUnavailable):
        processor.create_customer(reference="x", idempotency_key="k2")
    assert sandbox.faults.waiting() == []
    assert len(list(sandbox.world.each("customer"))) == 1


def test_a_kept_500_is_given_for_ever_and_nothing_was_done(sandbox: PaymentSandbox) -> None:
    sandbox.faults.add("500_kept")
    for _ in range(2):
        with pytest.raises(ProcessorUnavailable):
            processor.create_customer(reference="x", idempotency_key="k")
    assert list(sandbox.world.each("customer")) == []


def test_nobody_answers_while_it_is_paused(sandbox: PaymentSandbox) -> None:
    sandbox.set(paused=True)
    with pytest.raises(ProcessorUnavailable):
        processor.create_customer(reference="x", idempotency_key="k")
    sandbox.set(paused=False)
    processor.create_customer(reference="x", idempotency_key="k")


def test_a_post_without_a_key_of_ours_is_a_defect(sandbox: PaymentSandbox) -> None:
    for key in ("", "k" * 256):
        with pytest.raises(ValueError, match="1 to 255"):
            processor.create_customer(reference="x", idempotency_key=key)


def test_expansions_that_there_are_none_of_are_refused(app: Flask, sandbox: PaymentSandbox) -> None:
    intent = sandbox.pay(open_session().id)["id"]
    assert ask(app, "GET", f"/v1/payment_intents/{intent}?expand[]=colour").error == (400, "invalid_request_error", None, "expand")
    assert (
        ask(app, "GET", f"/v1/payment_intents/{intent}?expand[]=latest_charge.balance_transaction").said["latest_charge"]["balance_transaction"]["type"]
        == "charge"
    )


def test_nothing_that_is_ours_is_shown(app: Flask, sandbox: PaymentSandbox) -> None:
    session = open_session()
    intent = sandbox.pay(session.id)["id"]
    for path in (f"/v1/payment_intents/{intent}", f"/v1/checkout/sessions/{session.id}", "/v1/events?limit=100"):
        assert '"_' not in json.dumps(ask(app, "GET", path).said)


def test_the_payers_page_is_not_for_more_than_one_payment(sandbox: PaymentSandbox) -> None:
    session = open_session()
    sandbox.pay(session.id)
    with pytest.raises(Refused):
        sandbox.pay(session.id)


def test_money_cannot_be_refunded_before_it_came(sandbox: PaymentSandbox) -> None:
    intent = sandbox.pay(open_session().id, "4000000000000002")["id"]
    with pytest.raises(RequestRefused, match="payment_intent_unexpected_state"):
        processor.create_refund(reference="r", payment_intent=intent, amount=1, currency="GBP", idempotency_key="r")


@pytest.mark.parametrize(
    ("pairs", "read"),
    [
        ([("a[b][0][c]", "1"), ("a[b][1][c]", "2"), ("d", "x")], {"a": {"b": [{"c": "1"}, {"c": "2"}]}, "d": "x"}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("m[0x]", "1")], {"m": {"0x": "1"}}),
    ],
)
def test_nested_forms_are_read(pairs: list[tuple[str, str]], read: dict[str, Any]) -> None:
    assert form.nested(pairs) == read


@pytest.mark.parametrize("pairs", [[("a", "1"), ("a", "2")], [("a", "1"), ("a[b]", "2")], [("a[b", "1")], [("", "1")]])
def test_forms_that_mean_two_things_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused):
        form.nested(pairs)
