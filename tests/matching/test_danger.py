"""What a safety answer sets in motion: help at once, a case, a pause at every door, and no way to answer oneself out of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from care.doors import Paused, require_may_treat
from care.models import SafetyPause
from care.pause import is_paused, lift_pause
from core.clock import FixedClock
from core.db import db, transaction
from matching.models import Intake
from tests.factories.accounts import PASSWORD, an_account
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.visits import Visit
from therapists.models import Therapist

Visiting = Callable[[], Visit]
pytestmark = pytest.mark.usefixtures("therapists")
NOTHING_ELSE = {"others": "no", "home": "no"}
THOUGHTS = {**NOTHING_ELSE, "thoughts": "yes"}
NO_INTENT = {**THOUGHTS, "intent": "no", "plan": "no", "safe_now": "yes"}
DANGER: dict[str, dict[str, str]] = {
    "P11 intent": {**NO_INTENT, "intent": "yes"},
    "plan": {**NO_INTENT, "plan": "yes"},
    "not safe now": {**NO_INTENT, "safe_now": "no"},
    "rather not say": {**NO_INTENT, "intent": "prefer_not_to_say"},
    "others": {"thoughts": "no", "others": "yes", "home": "no"},
    "home": {"thoughts": "no", "others": "no", "home": "yes"},
}


def person_of(visit: Visit) -> int:
    return db.session.scalars(select(Intake.person_id)).one()


def refused_list(visit: Visit) -> tuple[int, dict[str, Any]]:
    answer = visit.browser.post(f"{visit.path}/shortlist")
    return answer.status_code, answer.get_json()


def test_the_place_comes_before_the_safety_questions(visit: Visiting) -> None:
    here = visit()
    refused = here.put("safety", **personas.SAFE)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "place_first")
    assert cases("safety") == []


@pytest.mark.parametrize("answers", DANGER.values(), ids=DANGER.keys())
def test_danger_stops_everything_shows_help_and_opens_an_urgent_case(answers: dict[str, str], visit: Visiting, clock: FixedClock) -> None:
    here = visit().answer(personas.P01)
    gate = here.put("safety", **answers).get_json()
    assert gate["gate"]["outcome"] == "pause"
    assert gate["crisis_help"]["emergency_number"] == "999"
    status, body = refused_list(here)
    assert (status, body["code"]) == (409, "paused")
    assert body["crisis_help"]["country"] == "GB"
    assert here.browser.get(f"{here.path}/eligible").status_code == 409
    assert is_paused(person_of(here))
    (case,) = cases("safety")
    assert (case.priority, case.due_at) == ("urgent", clock.now() + timedelta(minutes=15))
    assert case.person_id == person_of(here)


def test_P11_help_is_that_of_the_place_where_the_person_is(visit: Visiting) -> None:
    here = visit().answer(personas.P01 | {"place": "US-CA"})
    shown = here.put("safety", **DANGER["P11 intent"]).get_json()["crisis_help"]
    assert (shown["country"], shown["emergency_number"]) == ("US", "911")


def test_P10_there_is_no_list_until_the_direct_questions_are_answered(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    answered = here.put("safety", **THOUGHTS).get_json()
    assert answered["gate"] == {"outcome": "ask", "ask": ["intent", "plan", "safe_now"]}
    assert answered["crisis_help"]
    status, body = refused_list(here)
    assert (status, body["code"], body["ask"]) == (409, "direct_questions", ["intent", "plan", "safe_now"])
    (case,) = cases("safety")
    assert case.priority == "high"
    assert is_paused(person_of(here)), "an unanswered question stays in the highest class"


def test_P10_thoughts_without_intent_keep_help_in_view_and_ask_for_checked_competence_soon(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **THOUGHTS)
    answered = here.put("safety", **NO_INTENT).get_json()
    assert answered["gate"]["outcome"] == "follow_up"
    assert not is_paused(person_of(here)), "the answers decide"
    shown = here.shortlist()
    assert shown["kind"] == "empty", "nobody of the cast has a checked competence in suicidality"
    assert shown["crisis_help"]
    assert len(cases("safety")) == 1


def test_P10_somebody_with_the_checked_competence_and_time_within_a_week_is_listed(visit: Visiting, therapists: dict[str, Therapist]) -> None:
    with transaction():
        for key in ("T16", "T21"):
            db.session.get_one(Therapist, therapists[key].person_id).verified_competences = ["suicidality"]
    here = visit().answer(personas.P01)
    here.put("safety", **NO_INTENT)
    shown = here.shortlist()
    assert [card["display_name"] for card in shown["cards"]] == ["Pia"], "Uma has no opening within seven days"
    assert shown["crisis_help"]


def test_saying_no_afterwards_does_not_take_thoughts_back(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **THOUGHTS)
    assert here.put("safety", **personas.SAFE).get_json()["gate"]["outcome"] == "ask"
    here.put("safety", **NO_INTENT)
    assert here.put("safety", **personas.SAFE).get_json()["gate"]["outcome"] == "ask", "the direct questions are open again"


@pytest.mark.parametrize("afterwards", [personas.SAFE, NO_INTENT], ids=["no", "no intent"])
def test_M36_no_answer_lifts_a_pause(afterwards: dict[str, str], visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **DANGER["P11 intent"])
    assert here.put("safety", **afterwards).get_json()["gate"]["outcome"] in ("pause", "ask")
    assert is_paused(person_of(here))
    assert refused_list(here)[0] == 409
    assert here.put("price", ceiling={"amount": 9000, "currency": "GBP"}).status_code == 200
    assert is_paused(person_of(here))


def test_M36_a_pause_after_open_questions_is_not_lifted_by_answering_them_later(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **THOUGHTS)
    here.put("safety", **DANGER["plan"])
    here.put("safety", **NO_INTENT)
    assert is_paused(person_of(here))
    assert refused_list(here)[1]["code"] == "paused"
    (case,) = cases("safety")
    assert case.priority == "urgent", "a graver answer makes the one case more urgent"


def test_M36_a_person_lifts_it_and_then_there_is_a_list_with_help_in_view(visit: Visiting, clock: FixedClock) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **DANGER["home"])
    with transaction():
        responder = an_account(roles=("safety_responder",))
        lift_pause(person_of(here), by=responder.person_id, outcome="safe_to_continue", now=clock.now())
    shown = here.shortlist()
    assert shown["cards"]
    assert shown["crisis_help"]
    here.put("price", ceiling={"amount": 9000, "currency": "GBP"})
    assert not is_paused(person_of(here)), "what was dealt with does not come up again by itself"
    here.put("safety", **DANGER["home"])
    assert is_paused(person_of(here)), "but it does when it is said again"


def test_P26_fear_at_home_never_becomes_a_session_together_whenever_it_is_said(visit: Visiting) -> None:
    here = visit().answer(personas.P01 | {"home": "prefer_not_to_say"})
    assert here.intake()["gate"]["outcome"] == "proceed"
    together = here.put("for_whom", for_whom="couple").get_json()
    assert together["gate"]["outcome"] == "pause"
    assert is_paused(person_of(here))
    assert len(cases("safety")) == 1


@pytest.mark.parametrize("answers", [THOUGHTS, DANGER["P11 intent"]], ids=["open questions", "danger"])
def test_nobody_gets_rid_of_a_pause_by_signing_up(answers: dict[str, str], visit: Visiting, clock: FixedClock, therapists: dict[str, Therapist]) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **answers)
    with transaction():
        account = an_account()
        email, person_id = account.email, account.person_id
    here.browser.sign_in(email, PASSWORD)
    adopted = here.browser.post(f"{here.path}/adopt", json={"these_answers_are_mine": True})
    assert adopted.status_code == 200, adopted.text
    assert is_paused(person_id)
    with pytest.raises(Paused):
        require_may_treat(therapists["T16"].person_id, [person_id], kind="consultation", unit="individual", mode="video", at=clock.now(), now=clock.now())
    assert cases("safety")[0].person_id == person_id, "whoever owns the case lifts the pause of the person who books"
    if answers is THOUGHTS:
        here.put("safety", **NO_INTENT)
        assert not is_paused(person_id)


def test_an_older_pause_of_the_account_is_not_lifted_by_a_new_intakes_answers(visit: Visiting, clock: FixedClock) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **THOUGHTS)
    with transaction():
        account = an_account()
        email, person_id = account.email, account.person_id
        db.session.add(SafetyPause(person_id=person_id, paused_at=clock.now() - timedelta(days=1)))
    here.browser.sign_in(email, PASSWORD)
    here.browser.post(f"{here.path}/adopt", json={"these_answers_are_mine": True})
    here.put("safety", **NO_INTENT)
    assert is_paused(person_id)


def test_whoever_is_paused_can_ask_for_a_person_and_it_joins_the_safety_case(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **DANGER["P11 intent"])
    asked = here.browser.post(f"{here.path}/person", json={"reach_by": "phone", "contact": "+44 20 7946 0000", "message_is_safe": False})
    assert asked.status_code == 202
    assert asked.get_json()["crisis_help"]["emergency_number"] == "999"
    (case,) = cases("safety")
    assert case.facts["asked_for_a_person"]["message_is_safe"] is False
    assert case.facts["reasons"] == ["thoughts", "intent"]
    assert cases("matchmaking") == []


def test_clearing_the_answers_leaves_the_safety_case_and_the_pause(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **DANGER["P11 intent"])
    person_id = person_of(here)
    assert here.browser.delete(here.path).status_code == 204
    assert is_paused(person_id)
    assert len(cases("safety")) == 1


def test_a_milder_answer_afterwards_hides_nothing_from_whoever_works_on_the_case(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **DANGER["plan"])
    here.put("safety", **personas.SAFE)
    (case,) = cases("safety")
    assert case.facts is not None
    assert case.facts["outcome"] == "pause"
    assert {"thoughts", "plan"} <= set(case.facts["reasons"])
