"""The states of a payment, of one attempt at it, and of a refund, and the only steps between them. Pure.

A payment is what somebody owes for one reference and purpose; the processor moves it at any time, in any order, and asks nobody. So every step is taken
from what the processor says when it is asked, forward only, and an end stays an end. A decline is no end: the payment can be tried again.
"""

from enum import StrEnum

from core.errors import Conflict


class PaymentState(StrEnum):
    """Where a payment stands. Money is with us exactly in `settled` and `mismatched`; how much of it went back is counted beside the state."""

    OPEN = "open"  # can be paid; nothing was tried, or what was tried was declined or given up
    PROCESSING = "processing"  # the payer or their bank is at it
    SETTLED = "settled"  # the whole amount was captured
    MISMATCHED = "mismatched"  # another amount or currency than was asked for was captured; a person decides
    ENDED = "ended"  # nobody pays it any more, and nothing that was begun for it can still be paid


PAYMENT_STEPS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.OPEN: frozenset({PaymentState.PROCESSING, PaymentState.SETTLED, PaymentState.MISMATCHED, PaymentState.ENDED}),
    PaymentState.PROCESSING: frozenset({PaymentState.OPEN, PaymentState.SETTLED, PaymentState.MISMATCHED, PaymentState.ENDED}),
    PaymentState.MISMATCHED: frozenset({PaymentState.SETTLED, PaymentState.ENDED}),
    PaymentState.SETTLED: frozenset(),
    PaymentState.ENDED: frozenset(),
}
# What can still be paid.
PAYABLE = frozenset({PaymentState.OPEN, PaymentState.PROCESSING})


class AttemptState(StrEnum):
    """Where one attempt stands: a hosted checkout, or a charge of a saved card."""

    INTENDED = "intended"  # written down with its key; whether the processor has it is not known yet
    OPEN = "open"  # the processor has it, and it can be paid
    SUCCEEDED = "succeeded"
    CLOSED = "closed"  # it can never be paid: it ran out, was declined for good, or the processor never had it


ATTEMPT_STEPS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.INTENDED: frozenset({AttemptState.OPEN, AttemptState.SUCCEEDED, AttemptState.CLOSED}),
    AttemptState.OPEN: frozenset({AttemptState.SUCCEEDED, AttemptState.CLOSED}),
    AttemptState.SUCCEEDED: frozenset(),
    AttemptState.CLOSED: frozenset(),
}
LIVE_ATTEMPT = frozenset({AttemptState.INTENDED, AttemptState.OPEN})


class RefundState(StrEnum):
    """Where a refund stands. A bank can send a refund back after it succeeded, so only a failed one is over for good."""

    REQUESTED = "requested"  # written down with its key, on its way to the processor
    PENDING = "pending"  # the processor has it
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # the money is with us again; somebody has a case
    NEEDS_PERSON = "needs_person"  # it could not be sent; the money counts as promised until the case is settled


REFUND_STEPS: dict[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset({RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED, RefundState.NEEDS_PERSON}),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED, RefundState.NEEDS_PERSON}),
    RefundState.NEEDS_PERSON: frozenset({RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset(),
}
# What counts against what was captured.
PROMISED = frozenset(RefundState) - {RefundState.FAILED}


class PaymentEnded(Conflict):
    """Nothing can happen to this payment any more."""

    code = "payment_ended"
    detail = "This payment is already over, so it cannot be changed."


class PaymentStepNotPossible(Conflict):
    """This does not lead on from where the payment, attempt or refund stands; most often somebody else was faster."""

    code = "payment_moved_on"
    detail = "This is not possible any more: the payment has moved on meanwhile."


def step_payment(current: PaymentState, target: PaymentState) -> PaymentState:
    """`target`, if the table allows it from `current`; else PaymentEnded or PaymentStepNotPossible, each with the current state."""
    if target in PAYMENT_STEPS[current]:
        return target
    kind = PaymentStepNotPossible if PAYMENT_STEPS[current] else PaymentEnded
    raise kind(extra={"state": current.value})


def step_attempt(current: AttemptState, target: AttemptState) -> AttemptState:
    """The same of an attempt."""
    if target in ATTEMPT_STEPS[current]:
        return target
    raise PaymentStepNotPossible(extra={"state": current.value})


def step_refund(current: RefundState, target: RefundState) -> RefundState:
    """The same of a refund."""
    if target in REFUND_STEPS[current]:
        return target
    raise PaymentStepNotPossible(extra={"state": current.value})
