"""One comparison: read the processor, read ourselves, look up by name what only we have, and keep what differs. Transactions stand between the calls."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import text

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments.ledger import books
from payments.models import Payment
from payments.processor_failures import KeyRefused
from payments.reconciler.balance import unexplained
from payments.reconciler.facts import Ours, Theirs
from payments.reconciler.file import Filed, carried_before, file_findings
from payments.reconciler.findings import Finding, Found, find
from payments.reconciler.flows import Laid, flows_of, lay
from payments.reconciler.models import Comparison
from payments.reconciler.ours import read_ours
from payments.reconciler.stands import find_what_stands_for_nothing
from payments.reconciler.theirs_calls import read_theirs, really_missing
from payments.refunds.apply import apply_dispute

log = structlog.get_logger()
# One comparison at a time writes.
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('payments.compare', 0))")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one transaction saw of our side."""

    ours: Ours
    laid: Laid
    found: Found
    stands: list[Finding]
    at: datetime


def compare(comparison_id: int) -> None:
    """Do a run that was asked for, once. ProcessorUnavailable: the queue repeats it."""
    with transaction():
        comparison = db.session.get_one(Comparison, comparison_id, populate_existing=True)
        waits, since, now = comparison.state == "waiting", comparison.since, now_of_transaction()
    if not waits:
        return
    try:
        theirs = read_theirs(since, now)
        with transaction():
            seen = _see(theirs, since)
        findings, there = really_missing([each for each in seen.found.findings if each.doubtful], seen.ours)
    except KeyRefused as refused:
        with transaction():
            comparison = db.session.get_one(Comparison, comparison_id, populate_existing=True)
            comparison.state, comparison.failure, comparison.done_at = "failed", refused.code, now_of_transaction()
        return
    findings = [each for each in seen.found.findings if not each.doubtful] + findings + seen.stands
    with transaction():
        db.session.execute(ONE_AT_A_TIME)
        _take_over(seen.found, theirs, now=now_of_transaction())
        if theirs.balance is not None:
            findings += _unexplained(theirs.balance, seen, findings, since=since, there=there)
        filed = file_findings(findings, since=since, now=seen.at)
        _finish(comparison_id, seen, findings, filed, now=now_of_transaction())


def _see(theirs: Theirs, since: datetime) -> _Seen:
    now, ours = now_of_transaction(), read_ours(theirs)
    laid = lay([flow for entry in theirs.entries for flow in flows_of(entry)], ours.flows)
    found = find(laid, theirs, ours, since=since, now=now)
    return _Seen(ours, laid, found, find_what_stands_for_nothing(since=since, now=now), now)


def _take_over(found: Found, theirs: Theirs, *, now: datetime) -> None:
    """What nobody has to decide: fees that were not known before, lines of our own, and disputes that are decided."""
    for payment_id, fee in found.fees:
        books.book_processor_fee(db.session.get_one(Payment, payment_id), fee, now=now)
    lines = {entry.id: entry for entry in theirs.entries}
    for name in found.own:
        books.book_of_ours(lines[name], now=now)
    told = {each.id: each for each in theirs.disputes}
    for name in found.decided:
        if name in told:
            apply_dispute(told[name], now=now)


def _unexplained(balance: dict[str, int], seen: _Seen, findings: list[Finding], *, since: datetime, there: set[tuple[str, str]]) -> list[Finding]:
    carried = carried_before(since, {each.fingerprint for each in findings})
    left = unexplained(balance, seen.laid, seen.ours, since=since, there=there, carried=carried)
    return [
        Finding("balance_unexplained", f"{currency} {seen.at:%Y-%m-%d %H:%M}", seen.at, theirs=(abs(amount), currency), drifts=[("other", currency, amount)])
        for currency, amount in sorted(left.items())
    ]


def _finish(comparison_id: int, seen: _Seen, findings: list[Finding], filed: Filed, *, now: datetime) -> None:
    comparison = db.session.get_one(Comparison, comparison_id, populate_existing=True, with_for_update=True)
    compared = Counter(f"compared_{line.kind}" for line, _ in seen.laid.paired)
    comparison.counts = {**compared, "differences": len(findings), "new": filed.new, "gone": filed.gone}
    comparison.state, comparison.done_at, comparison.failure = "done", now, None
    log.info("payments_compared", comparison=comparison_id, differences=len(findings), new=filed.new, gone=filed.gone)
