"""Where a therapist stands with the required checks, what each one closes while it is missing, and offering proof of one for a look."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from desk.cases import open_case, open_case_about
from taxonomy.checks import CheckKind, CheckRule
from taxonomy.vocabulary import vocabulary
from therapists.check_models import PracticeCheck
from therapists.check_records import check_of, subject_of
from therapists.facts import check_facts, standing_of
from therapists.models import Therapist
from therapists.required_checks import State, last_day_of, needs_supervision, state_of
from therapists.standing import ADULT_BANDS, LIVE_STATES

Closes = Literal["everything", "supervised_entries", "minors", "nothing"]
CLOSES: tuple[Closes, ...] = ("everything", "supervised_entries", "minors", "nothing")
LOOK_WITHIN = timedelta(days=5)


class OfferedAlready(Conflict):
    code, detail = "offered_already", "This is waiting for us to look at it."


@dataclass(frozen=True)
class OwnCheck:
    """One kind of check. `closes`: what nobody can book while it does not hold; `waits` says that we are asked to look at something new."""

    kind: CheckKind
    rule: CheckRule
    row: PracticeCheck | None
    state: State
    closes: Closes

    @property
    def last_day(self) -> date | None:
        return last_day_of(check_facts(self.row)) if self.row else None

    @property
    def waits(self) -> bool:
        return self.row is not None and self.row.offered_at is not None

    @property
    def next_step(self) -> str | None:
        """What to do, in words; None while there is nothing to do."""
        if self.closes == "nothing" or self.waits or self.state == "valid":
            return None
        return self.kind.next_step


def own_checks(therapist: Therapist, *, now: datetime) -> list[OwnCheck]:
    """Every kind that the therapist's country asks for, also those that their present work does not need. Needs credentials and checks loaded."""
    rows = {row.kind: row for row in therapist.checks}
    found = []
    for kind in vocabulary().checks.kinds.values():
        rule = vocabulary().checks.rule(kind.slug, therapist.country)
        if rule is not None:
            row = rows.get(kind.slug)
            found.append(OwnCheck(kind, rule, row, state_of(check_facts(row) if row else None, now=now), _closes(kind, therapist)))
    return found


def _closes(kind: CheckKind, therapist: Therapist) -> Closes:
    standing = standing_of(therapist)
    if kind.demand == "always":
        return "everything"
    if kind.demand == "minors":
        return "minors" if standing.age_bands - ADULT_BANDS else "nothing"
    live = [each for each in standing.credentials if each.state in (*LIVE_STATES, "submitted", "in_review")]
    return "supervised_entries" if any(needs_supervision(each) for each in live) else "nothing"


def offer_proof(therapist: Therapist, kind: str, *, now: datetime) -> PracticeCheck:
    """Ask us to look at new proof: it joins the verifiers' queue. NotFound for a kind that is not proved so, OfferedAlready while it waits.

    What holds goes on holding until its own last day.
    """
    known = vocabulary().checks.kinds.get(kind)
    if known is None or not known.takes_proof:
        raise NotFound
    check = check_of(therapist.person_id, kind, zone=therapist.zone)
    if check.offered_at is not None:
        raise OfferedAlready
    check.offered_at = now
    if open_case_about("verification", subject_of(check)) is None:
        open_case("verification", subject=subject_of(check), person_id=therapist.person_id, opened_by=therapist.person_id, due_in=LOOK_WITHIN, now=now)
    audit.record("therapists.check_offered", subject=("check", check.public_id), actor=therapist.person_id, kind=kind)
    db.session.flush()
    return check
