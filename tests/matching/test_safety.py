"""What the answers to the safety questions lead to. Never a score: no answer outweighs another."""

from dataclasses import replace
from itertools import product

import pytest

from matching.safety import ANSWERS, DIRECT_QUESTIONS, FOLLOW_UP_WITHIN_DAYS, Gate, Outcome, SafetyAnswers, gate

SAFE = SafetyAnswers("no", "no", "no")
THOUGHTS_ONLY = SafetyAnswers("yes", "no", "no", intent="no", plan="no", safe_now="yes")
ALL = [None, *ANSWERS]


def ask(answers: SafetyAnswers, *, joint: bool = False) -> Gate:
    return gate(answers, joint=joint)


def test_three_times_no_leads_to_a_list_without_crisis_help_in_the_way() -> None:
    assert ask(SAFE) == Gate(Outcome.PROCEED)


@pytest.mark.parametrize("question", ["thoughts", "others", "home"])
def test_an_open_question_allows_no_list(question: str) -> None:
    found = ask(replace(SAFE, **{question: None}))
    assert found.outcome is Outcome.INCOMPLETE
    assert not found.allows_list


def test_P10_thoughts_lead_to_the_direct_questions_before_any_list() -> None:
    found = ask(replace(SAFE, thoughts="yes"))
    assert found.outcome is Outcome.ASK
    assert found.ask == tuple(DIRECT_QUESTIONS)
    assert found.crisis_help
    assert found.opens_case
    assert found.stops_booking
    assert not found.allows_list
    assert ask(replace(SAFE, thoughts="yes", intent="no")).ask == ("plan", "safe_now")


def test_P10_thoughts_without_intent_give_a_restricted_list_and_somebody_follows_up() -> None:
    found = ask(THOUGHTS_ONLY)
    assert found.outcome is Outcome.FOLLOW_UP
    assert found.allows_list
    assert not found.stops_booking
    assert found.crisis_help
    assert found.opens_case
    assert found.needs == {"suicidality"}
    assert found.within_days == FOLLOW_UP_WITHIN_DAYS == 7


def test_not_wanting_to_say_stays_in_the_highest_class() -> None:
    assert ask(replace(SAFE, thoughts="prefer_not_to_say")).outcome is Outcome.ASK
    assert ask(replace(THOUGHTS_ONLY, thoughts="prefer_not_to_say")).outcome is Outcome.FOLLOW_UP
    for question in DIRECT_QUESTIONS:
        assert ask(replace(THOUGHTS_ONLY, **{question: "prefer_not_to_say"})).outcome is Outcome.PAUSE


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (replace(THOUGHTS_ONLY, intent="yes"), "intent"),
        (replace(THOUGHTS_ONLY, plan="yes"), "plan"),
        (replace(THOUGHTS_ONLY, safe_now="no"), "not_safe_now"),
        (replace(SAFE, thoughts="yes", intent="yes"), "intent"),
        (replace(SAFE, others="yes"), "harm_to_others"),
        (replace(SAFE, home="yes"), "unsafe_at_home"),
    ],
    ids=["P11 intent", "plan", "not safe now", "intent before the rest is answered", "others", "home"],
)
def test_intent_a_plan_or_danger_pauses_everything(answers: SafetyAnswers, reason: str) -> None:
    found = ask(answers)
    assert found.outcome is Outcome.PAUSE
    assert reason in found.reasons
    assert found.crisis_help
    assert found.opens_case
    assert found.stops_booking
    assert not found.allows_list


def test_P26_fear_at_home_never_leads_to_a_session_together() -> None:
    assert ask(replace(SAFE, home="prefer_not_to_say"), joint=True).outcome is Outcome.PAUSE
    alone = ask(replace(SAFE, home="prefer_not_to_say"))
    assert alone.outcome is Outcome.PROCEED
    assert alone.crisis_help


def test_whatever_is_answered_nothing_but_no_is_overlooked() -> None:
    for values in product(ALL, ALL, ALL, ALL, ALL, ALL):
        answers = SafetyAnswers(*values)
        for joint in (False, True):
            found = ask(answers, joint=joint)
            if found.outcome is Outcome.PROCEED:
                assert answers.thoughts == "no"
                assert answers.others in ("no", "prefer_not_to_say")
                assert answers.home in ("no", "prefer_not_to_say")
            if {"yes", "prefer_not_to_say"} & {answers.thoughts, answers.others, answers.home}:
                assert found.crisis_help
            if found.outcome is Outcome.FOLLOW_UP:
                assert (answers.intent, answers.plan, answers.safe_now) == ("no", "no", "yes")


@pytest.mark.parametrize("question", ["thoughts", "others", "home"])
def test_saying_yes_instead_of_no_never_opens_a_wider_door(question: str) -> None:
    openness = {Outcome.PAUSE: 0, Outcome.ASK: 1, Outcome.INCOMPLETE: 1, Outcome.FOLLOW_UP: 2, Outcome.PROCEED: 3}
    for values in product(ALL, ALL, ALL, ALL, ALL, ALL):
        answers = SafetyAnswers(*values)
        worse, better = ask(replace(answers, **{question: "yes"})), ask(replace(answers, **{question: "no"}))
        if better.outcome is not Outcome.INCOMPLETE:
            assert openness[worse.outcome] <= openness[better.outcome]
