"""Every call that our adapter has, through the real SDK: what comes back is what happened."""

from datetime import timedelta
from inspect import isfunction
from pathlib import Path

import pytest

from app.payment_sandbox.sandbox import PaymentSandbox
from core.clock import FixedClock
from payments import processor
from payments.processor_failures import AuthenticationNeeded, CardDeclined, NoSuchObject, RequestRefused
from tests.app.payment_sandbox.conftest import open_session
from tests.conftest import NOW

DAY = timedelta(days=1)


def test_every_call_of_the_adapter_is_made_here() -> None:
    """The sandbox refuses what Stripe does not publish (`published.py`), so that a call made here is a call with published parameters."""
    made = Path(__file__).read_text() + Path(__file__).with_name("conftest.py").read_text()
    calls = [name for name, found in vars(processor).items() if isfunction(found) and found.__module__ == processor.__name__ and not name.startswith("_")]
    assert len(calls) > 25
    assert [name for name in calls if f"processor.{name}" not in made] == []


def kinds(sandbox: PaymentSandbox) -> list[str]:
    return [event["type"] for event in sandbox.events()]


def test_a_checkout_is_opened_paid_and_read(sandbox: PaymentSandbox) -> None:
    session = open_session(save_card=True)
    assert (session.status, session.payment_status, session.amount, session.currency) == ("open", "unpaid", 9000, "GBP")
    assert (session.reference, session.payment_intent, session.livemode) == ("ref-1", None, False)
    assert session.url
    sandbox.pay(session.id)
    session = processor.retrieve_checkout_session(session.id)
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.payment_intent
    intent = processor.retrieve_payment_intent(session.payment_intent)
    assert (intent.status, intent.amount, intent.received, intent.currency, intent.reference) == ("succeeded", 9000, 9000, "GBP", "ref-1")
    assert intent.charge
    assert (intent.charge.captured, intent.charge.refunded, intent.charge.fee) == (9000, 0, 155)
    assert intent.charge.available_at == NOW + 2 * DAY
    assert processor.checkout_sessions_of(payment_intent=intent.id) == [session]
    assert processor.payment_intents_between(NOW, NOW + DAY) == [intent]
    assert kinds(sandbox) == [
        "customer.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_method.attached",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_a_declined_try_is_not_the_end_R34(sandbox: PaymentSandbox) -> None:
    session = open_session()
    intent = sandbox.pay(session.id, "4000000000009995")
    found = processor.retrieve_payment_intent(intent["id"])
    assert (found.status, found.last_code, found.last_decline_code, found.received) == ("requires_payment_method", "card_declined", "insufficient_funds", 0)
    assert processor.retrieve_checkout_session(session.id).status == "open"
    again = sandbox.pay(session.id)
    assert again["id"] == intent["id"]
    assert processor.retrieve_payment_intent(intent["id"]).status == "succeeded"


@pytest.mark.parametrize(
    ("approve", "status", "session"), [(True, "succeeded", "complete"), (False, "requires_payment_method", "open"), (None, "requires_action", "open")]
)
def test_the_bank_asks_the_person(sandbox: PaymentSandbox, approve: bool | None, status: str, session: str) -> None:
    opened = open_session()
    intent = sandbox.pay(opened.id, "4000002760003184", approve=approve)
    assert processor.retrieve_payment_intent(intent["id"]).status == status
    assert processor.retrieve_checkout_session(opened.id).status == session


def test_R36_a_session_ends_with_its_pending_question(sandbox: PaymentSandbox) -> None:
    opened = open_session()
    intent = sandbox.pay(opened.id, "4000002760003184", approve=None)
    with pytest.raises(RequestRefused, match="payment_intent_unexpected_state"):
        processor.cancel_payment_intent(intent["id"], idempotency_key="c1")
    assert processor.expire_checkout_session(opened.id, idempotency_key="e1").status == "expired"
    assert processor.retrieve_payment_intent(intent["id"]).status == "canceled"
    with pytest.raises(RequestRefused):
        processor.expire_checkout_session(opened.id, idempotency_key="e2")


def test_a_session_expires_by_the_clock(sandbox: PaymentSandbox, clock: FixedClock) -> None:
    opened = open_session()
    clock.advance(minutes=31)
    assert processor.retrieve_checkout_session(opened.id).status == "expired"
    assert kinds(sandbox)[-1] == "checkout.session.expired"


def test_a_saved_card_is_charged_while_its_holder_is_away(sandbox: PaymentSandbox) -> None:
    session = open_session(save_card=True)
    method = sandbox.pay(session.id, "4000002500003155")["payment_method"]
    card = processor.retrieve_card(method)
    assert session.customer
    assert (card.brand, card.last4, card.customer) == ("visa", "3155", session.customer)
    assert processor.cards_of(session.customer) == [card]
    charge = {"reference": "ref-2", "customer": session.customer, "payment_method": method, "amount": 9000, "currency": "GBP"}
    intent = processor.charge_saved_card(**charge, idempotency_key="booking:8:pay:1")
    assert (intent.status, intent.received, intent.reference) == ("succeeded", 9000, "ref-2")
    processor.forget_card(method, idempotency_key="f1")
    assert processor.cards_of(session.customer) == []
    with pytest.raises(RequestRefused, match="payment_method_customer_mismatch"):
        processor.charge_saved_card(**charge, idempotency_key="booking:8:pay:2")


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [("4000000000000341", CardDeclined, "card_declined"), ("4000002760003184", AuthenticationNeeded, "authentication_required")],
)
def test_a_saved_card_may_be_declined_and_the_payment_stays_open(sandbox: PaymentSandbox, number: str, kind: type[CardDeclined], code: str) -> None:
    customer = processor.create_customer(reference="payer", idempotency_key="c")
    method = sandbox.save_card(customer, number)
    with pytest.raises(CardDeclined) as declined:
        processor.charge_saved_card(reference="r", customer=customer, payment_method=method, amount=500, currency="EUR", idempotency_key="k")
    assert type(declined.value) is kind
    assert declined.value.code == code
    assert declined.value.payment_intent
    assert processor.retrieve_payment_intent(declined.value.payment_intent).status == "requires_payment_method"
    assert processor.cancel_payment_intent(declined.value.payment_intent, idempotency_key="k2").status == "canceled"


