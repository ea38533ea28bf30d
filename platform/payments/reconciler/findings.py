"""What the two sides say differently, each thing once and by its kind (`kinds`). Pure.

Only what is older than GRACE is judged: news travels. What our own machinery is about to take over (a live attempt, a refund or payout on its way) is left to
it for a day. `doubtful` is what only we have: it is looked up by name before anybody hears of it, since it may be older than what was listed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from payments.reconciler.facts import Ours, PaymentFact, Theirs
from payments.reconciler.flows import Flow, FlowKind, Key, Laid
from payments.reconciler.known import Known

GRACE = timedelta(minutes=15)
IN_MOTION = timedelta(days=1)
Amount: TypeAlias = tuple[int, str]


@dataclass(slots=True)
class Finding:
    """`name` is the processor's id of the object, or our public id where it has none. `drifts` say by how much the processor's balance is more than the books
    by it: (kind of flow, currency, minor units)."""

    kind: str
    name: str
    at: datetime
    theirs: Amount | None = None
    ours: Amount | None = None
    drifts: list[tuple[FlowKind, str, int]] = field(default_factory=list)
    payment_id: int | None = None
    person_id: int | None = None
    doubtful: bool = False
    flow: Key | None = None

    @property
    def fingerprint(self) -> str:
        """The same difference has the same one in every run."""
        return ":".join([self.kind, self.name, *(f"{each[0]}{each[1]}" if each else "-" for each in (self.theirs, self.ours))])


@dataclass(slots=True)
class Found:
    """`fees` are (payment id, fee) that were not known when the payment settled; `own` and `decided` names of lines and disputes to take over."""

    findings: list[Finding] = field(default_factory=list)
    fees: list[tuple[int, int]] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)


def find(laid: Laid, theirs: Theirs, ours: Ours, *, since: datetime, now: datetime) -> Found:
    """Everything of [since, now - GRACE) that differs, and what can be taken over without anybody's decision."""
    finder = _Finder(Known(theirs, ours), since, now)
    for flow in sorted(laid.theirs, key=lambda each: each.kind == "fee"):
        finder.only_theirs(flow)
    for flow in sorted(laid.ours, key=lambda each: each.kind == "fee"):
        finder.only_ours(flow)
    for there, here in sorted(laid.unequal, key=lambda each: each[0].kind == "fee"):
        finder.unequal(there, here)
    for there, here in laid.paired:
        finder.misdirected(there, here)
    # A lost dispute moves no money now, so nothing says since when it is lost: it is read like any news of it.
    finder.found.decided += [told.id for told in theirs.disputes if told.status == "lost" and (row := finder.known.dispute(told.id)) and row.state == "open"]
    return finder.found


