"""A responder of the safety desk who owns the case lifts the person's pause, or ends what their answers restrict: after speaking with them, with an outcome."""

import uuid
from datetime import datetime

from care.pause import NotPaused, is_paused, lift_pause, paused_since
from care.safety_record import settle
from core.errors import Conflict
from desk.cases import add_step, owned_case, spoke_since
from desk.kinds import SAFETY
from desk.models import Case

KINDS = frozenset({SAFETY})
# With these a safety case may end while its person stays paused: nobody here has spoken with them, or somebody else takes care of them now.
LEAVES_PAUSED = frozenset({"emergency_help", "no_contact", "referred"})


class NoContactRecord(Conflict):
    code, detail = "no_contact_record", "First record on the case that you spoke with the person, and what came of it."


class StillPaused(Conflict):
    code, detail = "still_paused", "The person of this case is paused. Lift the pause, or close it with an outcome that says who takes care of them."


def lift_pause_of_case(case_id: uuid.UUID, *, outcome: str, by: int, now: datetime, note: str | None = None) -> None:
    """NotFound for a case of another kind; Conflict unless `by` owns it, its person is paused, and a contact record was made since. Does not close the case.

    What the answers restrict (a checked competence, an opening within a week) stays: `end_restriction` ends that.
    """
    case = owned_case(case_id, by, KINDS)
    since = paused_since(case.person_id) if case.person_id is not None else None
    if case.person_id is None or since is None:
        raise NotPaused
    if not spoke_since(case, since):
        raise NoContactRecord
    add_step(case_id, action="pause_lifted", by=by, kinds=KINDS, now=now, note=note)
    lift_pause(case.person_id, by=by, outcome=outcome, now=now)


def end_restriction(case_id: uuid.UUID, *, by: int, now: datetime, note: str) -> None:
    """The person needs no therapist with a special competence any more, in the judgement of whoever spoke with them; `note` says why. StillPaused first."""
    case = owned_case(case_id, by, KINDS)
    if case.person_id is None or not spoke_since(case, case.opened_at):
        raise NoContactRecord
    if is_paused(case.person_id):
        raise StillPaused("Lift the pause first.")
    add_step(case_id, action="restriction_ended", by=by, kinds=KINDS, now=now, note=note)
    settle(case.person_id, now=now)


def refuse_while_paused(case: Case, outcome: str) -> None:
    """Asked before every case is closed: nobody is left paused without a case that somebody works on, unless the outcome says why."""
    if case.kind == SAFETY and outcome not in LEAVES_PAUSED and case.person_id is not None and is_paused(case.person_id):
        raise StillPaused
