"""The rows and objects that a flow is about, found by the names that both sides give them. Pure."""

from payments.processor_facts import PaymentIntent, Reversal
from payments.reconciler.facts import DisputeFact, Ours, PaymentFact, PayoutFact, RefundFact, Theirs
from payments.reconciler.flows import Flow, flows_of


class Known:
    """Looked up by the processor's id; None for what nobody here knows."""

    def __init__(self, theirs: Theirs, ours: Ours) -> None:
        self.intents = {each.charge.id: each for each in theirs.intents if each.charge is not None}
        self.refunds = {each.id: each for each in theirs.refunds}
        self.disputes = {each.id: each for each in theirs.disputes}
        self.transfers = {each.id: each for each in theirs.transfers}
        self.reversals = {each.id: each for each in theirs.reversals}
        self.payees, self._ours = ours.payees, ours
        self._by_charge = {each.charge: each for each in ours.payments.values() if each.charge}
        self._by_intent = {each.intent: each for each in ours.payments.values() if each.intent}
        self._by_reference = {each.public_id: each for each in ours.payments.values()}
        self._refunds = {word: each for each in ours.refunds.values() for word in (each.name, each.public_id) if word}
        self._disputes = {each.name: each for each in ours.disputes.values()}
        self._payouts = {word: each for each in ours.payouts.values() for word in (each.name, each.public_id) if word}
        self._reversals = {each.name: each for each in ours.reversals.values() if each.name}
        there = [(flow.kind, flow.name, flow.amount) for entry in theirs.entries for flow in flows_of(entry)]
        left = {name: amount for kind, name, amount in there if kind == "refund"}
        booked = {flow.name for flow in ours.flows if flow.kind in {"refund", "refund_back"}}
        here = [(flow.kind, flow.name, flow.amount) for flow in ours.flows]
        sent = {name: amount for kind, name, amount in here if kind == "refund"}
        # A refund that never was there counted as done, and counts as failed since somebody decided so.
        self._undone = {name for kind, name, amount in here if kind == "refund_back" and sent.get(name) == -amount} - left.keys()
        # A refund that a bank sent back before we heard that it had left: nothing moved in the end, and nothing was booked.
        self._came_back = {name for kind, name, amount in there if kind == "refund_back" and left.get(name) == -amount} - booked

    def behind(self, charge: str) -> tuple[PaymentIntent | None, PaymentFact | None]:
        """The object that a charge is of, and the payment that it belongs to by its name or by our reference on it."""
        intent = self.intents.get(charge)
        known = self.payment_named(intent.id if intent is not None else None, charge)
        return intent, known or self._by_reference.get((intent.reference or "") if intent is not None else "")

    def payment_named(self, intent: str | None, charge: str | None) -> PaymentFact | None:
        return self._by_charge.get(charge or "") or self._by_intent.get(intent or "")

    def payment_of_charge(self, charge: str) -> PaymentFact | None:
        return self._by_charge.get(charge)

    def refund(self, name: str) -> RefundFact | None:
        told = self.refunds.get(name)
        return self._refunds.get(name) or (self._refunds.get(told.reference or "") if told is not None else None)

    def dispute(self, name: str) -> DisputeFact | None:
        return self._disputes.get(name)

    def payout(self, transfer: str) -> PayoutFact | None:
        """By the transfer's name, or by our reference on it."""
        told = self.transfers.get(transfer)
        return self._payouts.get(transfer) or (self._payouts.get(told.reference or "") if told is not None else None)

    def is_asked_for(self, told: Reversal) -> bool:
        """Whether it carries our reference, so that our own machinery sent it."""
        return told.reference is not None

    def came_back(self, flow: Flow) -> bool:
        return flow.name in self._came_back

    def is_undone(self, flow: Flow) -> bool:
        return flow.kind in {"refund", "refund_back"} and flow.name in self._undone

    def payout_behind(self, flow: Flow) -> PayoutFact | None:
        if flow.kind == "transfer":
            return self.payout(flow.name)
        row = self._reversals.get(flow.name) if flow.kind == "reversal" else None
        return self._ours.payouts.get(row.payout_id) if row is not None else None

    def payment_behind(self, flow: Flow) -> PaymentFact | None:
        if (payment := self._by_charge.get(flow.name)) is not None:
            return payment
        row = self.refund(flow.name) or self.dispute(flow.name)
        return self._ours.payments.get(row.payment_id) if row is not None else None
