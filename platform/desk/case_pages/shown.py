"""What a case shows on a page: whose it is, its clock, its facts and its steps, on the reader's own clock."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.people import require_account
from core.errors import Invalid
from core.forms import read_through
from core.http import Schema
from desk.case_pages.words import ACTION_WORDS, KIND_WORDS, OUTCOME_WORDS, PRIORITY_WORDS, plain, told
from desk.cases import add_step, claim_case, close_case, facts_seen_by, read_case, release_case
from desk.contact import Contact, contact_for_case
from desk.leads import lead_of
from desk.listing import cases_of
from desk.models import Case
from desk.schemas import ClosingSchema, NewStepSchema
from notices.letter import local_time

AT_ONCE = 50
Facts = dict[str, Any]


def clock_of(person_id: int) -> Callable[[datetime], str]:
    """An instant on this person's own clock."""
    zone = require_account(person_id).person.zone
    return lambda instant: local_time(instant, zone)


def waiting(kinds: Collection[str], *, by: int, now: datetime) -> Facts:
    """Open and owned cases, the earliest clock first."""
    page = cases_of(kinds, limit=AT_ONCE)
    return {"cases": [line_of(case, by=by, now=now) for case in page.items], "more": page.next is not None, "when": clock_of(by)}


def line_of(case: Case, *, by: int, now: datetime) -> Facts:
    """One case as a line of a list."""
    whose = "yours" if case.owner_id == by else "somebody else has it" if case.owner_id is not None else "nobody has it yet"
    pressing = PRIORITY_WORDS[case.priority]
    return {
        "case": case,
        "title": KIND_WORDS.get(case.kind, plain(case.kind)),
        "whose": whose,
        "pressing": pressing,
        "is_late": now >= case.due_at,
        "is_about_reader": case.person_id == by,
        "is_mine": case.owner_id == by and case.state == "owned",
    }


def case_facts(public_id: uuid.UUID, *, kinds: Collection[str], by: int, now: datetime, words: Mapping[str, str] | None = None) -> Facts:
    """One case with everything on it. The reading is recorded; NotFound for a kind that is not the reader's, OwnCase about oneself."""
    case = read_case(public_id, kinds=kinds, by=by)
    steps: Sequence[Facts] = [
        {"at": step.at, "what": plain(step.action), "note": step.note, "who": "You" if step.by_person_id == by else "A colleague" if step.by_person_id else ""}
        for step in case.steps
    ]
    line = line_of(case, by=by, now=now)
    choices = {"actions": ACTION_WORDS, "outcomes": OUTCOME_WORDS}
    return {
        **line,
        "steps": steps,
        "lead": lead_of(case.subject_kind, case.subject_id) if line["is_mine"] else None,
        "told": told(facts_seen_by(case, by), words),
        "when": clock_of(by),
        "plain": plain,
        **choices,
    }


def press(public_id: uuid.UUID, form: Mapping[str, str], *, kinds: Collection[str], by: int, now: datetime) -> Contact | None:
    """The act of the desk that was pressed in this form. How to reach the person, where that was asked for: it is shown once, and the look is recorded."""
    me: Facts = {"by": by, "kinds": kinds, "now": now}
    act = form.get("act", "")
    if act == "claim":
        claim_case(public_id, **me)
    elif act == "release":
        release_case(public_id, **me)
    elif act == "contact":
        return contact_for_case(public_id, by=by, kinds=kinds)
    elif act == "step":
        add_step(public_id, **given(NewStepSchema, form, "action"), **me)
    elif act == "close":
        close_case(public_id, **given(ClosingSchema, form, "outcome"), **me)
    else:
        raise Invalid("Please press one of the buttons.")
    return None


def given(schema: type[Schema], form: Mapping[str, str], *names: str) -> Facts:
    """These fields and the note, as the API would have taken them. Invalid by field."""
    return read_through(schema, {**{name: form.get(name) for name in names}, "note": form.get("note", "").replace("\r\n", "\n").strip()})