def test_a_card_is_saved_without_a_payment(sandbox: PaymentSandbox) -> None:
    customer = processor.create_customer(reference="payer", idempotency_key="c")
    session = processor.create_card_session(
        reference="r",
        customer=customer,
        success_url="https://attune.test/saved",
        cancel_url="https://attune.test/back",
        expires_at=NOW + timedelta(hours=1),
        idempotency_key="s",
    )
    assert session.setup_intent
    assert processor.retrieve_setup_intent(session.setup_intent).status == "requires_payment_method"
    sandbox.pay(session.id, "4000002760003184")
    intent = processor.retrieve_setup_intent(session.setup_intent)
    assert (intent.status, intent.customer, intent.reference) == ("succeeded", customer, "r")
    assert [card.id for card in processor.cards_of(customer)] == [intent.payment_method]


def test_R40_refunds_are_partial_repeated_and_never_more_than_was_captured(sandbox: PaymentSandbox) -> None:
    intent = sandbox.pay(open_session().id)["id"]
    first = processor.create_refund(reference="r1", payment_intent=intent, amount=4000, currency="GBP", idempotency_key="r1")
    assert (first.status, first.amount, first.reference, first.payment_intent) == ("succeeded", 4000, "r1", intent)
    with pytest.raises(RequestRefused) as refused:
        processor.create_refund(reference="r2", payment_intent=intent, amount=5001, currency="GBP", idempotency_key="r2")
    assert refused.value.param == "amount"
    second = processor.create_refund(reference="r3", payment_intent=intent, amount=5000, currency="GBP", idempotency_key="r3")
    with pytest.raises(RequestRefused, match="charge_already_refunded"):
        processor.create_refund(reference="r4", payment_intent=intent, amount=1, currency="GBP", idempotency_key="r4")
    assert [each.id for each in processor.refunds_of(intent)] == [second.id, first.id]
    assert processor.retrieve_refund(first.id) == first
    assert len(processor.refunds_between(NOW, NOW + DAY)) == 2
    charge = processor.retrieve_payment_intent(intent).charge
    assert charge
    assert charge.refunded == 9000


