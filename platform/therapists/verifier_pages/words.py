"""What codes of the verifiers' trade are called on their pages. Pure."""

from therapists.check_records import REASONS as CHECK_REASONS
from therapists.credential_states import REASONS

WORK = {"first": "First look", "second": "Second pair of eyes", "recheck": "Monthly look", "full": "Everything anew"}
DECISIONS = {"active": "It is current", "rejected": "Not confirmed", "suspended": "Suspended", "lapsed": "Lapsed", "revoked": "Removed"}
RESULTS = {"passed": "Passed", "failed": "Not passed"}


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ")


# ``decision:reason`` as one choice, in the order of the table.
CHOICES = {f"{decision}:{reason}": f"{DECISIONS[decision]}: {plain(reason)}" for decision, reasons in REASONS.items() for reason in reasons}
CHECK_CHOICES = {f"{result}:{reason}": f"{RESULTS[result]}: {plain(reason)}" for result, reasons in CHECK_REASONS.items() for reason in reasons}
