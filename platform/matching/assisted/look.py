"""What a guide sees for a case of theirs: everybody who may be suggested, in the order of the list; and of the answers what the person agreed to."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from accounts.consent import has_consent
from core import audit
from core.db import db
from core.errors import Conflict, DomainError
from desk.cases import CaseClosed, owned_case, read_case
from desk.kinds import ROLE_OF_KIND
from desk.models import Case
from matching.assisted.permitted import PURPOSE, permitted
from matching.cards import LABELS, NEXT_OPENINGS
from matching.danger import SUBJECT
from matching.explanation import explain
from matching.faces import Shown
from matching.models import Intake
from matching.referred import referral_of
from matching.view import View, require_list, view_of
from taxonomy.vocabulary import vocabulary

GUIDE = "matchmaker"
# Of a guide's cases, those that are about finding somebody for a person.
KINDS = frozenset({"matchmaking", "call_back"})
assert all(ROLE_OF_KIND[kind] == GUIDE for kind in KINDS)
# A call closes its case; whoever spoke with the person can still suggest somebody for so long.
AFTER_CALL = timedelta(days=14)
Json = dict[str, Any]


class NoListNow(Conflict):
    """Whatever the reason is, it is not a guide's to read."""

    code, detail = "no_list_now", "For this person nobody can be suggested at the moment. Speak with them about other ways."


@dataclass(frozen=True)
class Looked:
    case: Case
    intake: Intake
    view: View
    agreed: bool


def look(case_id: uuid.UUID, *, by: int, now: datetime) -> Looked:
    """The list as it is now for the person of this case. Refuses as every act on a case; NoListNow where there is no list for them, for whatever reason."""
    case = _case_of(case_id, by=by, now=now)
    intake = _intake_of(case)
    if intake is None:
        raise NoListNow
    try:
        gate = require_list(intake, now=now)
    except DomainError as error:
        raise NoListNow from error
    if referral_of(intake) is not None:
        raise NoListNow
    return Looked(case, intake, view_of(intake, gate, now=now), has_consent(intake.person_id, PURPOSE))


def eligible_for_guide(case_id: uuid.UUID, *, start: int, limit: int, by: int, now: datetime) -> tuple[Json, bool]:
    """A page of candidates, the permitted answers, and whether there are more. The reading is recorded. Ready for `schemas.GuideViewSchema`."""
    found = look(case_id, by=by, now=now)
    page = found.view.page(start, limit)
    cards = [_candidate(each, found, position=start + number) for number, each in enumerate(page, 1)]
    answers = permitted(found.intake.answers or {}, agreed=found.agreed)
    audit.record("matching.guide_looked", subject=("intake", found.intake.public_id), actor=by, reason="agreed" if found.agreed else "not_agreed")
    body = {"items": cards, "may_read_answers": found.agreed, "answers": answers}
    return body, start + limit < found.view.count


def _candidate(shown: Shown, found: Looked, *, position: int) -> Json:
    """Public facts; what follows from the answers only if these may be read."""
    ranked, face, occasion = shown.ranked, shown.face, found.view.occasion
    reasons = explain(ranked, occasion.wishes, vocabulary=vocabulary(), labels=LABELS) if found.agreed else []
    return {
        "position": position,
        "therapist_id": face.public_id,
        "display_name": face.display_name,
        "headline": face.headline,
        "country": face.country,
        "usual_fee": ranked.service.fee,
        "next_openings": [datetime.fromtimestamp(each, UTC) for each in ranked.service.openings[:NEXT_OPENINGS]],
        "badges": face.badges(now=occasion.now),
        "fit": ranked.scored.word if found.agreed else None,
        "reasons": [vars(each) for each in reasons],
    }


def _case_of(case_id: uuid.UUID, *, by: int, now: datetime) -> Case:
    try:
        return owned_case(case_id, by, KINDS)
    except CaseClosed:
        case = read_case(case_id, kinds=KINDS, by=by)
        if case.owner_id == by and case.outcome == "reached" and case.closed_at is not None and now - case.closed_at < AFTER_CALL:
            return case
        raise


def _intake_of(case: Case) -> Intake | None:
    """That of the case, else the newest of its person."""
    if case.subject_kind == SUBJECT:
        return db.session.scalars(select(Intake).where(Intake.public_id == uuid.UUID(case.subject_id))).one_or_none()
    newest = select(Intake).where(Intake.person_id == case.person_id).order_by(Intake.started_at.desc(), Intake.id.desc()).limit(1)
    return db.session.scalars(newest).one_or_none()