def test_R42_a_refund_stays_pending_and_fails(sandbox: PaymentSandbox) -> None:
    intent = sandbox.pay(open_session().id, "4000000000007726")["id"]
    refund = processor.create_refund(reference="r1", payment_intent=intent, amount=9000, currency="GBP", idempotency_key="r1")
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    sandbox.refund_becomes(refund.id, "failed")
    failed = processor.retrieve_refund(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert processor.create_refund(reference="r2", payment_intent=intent, amount=9000, currency="GBP", idempotency_key="r2").status == "pending"


def test_R42_a_refund_fails_after_it_succeeded(sandbox: PaymentSandbox, clock: FixedClock) -> None:
    intent = sandbox.pay(open_session().id, "4000000000005126")["id"]
    refund = processor.create_refund(reference="r1", payment_intent=intent, amount=9000, currency="GBP", idempotency_key="r1")
    assert refund.status == "succeeded"
    clock.advance(hours=1)
    assert processor.retrieve_refund(refund.id).status == "failed"
    entries = processor.balance_entries_between(NOW, NOW + DAY)
    assert sorted((each.kind, each.amount) for each in entries) == [("charge", 9000), ("refund", -9000), ("refund_failure", 9000)]


def test_a_refund_waits_for_money_where_the_balance_is_real(sandbox: PaymentSandbox, clock: FixedClock) -> None:
    sandbox.set(plenty=False)
    intent = sandbox.pay(open_session().id)["id"]
    refund = processor.create_refund(reference="r", payment_intent=intent, amount=100, currency="GBP", idempotency_key="r1")
    assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
    clock.advance(days=3)
    assert processor.retrieve_refund(refund.id).status == "succeeded"


def test_R43_a_disputed_charge_is_not_refunded(sandbox: PaymentSandbox) -> None:
    intent = sandbox.pay(open_session().id, "4000000000007726")["id"]
    pending = processor.create_refund(reference="r", payment_intent=intent, amount=100, currency="GBP", idempotency_key="r0")
    dispute = sandbox.dispute(intent, reason="fraudulent")
    assert processor.retrieve_refund(pending.id).status == "failed"
    with pytest.raises(RequestRefused, match="charge_disputed"):
        processor.create_refund(reference="r", payment_intent=intent, amount=100, currency="GBP", idempotency_key="r1")
    found = processor.retrieve_dispute(dispute["id"])
    assert (found.status, found.amount, found.payment_intent, [(each.amount, each.fee) for each in found.entries]) == (
        "needs_response",
        9000,
        intent,
        [(-9000, 1500)],
    )
    sandbox.close_dispute(dispute["id"], won=True)
    assert [each.status for each in processor.disputes_of(intent)] == ["won"]
    assert [each.net for each in processor.disputes_between(NOW, NOW + DAY)[0].entries] == [-10500, 9000]


def test_R44_nothing_is_sent_to_an_account_that_has_not_told_who_it_is(sandbox: PaymentSandbox) -> None:
    intent = processor.retrieve_payment_intent(sandbox.pay(open_session().id)["id"])
    account = processor.create_account(reference="t", country="GB", idempotency_key="a")
    assert (account.transfers_active, account.payouts_enabled, account.details_submitted, bool(account.currently_due)) == (False, False, False, True)
    assert intent.charge
    send = {"reference": "p", "destination": account.id, "currency": "GBP", "source_charge": intent.charge.id}
    with pytest.raises(RequestRefused, match="insufficient_capabilities_for_transfer"):
        processor.create_transfer(**send, amount=8000, idempotency_key="t1")
    url = processor.create_account_link(account.id, refresh_url="https://attune.test/again", return_url="https://attune.test/done", idempotency_key="l")
    assert "/onboard/" in url
    sandbox.onboard(account.id)
    account = processor.retrieve_account(account.id)
    assert (account.transfers_active, account.payouts_enabled, account.currently_due, account.default_currency) == (True, True, (), "GBP")
    assert processor.accounts_between(NOW, NOW + DAY) == [account]
    transfer = processor.create_transfer(**send, amount=8000, idempotency_key="t2")
    assert (transfer.amount, transfer.destination, transfer.source_charge) == (8000, account.id, intent.charge.id)
    with pytest.raises(RequestRefused):
        processor.create_transfer(**send, amount=1001, idempotency_key="t3")
    reversal = processor.reverse_transfer(transfer.id, reference="rv", amount=3000, currency="GBP", idempotency_key="v1")
    assert (reversal.amount, reversal.transfer) == (3000, transfer.id)
    assert processor.reversals_of(transfer.id) == processor.reversals_between(NOW, NOW + DAY) == [reversal]
    assert processor.retrieve_transfer(transfer.id).reversed_amount == 3000
    sandbox.pay_out(account.id, 4500, "gbp")
    with pytest.raises(RequestRefused, match="balance_insufficient"):
        processor.reverse_transfer(transfer.id, reference="rv", amount=501, currency="GBP", idempotency_key="v2")
    assert [each.id for each in processor.transfers_between(NOW, NOW + DAY)] == [transfer.id]


def test_the_balance_is_the_sum_of_what_happened(sandbox: PaymentSandbox) -> None:
    intent = sandbox.pay(open_session().id)["id"]
    processor.create_refund(reference="r", payment_intent=intent, amount=1000, currency="GBP", idempotency_key="r1")
    entries = processor.balance_entries_between(NOW, NOW + DAY)
    assert [(each.kind, each.amount, each.fee, each.net) for each in entries] == [("refund", -1000, 0, -1000), ("charge", 9000, 155, 8845)]


def test_the_balance_is_read_whole_with_what_went_to_our_own_bank(sandbox: PaymentSandbox) -> None:
    sandbox.pay(open_session().id)
    sandbox.to_own_bank(700, "gbp")
    assert processor.retrieve_balance() == {"GBP": 9000 - 155 - 700}
    assert [each.kind for each in processor.balance_entries_between(NOW, NOW + DAY)] == ["payout", "charge"]


def test_events_are_listed_and_read_again(sandbox: PaymentSandbox) -> None:
    intent = sandbox.pay(open_session().id)["id"]
    events = processor.events_between(NOW, NOW + DAY, kinds=["payment_intent.succeeded", "charge.succeeded"])
    assert [event.kind for event in events] == ["payment_intent.succeeded", "charge.succeeded"]
    assert processor.retrieve_event(events[0].id) == events[0]
    assert (events[0].object_kind, events[0].object_id) == ("payment_intent", intent)


def test_lists_have_pages(sandbox: PaymentSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payments.processor_sdk.PAGE", 3)
    for number in range(8):
        processor.create_customer(reference=str(number), idempotency_key=str(number))
    assert [event.snapshot["metadata"]["reference"] for event in processor.events_between(NOW, NOW + DAY)] == list("76543210")


@pytest.mark.parametrize("amount", [{"amount": 500, "currency": "JPY"}, {"amount": 500, "currency": "ISK"}, {"amount": 5120, "currency": "KWD"}])
def test_amounts_come_back_as_they_went(sandbox: PaymentSandbox, amount: dict[str, object]) -> None:
    session = open_session(**amount)  # type: ignore[arg-type]
    intent = processor.retrieve_payment_intent(sandbox.pay(session.id)["id"])
    assert {"amount": session.amount, "currency": session.currency} == {"amount": intent.received, "currency": intent.currency} == amount


@pytest.mark.parametrize(
    "read",
    [
        processor.retrieve_checkout_session,
        processor.retrieve_payment_intent,
        processor.retrieve_refund,
        processor.retrieve_dispute,
        processor.retrieve_account,
        processor.retrieve_transfer,
        processor.retrieve_event,
        processor.retrieve_card,
        processor.retrieve_setup_intent,
    ],
)
def test_what_is_not_there_is_told_apart(sandbox: PaymentSandbox, read: object) -> None:
    with pytest.raises(NoSuchObject):
        read("nothing_1")  # type: ignore[operator]
