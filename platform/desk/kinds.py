"""Which cases there are, and which role sees which. Pure.

Nobody sees a kind that is not theirs, administrators included: a safety case belongs to the people trained for it.
"""

from collections.abc import Iterable

SAFETY = "safety"
ROLE_OF_KIND = {
    SAFETY: "safety_responder",
    "verification": "verifier",
    "matchmaking": "matchmaker",
    "call_back": "matchmaker",
    "request": "matchmaker",
    "leaving": "matchmaker",
    "complaint": "admin",
    "support": "admin",
    "money": "admin",
    "privacy": "admin",
}
KINDS = tuple(ROLE_OF_KIND)
STAFF_ROLES = tuple(dict.fromkeys(ROLE_OF_KIND.values()))
PRIORITIES = ("urgent", "high", "normal", "low")
STATES = ("open", "owned", "closed")
# What people at the desk may record. Other packages add outcomes of their own in code (a verification closes with its decision).
STEP_ACTIONS = ("note", "called", "mailed", "spoke", "no_answer", "referred", "escalated")
OUTCOMES = ("resolved", "referred", "emergency_help", "no_contact", "not_needed", "duplicate")


def kinds_visible_to(roles: Iterable[str]) -> frozenset[str]:
    """The kinds that somebody with these roles may see and work on."""
    held = frozenset(roles)
    return frozenset(kind for kind, role in ROLE_OF_KIND.items() if role in held)
