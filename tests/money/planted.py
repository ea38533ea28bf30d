"""One defect of each kind, planted into a history without one: a row of one side is changed behind the other's back, or its news never comes."""

from collections.abc import Callable

from sqlalchemy import update

from app.payment_sandbox import transfers as sandbox_transfers
from core.db import db, transaction
from payments.ledger import books
from payments.models import PaymentAttempt
from tests.money.history import History


def captured_unknown(made: History) -> str:
    with made.unheard():
        return str(made.strange_charge(4200)["id"])


def captured_unnoticed(made: History) -> str:
    """The attempt counts as closed, and it was paid."""
    hold = made.world.hold()
    assert made.world.checkout(hold)
    with made.unheard():
        assert made.world.pay(hold)
    payment = made.payment_of(hold).id
    with transaction():
        db.session.execute(update(PaymentAttempt).where(PaymentAttempt.payment_id == payment).values(state="closed", look_at=None))
    return str(made.intent_of(hold)["id"])


def captured_missing(made: History) -> str:
    hold = made.paid()
    intent, charge = made.intent_of(hold), made.charge_of(hold)
    made.forget(made.line_of(charge), charge, intent)
    return str(charge["id"])


def captured_amount(made: History) -> str:
    charge = made.charge_of(made.paid())
    charge.update(amount=8000, amount_captured=8000)
    line = made.line_of(charge)
    line.update(amount=8000, net=8000 - line["fee"])
    return str(charge["id"])


def captured_currency(made: History) -> str:
    hold = made.paid()
    for each in (made.intent_of(hold), made.charge_of(hold), made.line_of(made.charge_of(hold))):
        each["currency"] = "eur"
    return str(made.charge_of(hold)["id"])


def captured_twice(made: History) -> str:
    payment = made.payment_of(made.paid())
    with made.unheard():
        return str(made.strange_charge(9000, reference=str(payment.public_id))["id"])


def captured_not_booked(made: History) -> str:
    captured, fee = books.book_captured, books.book_processor_fee
    books.book_captured = books.book_processor_fee = lambda *_, **__: None  # type: ignore[assignment]
    try:
        return str(made.intent_of(made.paid())["id"])
    finally:
        books.book_captured, books.book_processor_fee = captured, fee


def fee_differs(made: History) -> str:
    charge = made.charge_of(made.paid())
    line = made.line_of(charge)
    line.update(fee=line["fee"] + 45, net=line["net"] - 45)
    return str(charge["id"])


def refund_unknown(made: History) -> str:
    intent = made.intent_of(made.paid())
    with made.unheard():
        return str(made.world.sandbox.refund_by_hand(intent["id"], 1500)["id"])


def refund_missing(made: History) -> str:
    hold = made.partly_back()
    refund = made.refund_of(hold)
    made.charge_of(hold)["amount_refunded"] = 0
    made.forget(made.line_of(refund), refund)
    return str(refund["id"])


def refund_amount(made: History) -> str:
    hold = made.partly_back(2500)
    refund = made.refund_of(hold)
    refund["amount"] = made.charge_of(hold)["amount_refunded"] = 2000
    made.line_of(refund).update(amount=-2000, net=-2000)
    return str(refund["id"])


def refund_failed(made: History) -> str:
    refund = made.refund_of(made.partly_back())
    with made.unheard():
        made.world.sandbox.refund_becomes(refund["id"], "failed")
    return str(refund["id"])


def dispute_unknown(made: History) -> str:
    intent = made.intent_of(made.paid())
    with made.unheard():
        return str(made.world.sandbox.dispute(intent["id"])["id"])


def dispute_decided(made: History) -> str:
    made.disputed()
    dispute = made.things("dispute")[-1]
    with made.unheard():
        made.world.sandbox.close_dispute(dispute["id"], won=True)
    return str(dispute["id"])


def transfer_unknown(made: History) -> str:
    account = made.account_of(made.paid().payee)
    with made.world.sandbox.world.step():
        return str(sandbox_transfers.create(made.world.sandbox.world, {"amount": 3100, "currency": "gbp", "destination": account})["id"])


def transfer_missing(made: History) -> str:
    transfer = made.transfer_of(made.paid_out())
    made.forget(made.line_of(transfer), transfer)
    return str(transfer["id"])


def transfer_amount(made: History) -> str:
    transfer = made.transfer_of(made.paid_out())
    transfer["amount"] -= 300
    line = made.line_of(transfer)
    line.update(amount=line["amount"] + 300, net=line["net"] + 300)
    return str(transfer["id"])


def transfer_elsewhere(made: History) -> str:
    transfer = made.transfer_of(made.paid_out())
    transfer["destination"] = made.account_of(made.paid().payee)
    return str(transfer["id"])


def reversal_unknown(made: History) -> str:
    transfer = made.transfer_of(made.paid_out())
    with made.world.sandbox.world.step():
        return str(sandbox_transfers.reverse(made.world.sandbox.world, {"amount": 1200}, transfer["id"])["id"])


def paid_for_nothing(made: History) -> str:
    hold = made.paid()
    hold.state = "never_heard_of"
    return str(made.payment_of(hold).public_id)


PLANTED: dict[str, Callable[[History], str]] = {
    each.__name__: each
    for each in (
        captured_unknown,
        captured_unnoticed,
        captured_missing,
        captured_amount,
        captured_currency,
        captured_twice,
        captured_not_booked,
        fee_differs,
        refund_unknown,
        refund_missing,
        refund_amount,
        refund_failed,
        dispute_unknown,
        dispute_decided,
        transfer_unknown,
        transfer_missing,
        transfer_amount,
        transfer_elsewhere,
        reversal_unknown,
        paid_for_nothing,
    )
}
