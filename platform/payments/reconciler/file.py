"""Keep what was found: each difference once, with a case; and close the case of what is not there any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from desk.cases import dismiss_case
from desk.models import Case
from payments.attention import need_person
from payments.models import Payment, Refund
from payments.reconciler.balance import drift_of
from payments.reconciler.findings import GRACE, Finding
from payments.reconciler.models import Difference

PRIORITY_HIGH = frozenset({"captured_unknown", "captured_twice", "captured_missing", "paid_for_nothing", "transfer_unknown", "transfer_elsewhere"})


@dataclass(frozen=True, slots=True)
class Filed:
    """How many were new, and how many had gone."""

    new: int
    gone: int


def file_findings(findings: Sequence[Finding], *, since: datetime, now: datetime) -> Filed:
    """The same finding again changes nothing, whatever was decided about it. The caller holds the lock of the reconciler."""
    fingerprints = {each.fingerprint for each in findings}
    wanted = select(Difference).where(Difference.fingerprint.in_(fingerprints)).execution_options(populate_existing=True)
    known, new = {each.fingerprint: each for each in db.session.scalars(wanted)}, 0
    for finding in findings:
        difference = known.get(finding.fingerprint)
        if difference is None:
            _file(finding, now=now)
            new += 1
        elif difference.state == "gone":
            difference.state, difference.changed_at, difference.case_id = "open", now, _case_of(finding, now=now).id
            new += 1
    return Filed(new, _close_what_is_gone(fingerprints, since=since, now=now))


def carried_before(since: datetime, fingerprints: set[str]) -> dict[str, int]:
    """By how much the processor's balance is more than the books by what is known from before `since`, and by what never was explained."""
    sums: dict[str, int] = {}
    wanted = select(Difference).where(Difference.state != "gone", (Difference.at < since) | (Difference.kind == "balance_unexplained"))
    for difference in db.session.scalars(wanted):
        if difference.fingerprint not in fingerprints:
            for currency, amount in drift_of(difference.drift).items():
                sums[currency] = sums.get(currency, 0) + amount
    return sums


def _file(finding: Finding, *, now: datetime) -> None:
    case = _case_of(finding, now=now)
    difference = Difference(
        fingerprint=finding.fingerprint,
        kind=finding.kind,
        name=finding.name,
        state="open",
        at=finding.at,
        drift=[list(each) for each in finding.drifts],
        payment_id=finding.payment_id,
        person_id=finding.person_id,
        case_id=case.id,
        found_at=now,
        changed_at=now,
    )
    if finding.theirs is not None:
        difference.theirs_amount, difference.theirs_currency = finding.theirs
    if finding.ours is not None:
        difference.ours_amount, difference.ours_currency = finding.ours
    db.session.add(difference)
    db.session.flush()
    audit.record("payments.difference_found", subject=("difference", difference.id), reason=finding.kind, name=finding.name)


def _case_of(finding: Finding, *, now: datetime) -> Case:
    """The case that news of the same thing opens, where there is such news; else one of its own."""
    cause, subject = _subject_of(finding)
    priority = "high" if finding.kind in PRIORITY_HIGH else "normal"
    return need_person(cause, subject, now=now, person_id=finding.person_id, priority=priority, difference=finding.kind, name=finding.name)


def _subject_of(finding: Finding) -> tuple[str, tuple[str, object]]:
    payment = db.session.get(Payment, finding.payment_id) if finding.payment_id is not None else None
    if finding.kind in {"captured_unknown", "captured_twice"} and finding.name.startswith("pi_"):
        return "unexpected_money", ("payment_intent", finding.name)
    if finding.kind == "refund_unknown" and payment is not None:
        return "external_refund", ("payment", payment.public_id)
    if finding.kind == "dispute_unknown" and payment is not None:
        return "disputed", ("payment", payment.public_id)
    if finding.kind == "refund_failed":
        refunds = db.session.scalars(select(Refund).where(Refund.processor_id == finding.name).order_by(Refund.id)).all()
        return "refund_failed", ("refund", refunds[0].public_id)
    return finding.kind, ("processor", finding.fingerprint)


def _close_what_is_gone(found: set[str], *, since: datetime, now: datetime) -> int:
    wanted = select(Difference).where(Difference.state == "open", Difference.at >= since, Difference.at < now - GRACE, Difference.kind != "balance_unexplained")
    gone = [each for each in db.session.scalars(wanted.order_by(Difference.id)) if each.fingerprint not in found]
    for difference in gone:
        difference.state, difference.changed_at = "gone", now
        db.session.flush()
        audit.record("payments.difference_gone", subject=("difference", difference.id), reason=difference.kind)
        if not is_undecided(difference.case_id):
            dismiss_case(difference.case_id, outcome="not_needed", by=None, now=now)
    return len(gone)


def is_undecided(case_id: int) -> bool:
    """Whether a difference of this case waits for a decision, or for what was decided to be done."""
    wanted = select(Difference.id).where(Difference.case_id == case_id, Difference.state.in_(["open", "settling"]))
    return db.session.execute(wanted.limit(1)).first() is not None
