"""The life of a claimed credential: one table of every transition, with who makes it and for which reasons. Pure.

It becomes active only by a recorded check of the register, and from rejected, revoked or withdrawn there is no way to active but through a new submission and
a new check.
"""

from typing import Literal, NamedTuple

from core.errors import Conflict

# Who moves a credential: its owner, a verifier who arranges work, a verifier's recorded look at the register, or the clock.
Mover = Literal["owner", "desk", "check", "clock"]


class Transition(NamedTuple):
    before: str
    after: str
    by: Mover


DECISIONS = ("active", "rejected", "suspended", "lapsed", "revoked")
LIVE = ("active", "expiring")
IN_QUEUE = ("submitted", "in_review")
# States in which a look at the register may be recorded: waiting for a first one, or known and looked at again.
CHECKABLE = frozenset({"submitted", "in_review", "active", "expiring", "expired", "lapsed", "suspended"})
# The owner may correct the claim; what was read before then no longer counts.
AMENDABLE = frozenset({"unverified", "submitted", "in_review", "active", "expiring", "expired", "lapsed"})

# Reasons that a decision may carry.
REASONS: dict[str, tuple[str, ...]] = {
    "active": ("register_confirms",),
    "rejected": ("not_found", "name_differs", "number_differs", "not_practising", "evidence_missing", "not_accepted_for_practice"),
    "suspended": ("register_says_suspended", "under_investigation", "sanctioned"),
    "lapsed": ("register_says_lapsed", "not_renewed", "expired"),
    "revoked": ("register_says_removed", "sanctioned"),
}
AWAITS_SECOND = "awaits_second"


def _table() -> dict[Transition, tuple[str, ...]]:
    moves: dict[Transition, tuple[str, ...]] = {}
    for before in ("unverified", "expired", "lapsed", "suspended", "revoked", "rejected"):
        moves[Transition(before, "submitted", "owner")] = ("claimed",)
    for before in ("in_review", *LIVE):
        moves[Transition(before, "submitted", "owner")] = ("claim_changed",)
    for before in ("unverified", *IN_QUEUE, *LIVE, "expired", "lapsed", "suspended"):
        moves[Transition(before, "withdrawn", "owner")] = ("by_owner",)
    moves[Transition("submitted", "in_review", "desk")] = ("review_began",)
    moves[Transition("in_review", "submitted", "desk")] = ("released",)
    moves[Transition("active", "expiring", "clock")] = ("expiry_near",)
    for before in LIVE:
        moves[Transition(before, "expired", "clock")] = ("date_passed",)
    for before in sorted(CHECKABLE):
        moves[Transition(before, "in_review", "check")] = (AWAITS_SECOND,)
        for decision in DECISIONS:
            moves[Transition(before, decision, "check")] = REASONS[decision]
    return moves


TRANSITIONS = _table()


class WrongState(Conflict):
    code, detail = "wrong_state", "This cannot be done with the credential in its present state."


def require_transition(before: str, after: str, *, by: Mover, reason: str) -> None:
    """WrongState unless the table has this move of this mover; ValueError for a reason that it does not know."""
    reasons = TRANSITIONS.get(Transition(before, after, by))
    if reasons is None:
        raise WrongState(extra={"state": before})
    if reason not in reasons:
        raise ValueError(f"{before} -> {after} by {by} has no reason {reason!r}")


def require_checkable(state: str) -> None:
    """WrongState for a claim that its owner has not submitted, or that was rejected, revoked or withdrawn and not submitted again."""
    if state not in CHECKABLE:
        raise WrongState(extra={"state": state})


def require_amendable(state: str) -> None:
    """WrongState for a claim about which a register has spoken against its holder, or that was taken back."""
    if state not in AMENDABLE:
        raise WrongState(extra={"state": state})
