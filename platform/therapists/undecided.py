"""A verification case about something that still waits for a look is closed by recording that look, and by nothing else: connected by the assembly."""

from sqlalchemy import String, cast, select

from core.db import db
from core.errors import Conflict
from desk.models import Case
from therapists.check_models import RESULTS, PracticeCheck
from therapists.credential_states import DECISIONS, IN_QUEUE
from therapists.models import Credential

DECIDED = frozenset({*DECISIONS, *RESULTS})


class StillWaits(Conflict):
    code, detail = "still_waits", "This waits for a look. Record what you saw, which closes the case, or give it back."


def refuse_undecided(case: Case, outcome: str) -> None:
    """StillWaits for a submitted credential or an offered check: without its case nobody would ever look. Looks that come due again get a new case."""
    if case.kind != "verification" or outcome in DECIDED:
        return
    waiting = {
        "credential": select(Credential.id).where(cast(Credential.public_id, String) == case.subject_id, Credential.state.in_(IN_QUEUE)),
        "check": select(PracticeCheck.id).where(cast(PracticeCheck.public_id, String) == case.subject_id, PracticeCheck.offered_at.is_not(None)),
    }.get(case.subject_kind)
    if waiting is not None and db.session.execute(waiting).first() is not None:
        raise StillWaits
