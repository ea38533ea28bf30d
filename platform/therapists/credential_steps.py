"""The one place that writes the state of a credential: by the table, with a reason, and into the audit trail."""

from typing import Any

from core import audit
from therapists.credential_states import Mover, require_transition
from therapists.models import Credential

ACTIONS: dict[tuple[Mover, str], str] = {
    ("owner", "submitted"): "therapists.submitted",
    ("owner", "withdrawn"): "therapists.withdrew",
    ("desk", "in_review"): "therapists.review_began",
    ("desk", "submitted"): "therapists.review_released",
    ("clock", "expiring"): "therapists.expiring",
    ("clock", "expired"): "therapists.expired",
}


def step(credential: Credential, after: str, *, by: Mover, reason: str, actor: int | None, **facts: Any) -> None:
    """Move the credential and record who did it, from where to where, and why. WrongState when the table has no such move."""
    before = credential.state
    require_transition(before, after, by=by, reason=reason)
    credential.state, credential.state_reason = after, reason
    action = ACTIONS.get((by, after), "therapists.verified")
    audit.record(action, subject=("credential", credential.public_id), reason=reason, actor=actor, before=before, after=after, **facts)