class _Finder:
    def __init__(self, known: Known, since: datetime, now: datetime) -> None:
        self.known, self.since, self.now, self.found = known, since, now, Found()
        self._by_name: dict[str, Finding] = {}
        self._left: set[str] = set()  # charges that our own machinery takes over
        self._there: dict[FlowKind, Callable[[Flow], Finding | None]] = {
            "captured": self._captured,
            "fee": self._fee,
            "refund": self._refund,
            "refund_back": self._refund_back,
            "dispute": self._dispute,
            "dispute_back": self._dispute_back,
            "transfer": self._transfer,
            "reversal": self._reversal,
            "own": self._own,
        }

    def only_theirs(self, flow: Flow) -> None:
        if self._is_judged(flow):
            finding = self._there.get(flow.kind, self._unknown)(flow)
            if finding is not None:
                self._add(finding, flow, theirs=flow)

    def only_ours(self, flow: Flow) -> None:
        if not self._is_judged(flow) or self.known.is_undone(flow):
            return
        main = self._by_name.get(flow.name)
        if flow.kind == "fee" and main is not None:
            main.drifts.append((flow.kind, flow.currency, -flow.amount))
            return
        kinds = {"captured": "captured_missing", "refund": "refund_missing", "transfer": "transfer_missing", "reversal": "reversal_missing"}
        finding = self._about(kinds.get(flow.kind, "fee_differs" if flow.kind == "fee" else "missing_here"), flow)
        finding.doubtful = True
        self._add(finding, flow, ours=flow)

    def unequal(self, theirs: Flow, ours: Flow) -> None:
        if not self._is_judged(theirs):
            return
        main = self._by_name.get(theirs.name)
        if theirs.kind == "fee" and main is not None:
            main.drifts += _drifts(theirs, ours)
            return
        captured = "captured_amount" if theirs.currency == ours.currency else "captured_currency"
        kinds = {"captured": captured, "fee": "fee_differs", "refund": "refund_amount", "transfer": "transfer_amount", "dispute": "dispute_amount"}
        self._add(self._about(kinds.get(theirs.kind, "unknown_there"), theirs), theirs, theirs=theirs, ours=ours)

    def misdirected(self, theirs: Flow, ours: Flow) -> None:
        """A transfer as large as it should be, to an account that is not the payee's."""
        if theirs.kind != "transfer" or not self._is_judged(theirs):
            return
        told, payout = self.known.transfers.get(theirs.name), self.known.payout(theirs.name)
        if told is not None and payout is not None and told.destination != payout.account:
            finding = self._about("transfer_elsewhere", theirs)
            finding.theirs = finding.ours = (-ours.amount, ours.currency)
            self.found.findings.append(finding)

    # -- what only the processor has -----------------------------------------------------------------------------------------------------------------

    def _captured(self, flow: Flow) -> Finding | None:
        intent, payment = self.known.behind(flow.name)
        name = intent.id if intent is not None else flow.name
        if payment is None:
            kind = "captured_unknown"
        elif payment.charge == flow.name or payment.intent == name:
            kind = "captured_not_booked"
        elif payment.state in {"open", "processing"}:
            kind = "captured_unnoticed"
            if payment.live and self._in_motion(flow):
                self._left.add(flow.name)
                return None
        else:
            kind = "captured_twice" if payment.captured else "captured_unknown"
        return _of(kind, name, flow, payment)

    def _fee(self, flow: Flow) -> Finding | None:
        main, payment, dispute = self._by_name.get(flow.name), self.known.payment_of_charge(flow.name), self.known.dispute(flow.name)
        if main is not None:
            main.drifts.append((flow.kind, flow.currency, flow.amount))
        elif flow.name in self._left:
            return None
        elif payment is not None and payment.currency != flow.currency:
            return self._about("fee_differs", flow)
        elif payment is not None:
            self.found.fees.append((payment.id, -flow.amount))
        elif dispute is not None:
            self.found.decided.append(flow.name)
        else:
            return self._unknown(flow)
        return None

    def _refund(self, flow: Flow) -> Finding | None:
        if self.known.came_back(flow):
            return None
        told, row = self.known.refunds.get(flow.name), self.known.refund(flow.name)
        if row is not None:
            if row.state in {"requested", "pending"} and self._in_motion(flow):
                return None
            return self._about("refund_unnoticed" if row.state in {"requested", "pending", "needs_person"} else "unknown_there", flow)
        payment = self.known.payment_named(told.payment_intent, told.charge) if told is not None else None
        return _of("refund_unknown" if payment is not None else "unknown_there", flow.name, flow, payment)

    def _refund_back(self, flow: Flow) -> Finding | None:
        if self.known.came_back(flow):
            return None
        row = self.known.refund(flow.name)
        return self._about("refund_failed" if row is not None and row.state == "succeeded" else "unknown_there", flow)

    def _dispute(self, flow: Flow) -> Finding | None:
        told = self.known.disputes.get(flow.name)
        payment = self.known.payment_named(told.payment_intent, told.charge) if told is not None else None
        is_new = payment is not None and self.known.dispute(flow.name) is None
        return _of("dispute_unknown" if is_new else "unknown_there", flow.name, flow, payment)

    def _dispute_back(self, flow: Flow) -> Finding | None:
        main, row = self._by_name.get(flow.name), self.known.dispute(flow.name)
        if main is not None:
            main.drifts.append((flow.kind, flow.currency, flow.amount))
            return None
        return self._about("dispute_decided" if row is not None and row.state == "open" else "unknown_there", flow)

    def _transfer(self, flow: Flow) -> Finding | None:
        told, payout = self.known.transfers.get(flow.name), self.known.payout(flow.name)
        if payout is not None and payout.name is None and payout.state == "sending":
            return None if self._in_motion(flow) else self._about("transfer_unnoticed", flow)
        payee = payout.payee_id if payout is not None else self.known.payees.get(told.destination or "") if told is not None else None
        return Finding("transfer_unknown", flow.name, flow.at, payment_id=payout.payment_id if payout is not None else None, person_id=payee)

    def _reversal(self, flow: Flow) -> Finding | None:
        told = self.known.reversals.get(flow.name)
        if told is not None and self.known.is_asked_for(told) and self._in_motion(flow):
            return None
        payout = self.known.payout(told.transfer) if told is not None else None
        paid, payee = (payout.payment_id, payout.payee_id) if payout is not None else (None, None)
        return Finding("reversal_unknown", flow.name, flow.at, payment_id=paid, person_id=payee)

    def _own(self, flow: Flow) -> None:
        self.found.own.append(flow.name)

    def _unknown(self, flow: Flow) -> Finding:
        return Finding("unknown_there", flow.name, flow.at)

    # -- and how it is kept ---------------------------------------------------------------------------------------------------------------------------

    def _about(self, kind: str, flow: Flow) -> Finding:
        """A finding about something that we have a row of."""
        payout = self.known.payout_behind(flow)
        if payout is not None:
            return Finding(kind, flow.name, flow.at, payment_id=payout.payment_id, person_id=payout.payee_id)
        return _of(kind, flow.name, flow, self.known.payment_behind(flow))

    def _add(self, finding: Finding, flow: Flow, *, theirs: Flow | None = None, ours: Flow | None = None) -> None:
        finding.flow = flow.key
        finding.theirs = (abs(theirs.amount), theirs.currency) if theirs is not None else None
        finding.ours = (abs(ours.amount), ours.currency) if ours is not None else None
        finding.drifts += _drifts(theirs, ours)
        self.found.findings.append(finding)
        self._by_name.setdefault(flow.name, finding)

    def _is_judged(self, flow: Flow) -> bool:
        return self.since <= flow.at < self.now - GRACE

    def _in_motion(self, flow: Flow) -> bool:
        return self.now - flow.at < IN_MOTION


def _drifts(theirs: Flow | None, ours: Flow | None) -> list[tuple[FlowKind, str, int]]:
    there = [(theirs.kind, theirs.currency, theirs.amount)] if theirs is not None else []
    here = [(ours.kind, ours.currency, -ours.amount)] if ours is not None else []
    if there and here and there[0][1] == here[0][1]:
        return [(there[0][0], there[0][1], there[0][2] + here[0][2])]
    return there + here


def _of(kind: str, name: str, flow: Flow, payment: PaymentFact | None) -> Finding:
    payment_id, payer_id = (payment.id, payment.payer_id) if payment is not None else (None, None)
    return Finding(kind, name, flow.at, payment_id=payment_id, person_id=payer_id)
