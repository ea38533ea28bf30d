"""What our rows and books say, read in one transaction: the movements on the account `balance` as flows, and the rows that either side names."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.db import db
from payments.collection.models import ConnectedAccount
from payments.ledger.models import LedgerMovement
from payments.lifecycle import LIVE_ATTEMPT
from payments.models import Dispute, Payment, PaymentAttempt, Refund
from payments.payouts.models import Payout, PayoutReversal
from payments.reconciler.facts import DisputeFact, Ours, PaymentFact, PayoutFact, RefundFact, ReversalFact, Theirs
from payments.reconciler.flows import Flow, FlowKind
from payments.reconciler.models import Difference

# The fact that a movement follows from (`LedgerMovement.once`) -> what it is on the balance.
KIND_OF_FACT: dict[tuple[str, str], FlowKind] = {
    ("payment", "captured"): "captured",
    ("payment", "processor_fee"): "fee",
    ("refund", "left"): "refund",
    ("refund", "failed"): "refund_back",
    ("dispute", "opened"): "dispute",
    ("dispute", "won"): "dispute_back",
    ("dispute", "fee"): "fee",
    ("payout", "sent"): "transfer",
    ("reversal", "done"): "reversal",
    ("difference", "refund_left"): "refund",
}
AT_ONCE = 5000
SKEW = timedelta(hours=1)  # between the processor's clock and ours, generously


def read_ours(theirs: Theirs) -> Ours:
    """Movements since an hour before `theirs` begins, and every row that these or an object of the processor name. Twelve queries, whatever the number."""
    ours = Ours()
    facts = list(_facts(theirs.begin - SKEW))
    ids: dict[str, set[int]] = {}
    for table, row_id, *_ in facts:
        if isinstance(row_id, int):
            ids.setdefault(table, set()).add(row_id)
    _read_what_went_back(ours, ids, theirs)
    _read_payouts(ours, ids, theirs)
    wanted = ids.get("payment", set()) | {each.payment_id for each in ours.refunds.values()}
    wanted |= {each.payment_id for each in ours.disputes.values()} | {each.payment_id for each in ours.payouts.values() if each.payment_id is not None}
    _read_payments(ours, wanted, theirs)
    names = _names(ours, ids)
    for table, row_id, kind, amount, currency, at in facts:
        name = row_id if isinstance(row_id, str) else names.get((table, row_id))
        if name is not None:
            ours.flows.append(Flow(kind, name, amount, currency, at))
    _read_totals(ours)
    return ours


def _facts(since: datetime) -> Iterator[tuple[str, int | str, FlowKind, int, str, datetime]]:
    """(table, its row's id, or the processor's name itself, kind, signed amount, currency, at) of each movement on the balance that follows from a fact."""
    signed = case((LedgerMovement.debit == "balance", LedgerMovement.amount), else_=-LedgerMovement.amount)
    wanted = select(LedgerMovement.once, signed, LedgerMovement.currency, LedgerMovement.at).where(_on_balance(), LedgerMovement.at >= since)
    for once, amount, currency, at in db.session.execute(wanted):
        table, row_id, fact = str(once).split(":")[:3]
        if table == "own":
            yield table, row_id, "own", amount, currency, at
        elif (kind := KIND_OF_FACT.get((table, fact))) is not None:
            yield table, int(row_id), kind, amount, currency, at


def _read_payments(ours: Ours, ids: Collection[int], theirs: Theirs) -> None:
    live = select(PaymentAttempt.payment_id).where(PaymentAttempt.state.in_([state.value for state in LIVE_ATTEMPT]))
    references = _as_ids(each.reference for each in theirs.intents)
    intents = {each.payment_intent for each in theirs.refunds} | {each.payment_intent for each in theirs.disputes} | {each.id for each in theirs.intents}
    for row in _rows(
        (Payment, Payment.id.in_(live).label("is_live")),
        [(Payment.id, ids), (Payment.public_id, references), (Payment.intent, intents), (Payment.charge, {each.source for each in theirs.entries})],
    ):
        payment, is_live = row
        ours.payments[payment.id] = PaymentFact(
            payment.id,
            str(payment.public_id),
            str(payment.reference),
            payment.purpose,
            payment.state,
            payment.payer_id,
            payment.payee_id,
            payment.intent,
            payment.charge,
            payment.captured_amount,
            payment.returned_amount,
            payment.captured_currency or payment.currency,
            payment.settled_at,
            payment.told_at is not None,
            payment.disputed_at is not None,
            is_live,
        )


def _read_what_went_back(ours: Ours, ids: dict[str, set[int]], theirs: Theirs) -> None:
    named = {each.id for each in theirs.refunds} | {each.source for each in theirs.entries}
    references = _as_ids(each.reference for each in theirs.refunds)
    for (refund,) in _rows((Refund,), [(Refund.id, ids.get("refund", ())), (Refund.processor_id, named), (Refund.public_id, references)]):
        ours.refunds[refund.id] = RefundFact(refund.id, str(refund.public_id), refund.payment_id, refund.processor_id, refund.state)
    disputes = {each.id for each in theirs.disputes} | {each.source for each in theirs.entries}
    for (dispute,) in _rows((Dispute,), [(Dispute.id, ids.get("dispute", ())), (Dispute.processor_id, disputes)]):
        ours.disputes[dispute.id] = DisputeFact(dispute.id, dispute.payment_id, dispute.processor_id, dispute.state, dispute.amount, dispute.currency)


def _read_payouts(ours: Ours, ids: dict[str, set[int]], theirs: Theirs) -> None:
    names = {each.id for each in theirs.reversals} | {each.source for each in theirs.entries}
    for (back,) in _rows((PayoutReversal,), [(PayoutReversal.id, ids.get("reversal", ())), (PayoutReversal.processor_id, names)]):
        ours.reversals[back.id] = ReversalFact(back.id, back.payout_id, back.processor_id)
    transfers = {each.id for each in theirs.transfers} | {each.transfer for each in theirs.reversals}
    wanted = ids.get("payout", set()) | {back.payout_id for back in ours.reversals.values()}
    references = _as_ids(each.reference for each in theirs.transfers)
    accounts = {row.person_id: row.reference for row in db.session.scalars(select(ConnectedAccount)) if row.reference is not None}
    ours.payees = {reference: person_id for person_id, reference in accounts.items()}
    for (payout,) in _rows((Payout,), [(Payout.id, wanted), (Payout.transfer, transfers), (Payout.public_id, references)]):
        account = accounts.get(payout.payee_id)
        ours.payouts[payout.id] = PayoutFact(payout.id, str(payout.public_id), payout.payment_id, payout.payee_id, payout.transfer, payout.state, account)


def _names(ours: Ours, ids: dict[str, set[int]]) -> dict[tuple[str, int], str]:
    """What the processor calls each of our rows; what it was never told of by name keeps one of ours, which nothing there has."""
    names = {("payment", each.id): each.charge or f"payment:{each.public_id}" for each in ours.payments.values()}
    names |= {("refund", each.id): each.name or f"refund:{each.public_id}" for each in ours.refunds.values()}
    names |= {("dispute", each.id): each.name for each in ours.disputes.values()}
    names |= {("payout", each.id): each.name or f"payout:{each.public_id}" for each in ours.payouts.values()}
    names |= {("reversal", each.id): each.name or f"reversal:{each.id}" for each in ours.reversals.values()}
    for (difference,) in _rows((Difference,), [(Difference.id, ids.get("difference", ()))]):
        names["difference", difference.id] = difference.refund or f"difference:{difference.public_id}"
    return names


def _read_totals(ours: Ours) -> None:
    signed = func.sum(case((LedgerMovement.debit == "balance", LedgerMovement.amount), else_=-LedgerMovement.amount))
    is_decided = LedgerMovement.once.like("difference:%:decided:%")
    for currency, decided, total in db.session.execute(
        select(LedgerMovement.currency, is_decided, signed).where(_on_balance()).group_by(LedgerMovement.currency, is_decided)
    ):
        ours.booked[currency] = ours.booked.get(currency, 0) + int(total)
        if decided:
            ours.decided[currency] = int(total)


def _on_balance() -> ColumnElement[bool]:
    return or_(LedgerMovement.debit == "balance", LedgerMovement.credit == "balance")


def _rows(what: tuple[Any, ...], wanted: Sequence[tuple[InstrumentedAttribute[Any], Iterable[Any]]]) -> Iterator[Any]:
    """The rows in which one of these columns has one of these values, fresh from the database; the same row may come more than once."""
    for column, values in wanted:
        known = [value for value in values if value is not None]
        for start in range(0, len(known), AT_ONCE):
            found = select(*what).where(column.in_(known[start : start + AT_ONCE])).execution_options(populate_existing=True)
            yield from db.session.execute(found).all()


def _as_ids(references: Iterable[str | None]) -> set[uuid.UUID]:
    """Those that can be ids of ours."""
    found = set()
    for reference in references:
        try:
            found.add(uuid.UUID(reference or ""))
        except ValueError:
            continue
    return found
