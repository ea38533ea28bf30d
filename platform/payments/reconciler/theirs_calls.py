"""What the processor says of a time, read without a transaction; and whether it has what only we have."""

from datetime import datetime, timedelta

from payments import processor
from payments.processor_facts import Reversal
from payments.processor_failures import NoSuchObject
from payments.reconciler.facts import Ours, Theirs
from payments.reconciler.findings import Finding

# Objects are older than the lines that follow from them: a checkout lives for half an hour, a refund can wait for money.
OLDER = timedelta(days=1)
TRIES = 3
# So many names are looked up in one run; a run that needs more has found something else than a few differences.
MOST_LOOKS = 200


def read_theirs(since: datetime, now: datetime) -> Theirs:
    """Everything created from a day before `since` on. ProcessorUnavailable."""
    begin, end = since - OLDER, now + OLDER
    for attempt in range(TRIES):
        before = processor.retrieve_balance()
        entries = processor.balance_entries_between(begin, end)
        balance = processor.retrieve_balance()
        if balance == before or attempt == TRIES - 1:
            break
    return Theirs(
        begin=begin,
        entries=entries,
        intents=processor.payment_intents_between(begin - OLDER, end),
        refunds=processor.refunds_between(begin - OLDER, end),
        disputes=processor.disputes_between(begin - OLDER, end),
        transfers=processor.transfers_between(begin - OLDER, end),
        reversals=processor.reversals_between(begin, end),
        balance=balance if balance == before else None,
    )


def really_missing(doubtful: list[Finding], ours: Ours) -> tuple[list[Finding], set[tuple[str, str]]]:
    """Those that the processor does not have by name either, and the keys of the flows that it does have. ProcessorUnavailable."""
    missing: list[Finding] = []
    there: set[tuple[str, str]] = set()
    for number, finding in enumerate(doubtful):
        if number < MOST_LOOKS and finding.flow is not None and _is_there(finding, ours):
            there |= {(str(finding.flow[0]), finding.flow[1]), ("fee", finding.flow[1])}
        else:
            missing.append(finding)
    return missing, there


def _is_there(finding: Finding, ours: Ours) -> bool:
    assert finding.flow is not None
    kind, name = finding.flow
    try:
        if kind == "captured":
            payment = ours.payments.get(finding.payment_id or 0)
            charge = processor.retrieve_payment_intent(payment.intent).charge if payment is not None and payment.intent else None
            return charge is not None and charge.id == name and (charge.captured, charge.currency) == finding.ours
        if kind == "refund":
            refund = processor.retrieve_refund(name)
            return refund.status in {"succeeded", "pending"} and (refund.amount, refund.currency) == finding.ours
        if kind == "transfer":
            transfer = processor.retrieve_transfer(name)
            return (transfer.amount, transfer.currency) == finding.ours
        if kind == "reversal":
            return any(each.id == name for each in _reversals_of(name, ours))
        if kind == "refund_back":
            return processor.retrieve_refund(name).status == "failed"
        return kind in {"dispute", "dispute_back"} and (processor.retrieve_dispute(name).status == "won" or kind == "dispute")
    except NoSuchObject:
        return False


def _reversals_of(name: str, ours: Ours) -> list[Reversal]:
    row = next((each for each in ours.reversals.values() if each.name == name), None)
    payout = ours.payouts.get(row.payout_id) if row is not None else None
    return processor.reversals_of(payout.name) if payout is not None and payout.name is not None else []
