"""How to reach somebody who asked for a person: kept for thirty days after their case, gone at once when they take it back or clear their answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from desk.forget_facts import KEPT_FOR
from desk.jobs import forget_facts
from desk.models import Case
from tests.browser import Browser
from tests.matching import personas
from tests.matching.test_call_back import signed_in
from tests.matching.visits import Visit

API = "/api/v1"
WISH = {"reach_by": "mail", "contact": "sam@example.org", "message_is_safe": True, "words": "In the evening, please."}
pytestmark = pytest.mark.usefixtures("database")


def asked(visit: Callable[[], Visit]) -> Visit:
    here = visit().answer(personas.P01)
    assert here.browser.post(f"{here.path}/person", json=WISH).status_code == 202
    return here


def the_case() -> Case:
    with transaction():
        return db.session.scalars(select(Case).where(Case.kind == "matchmaking").execution_options(populate_existing=True)).one()


def test_thirty_days_after_the_case_closed_nothing_of_it_is_left_and_not_before(
    client: Callable[[], Browser], visit: Callable[[], Visit], clock: FixedClock
) -> None:
    asked(visit)
    guide = signed_in(client, "matchmaker")
    path = f"{API}/cases/{the_case().public_id}"
    assert guide.post(f"{path}/claim").status_code == 200
    clock.instant += timedelta(days=40)
    forget_facts.run()
    assert (the_case().facts or {})["asked_for_a_person"] == WISH, "while somebody works on it nothing is forgotten by the clock"
    clock.instant -= timedelta(days=40)
    assert guide.post(f"{path}/close", json={"outcome": "resolved"}).status_code == 200
    clock.instant += KEPT_FOR - timedelta(seconds=1)
    forget_facts.run()
    assert the_case().facts is not None
    clock.advance(seconds=1)
    forget_facts.run()
    case = the_case()
    assert (case.facts, case.facts_sealed, case.outcome) == (None, None, "resolved")
    assert db.session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "desk.contact_forgotten")).one() == str(case.public_id)


def test_taken_back_it_is_gone_at_once_and_a_case_that_nobody_took_on_closes(visit: Callable[[], Visit]) -> None:
    here = asked(visit)
    assert visit().browser.delete(f"{here.path}/person").status_code == 404, "somebody else's"
    assert here.browser.delete(f"{here.path}/person").status_code == 204
    case = the_case()
    assert (case.facts, case.state, case.outcome) == (None, "closed", "taken_back")
    assert here.browser.delete(f"{here.path}/person").status_code == 404


def test_with_the_answers_goes_how_to_reach_them_whoever_works_on_it(client: Callable[[], Browser], visit: Callable[[], Visit]) -> None:
    here = asked(visit)
    guide = signed_in(client, "matchmaker")
    assert guide.post(f"{API}/cases/{the_case().public_id}/claim").status_code == 200
    assert here.browser.delete(here.path).status_code == 204
    case = the_case()
    assert (case.facts, case.state) == (None, "owned"), "its owner sees that there is nothing left to answer"
