"""The life of a claimed credential. Pure.

It becomes active only by a recorded check (`DECISIONS`), and there is no way from rejected, revoked or withdrawn back to active without being submitted
and checked anew.
"""

from core.errors import Conflict

DECISIONS = ("active", "rejected", "suspended", "lapsed", "revoked")
LIVE = ("active", "expiring")
IN_QUEUE = ("submitted", "in_review")

# Moves that are made without a look at the register.
MOVES: dict[str, frozenset[str]] = {
    "unverified": frozenset({"submitted", "withdrawn"}),
    "submitted": frozenset({"in_review", "withdrawn"}),
    "in_review": frozenset({"withdrawn"}),
    "active": frozenset({"expiring", "expired", "withdrawn"}),
    "expiring": frozenset({"expired", "withdrawn"}),
    "expired": frozenset({"submitted", "withdrawn"}),
    "lapsed": frozenset({"submitted", "withdrawn"}),
    "suspended": frozenset({"submitted", "withdrawn"}),
    "revoked": frozenset({"submitted"}),
    "rejected": frozenset({"submitted"}),
    "withdrawn": frozenset(),
}
# States in which a look at the register may be recorded: waiting for a first one, or known and looked at again.
CHECKABLE = frozenset({"submitted", "in_review", "active", "expiring", "expired", "lapsed", "suspended"})

# Reasons that a decision may carry.
REASONS: dict[str, tuple[str, ...]] = {
    "active": ("register_confirms",),
    "rejected": ("not_found", "name_differs", "number_differs", "not_practising", "evidence_missing", "not_accepted_for_practice"),
    "suspended": ("register_says_suspended", "under_investigation", "sanctioned"),
    "lapsed": ("register_says_lapsed", "not_renewed", "expired"),
    "revoked": ("register_says_removed", "sanctioned"),
}


class WrongState(Conflict):
    code, detail = "wrong_state", "This cannot be done with the credential in its present state."


def require_move(before: str, after: str) -> None:
    """WrongState unless the table has this move."""
    if after not in MOVES[before]:
        raise WrongState(extra={"state": before})


def require_checkable(state: str) -> None:
    """WrongState for a claim that its owner has not submitted, or that was rejected, revoked or withdrawn and not submitted again."""
    if state not in CHECKABLE:
        raise WrongState(extra={"state": state})
