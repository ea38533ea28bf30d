"""Cases: one owner, only the owner acts, nothing leaks to roles that a kind does not belong to."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from core.audit import AuditEntry
from core.clock import FixedClock, now
from core.crypto import CannotOpen
from core.db import db, transaction
from core.errors import NotFound
from desk.cases import CaseClosed, NotOwned, OwnedBySomebodyElse, add_step, claim_case, close_case, dismiss_cases_about, open_case, read_case, release_case
from desk.kinds import KINDS, ROLE_OF_KIND, STAFF_ROLES, kinds_visible_to
from desk.listing import cases_of
from desk.models import Case
from tests.factories.accounts import a_person
from tests.factories.desk import a_case

ALL = frozenset(KINDS)
LATER = timedelta(hours=1)


def made(**facts: object) -> tuple[uuid.UUID, int, int]:
    """A case and two people of the desk."""
    with transaction():
        return a_case(**facts).public_id, a_person().id, a_person().id  # type: ignore[arg-type]


def test_a_case_has_one_owner_at_a_time(database: None) -> None:
    case_id, first, second = made()
    with transaction():
        case = claim_case(case_id, by=first, kinds=ALL, now=now())
        assert (case.state, case.owner_id) == ("owned", first)
        assert claim_case(case_id, by=first, kinds=ALL, now=now()).owner_id == first
    with pytest.raises(OwnedBySomebodyElse), transaction():
        claim_case(case_id, by=second, kinds=ALL, now=now())
    with transaction():
        release_case(case_id, by=first, kinds=ALL, now=now())
        assert claim_case(case_id, by=second, kinds=ALL, now=now()).owner_id == second


@pytest.mark.parametrize("act", [lambda **who: add_step(action="note", **who), lambda **who: close_case(outcome="resolved", **who), release_case])
def test_only_the_owner_acts(database: None, act: Callable[..., Case]) -> None:
    case_id, owner, other = made()
    with pytest.raises(NotOwned), transaction():
        act(public_id=case_id, by=owner, kinds=ALL, now=now())
    with transaction():
        claim_case(case_id, by=owner, kinds=ALL, now=now())
    with pytest.raises(OwnedBySomebodyElse), transaction():
        act(public_id=case_id, by=other, kinds=ALL, now=now())


def test_a_closed_case_stays_closed(database: None) -> None:
    case_id, owner, _ = made()
    with transaction():
        claim_case(case_id, by=owner, kinds=ALL, now=now())
        case = close_case(case_id, outcome="resolved", note="Spoke with them.", by=owner, kinds=ALL, now=now())
        assert (case.state, case.outcome, case.closed_at) == ("closed", "resolved", now())
    for act in (claim_case, release_case):
        with pytest.raises(CaseClosed), transaction():
            act(case_id, by=owner, kinds=ALL, now=now())


def test_a_kind_one_may_not_see_does_not_exist(database: None) -> None:
    case_id, owner, _ = made(kind="safety")
    with pytest.raises(NotFound), transaction():
        claim_case(case_id, by=owner, kinds=ALL - {"safety"}, now=now())
    with pytest.raises(NotFound), transaction():
        read_case(case_id, kinds=ALL - {"safety"}, by=owner)


def test_every_kind_belongs_to_one_role_and_safety_only_to_its_responders() -> None:
    assert {kind for role in STAFF_ROLES for kind in kinds_visible_to([role])} == ALL
    assert sum(len(kinds_visible_to([role])) for role in STAFF_ROLES) == len(ALL)
    assert [role for role in STAFF_ROLES if "safety" in kinds_visible_to([role])] == ["safety_responder"]
    assert kinds_visible_to(["client", "therapist"]) == frozenset()
    assert kinds_visible_to(["admin", "safety_responder"]) == kinds_visible_to(["admin"]) | {"safety"}
    assert ROLE_OF_KIND["verification"] == "verifier"


def test_steps_and_readings_leave_audit_rows(database: None) -> None:
    case_id, owner, _ = made(opened_by=None)
    with transaction():
        claim_case(case_id, by=owner, kinds=ALL, now=now())
        add_step(case_id, action="called", note="No answer.", by=owner, kinds=ALL, now=now())
        case = read_case(case_id, kinds=ALL, by=owner)
        assert [(step.action, step.note) for step in case.steps] == [("opened", None), ("claimed", None), ("called", "No answer.")]
        close_case(case_id, outcome="no_contact", by=owner, kinds=ALL, now=now())
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == str(case_id)).order_by(AuditEntry.id)).all()
    assert actions == ["desk.opened", "desk.claimed", "desk.called", "desk.read", "desk.closed"]


def test_facts_and_notes_are_sealed_at_rest_and_bound_to_their_row(database: None) -> None:
    case_id, owner, _ = made(kind="complaint", facts={"plan": "a very private answer"})
    other_id, _, _ = made(kind="complaint", facts={"plan": "another"})
    with transaction():
        claim_case(case_id, by=owner, kinds=ALL, now=now())
        add_step(case_id, action="note", note="also private", by=owner, kinds=ALL, now=now())
    stored = db.session.scalars(text("SELECT facts_sealed FROM cases UNION ALL SELECT note_sealed FROM case_steps WHERE note_sealed IS NOT NULL")).all()
    assert len(stored) == 3
    assert not any(word in bytes(value) for value in stored for word in (b"private", b"plan", b"answer", b"another"))
    one, other = (db.session.scalars(select(Case).where(Case.public_id == each)).one() for each in (case_id, other_id))
    assert one.facts == {"plan": "a very private answer"}
    one.facts_sealed = other.facts_sealed
    with pytest.raises(CannotOpen):
        _ = one.facts


def test_lists_run_by_the_clock_and_page_without_gaps(database: None) -> None:
    with transaction():
        urgent_last = [a_case(due_in=timedelta(hours=hours)).public_id for hours in (5, 1, 3, 2, 4, 1)]
    seen: list[uuid.UUID] = []
    cursor = None
    while True:
        page = cases_of(ALL, limit=2, cursor=cursor)
        seen += [case.public_id for case in page.items]
        if (cursor := page.next) is None:
            break
    assert len(seen) == len(set(seen)) == 6
    dues = [db.session.scalars(select(Case.due_at).where(Case.public_id == each)).one() for each in seen]
    assert dues == sorted(dues)
    assert set(seen) == set(urgent_last)
    assert cases_of({"money"}, limit=5).items == []


def test_dismissing_closes_what_is_open_about_a_subject(database: None, clock: FixedClock) -> None:
    with transaction():
        case = a_case("verification", subject=("credential", "one"))
        other = a_case("verification", subject=("credential", "two"))
        dismiss_cases_about("verification", ("credential", "one"), outcome="withdrawn", by=None, now=now())
        assert (case.state, case.outcome, other.state) == ("closed", "withdrawn", "open")


def test_an_unknown_kind_or_priority_is_a_programming_error(database: None) -> None:
    with pytest.raises(ValueError, match="kind"), transaction():
        open_case("gossip", subject=("person", "x"), now=now(), due_in=LATER)
    with pytest.raises(ValueError, match="priority"), transaction():
        open_case("support", subject=("person", "x"), now=now(), due_in=LATER, priority="whenever")


@pytest.mark.races
def test_many_who_claim_one_case_at_once_have_one_winner(committed_app: Flask) -> None:
    callers = 6
    with committed_app.app_context(), transaction():
        case_id, people = a_case().public_id, [a_person().id for _ in range(callers)]
    ready, outcomes = threading.Barrier(callers), []

    def claim(person_id: int) -> None:
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    claim_case(case_id, by=person_id, kinds=ALL, now=now())
                outcomes.append(person_id)
            except OwnedBySomebodyElse:
                outcomes.append(0)

    threads = [threading.Thread(target=claim, args=(person_id,)) for person_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [person_id for person_id in outcomes if person_id]
    assert len(outcomes) == callers
    assert len(winners) == 1
    with committed_app.app_context():
        assert db.session.scalars(select(Case.owner_id)).one() == winners[0]
        assert len(db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "desk.claimed")).all()) == 1
