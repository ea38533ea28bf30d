"""Answers are checked against a closed questionnaire, field by field, and read without adding anything."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.money import Money
from matching.answers import attendees, checked, different_service, missing, needs_person, options_of, wishes, zone_of
from matching.questionnaire import FIRST_SCREENS, REFINEMENTS, SCREENS
from matching.safety import Gate, Outcome
from matching.wishes import Strength
from taxonomy.vocabulary import vocabulary
from tests.matching import personas
from tests.matching.markets import json_values
from tests.matching.personas import clean

V = vocabulary()
OPEN = Gate(Outcome.PROCEED)


def read(screen: str, **answers: Any) -> dict[str, Any]:
    return checked(screen, answers, vocabulary=V)


def test_a_first_list_takes_at_most_nine_screens_in_this_order() -> None:
    assert [screen.name for screen in FIRST_SCREENS] == [
        "consent",
        "for_whom",
        "place",
        "safety",
        "main_concern",
        "musts",
        "format_and_times",
        "price",
        "check",
    ]
    assert len(FIRST_SCREENS) <= 9
    assert all(screen.refinement for screen in REFINEMENTS)
    assert not any(field.required for screen in REFINEMENTS for field in screen.fields)


def test_no_question_stands_on_two_screens_and_every_list_exists() -> None:
    names = [field.name for screen in SCREENS for field in screen.fields]
    assert len(names) == len(set(names))
    for screen in SCREENS:
        for field in screen.fields:
            if field.kind in ("choice", "choices", "slug", "slugs", "wishes"):
                assert options_of(field, V), field.name


WRONG = [
    ("for_whom", {"for_whom": "the_cat"}, "answers.for_whom"),
    ("for_whom", {"for_whom": 1}, "answers.for_whom"),
    ("for_whom", {"who": "self"}, "answers.who"),
    ("place", {"place": "XX"}, "answers.place"),
    ("place", {"zone": "Etc/GMT+1"}, "answers.zone"),
    ("place", {"others_places": ["GB-ENG", "XX"]}, "answers.others_places.1"),
    ("place", {"all_adults": "yes"}, "answers.all_adults"),
    ("safety", {"thoughts": True}, "answers.thoughts"),
    ("main_concern", {"main_concern": "sadness"}, "answers.main_concern"),
    ("main_concern", {"goals": "build_trust"}, "answers.goals"),
    ("main_concern", {"words": "x" * 2001}, "answers.words"),
    ("main_concern", {"words": "a\x07b"}, "answers.words"),
    ("musts", {"languages": [{"any_of": [], "strength": "must"}]}, "answers.languages.0.any_of"),
    ("musts", {"languages": [{"any_of": ["en"], "strength": "very"}]}, "answers.languages.0.strength"),
    ("musts", {"languages": [{"any_of": ["en"]}]}, "answers.languages.0"),
    ("musts", {"languages": [{"any_of": ["xx"], "strength": "must"}]}, "answers.languages.0.any_of"),
    ("musts", {"identity": [{"kind": "shoe_size", "any_of": ["9"], "relation": "shares", "strength": "nice"}]}, "answers.identity.0.kind"),
    ("musts", {"identity": [{"kind": "gender", "any_of": ["9"], "relation": "shares", "strength": "nice"}]}, "answers.identity.0.any_of"),
    ("musts", {"identity": [{"kind": "gender", "any_of": ["woman"], "relation": "is", "strength": "nice"}]}, "answers.identity.0.relation"),
    ("format_and_times", {"modes": ["telepathy"]}, "answers.modes.0"),
    ("format_and_times", {"hours": [{"weekday": 7, "from_minute": 0, "to_minute": 60}]}, "answers.hours.0.weekday"),
    ("format_and_times", {"hours": [{"weekday": 0, "from_minute": 60, "to_minute": 60}]}, "answers.hours.0.to_minute"),
    ("format_and_times", {"hours": [{"weekday": True, "from_minute": 0, "to_minute": 60}]}, "answers.hours.0"),
    ("price", {"ceiling": {"amount": 70.5, "currency": "GBP"}}, "answers.ceiling"),
    ("price", {"ceiling": {"amount": 0, "currency": "GBP"}}, "answers.ceiling"),
    ("price", {"ceiling": {"amount": 7000, "currency": "£"}}, "answers.ceiling"),
    ("price", {"ceiling": {"amount": 7000, "currency": 5}}, "answers.ceiling"),
    ("price", {"insurer": "Aetna Inc."}, "answers.insurer"),
    ("style", {"led": 1.01}, "answers.led"),
    ("style", {"led": float("nan")}, "answers.led"),
    ("emphasis", {"emphasis": {"price": "huge"}}, "answers.emphasis.price"),
    ("emphasis", {"emphasis": {"luck": "high"}}, "answers.emphasis.name"),
    ("consent", {"yes": True}, "screen"),
    ("nowhere", {}, "screen"),
]


@pytest.mark.parametrize(("screen", "answers", "field"), WRONG, ids=[f"{field}-{number}" for number, (_, _, field) in enumerate(WRONG)])
def test_a_wrong_answer_is_refused_by_the_name_of_its_field(screen: str, answers: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(screen, answers, vocabulary=V)
    assert field in refused.value.errors


def test_none_takes_an_answer_back() -> None:
    assert read("price", ceiling=None, ceiling_firm=None) == {"ceiling": None, "ceiling_firm": None}


def test_repeated_values_count_once() -> None:
    assert read("format_and_times", modes=["video", "video"]) == {"modes": ["video"]}
    assert read("musts", languages=[{"any_of": ["es", "en", "es"], "strength": "nice"}])["languages"][0]["any_of"] == ["en", "es"]


@given(st.sampled_from([screen for screen in SCREENS if screen.fields]), json_values, st.data())
def test_any_value_is_either_cleaned_or_refused_with_a_field(screen: Any, value: object, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([field.name for field in screen.fields]))
    try:
        found = checked(screen.name, {name: value}, vocabulary=V)
    except Invalid as refused:
        wrong = list(refused.errors)
    else:
        wrong = []
        assert checked(screen.name, found, vocabulary=V) == found
    assert all(field.startswith(f"answers.{name}") for field in wrong)


def test_what_is_missing_is_said_in_the_order_of_the_screens() -> None:
    assert missing({}) == ("for_whom", "place", "age_band", "thoughts", "others", "home", "main_concern", "confirmed")
    assert missing(clean(personas.P01)) == ()
    assert missing(clean(personas.P02) | {"all_adults": None}) == ("all_adults",)
    assert missing(clean(personas.P01) | {"confirmed": False}) == ("confirmed",)


def test_no_answer_is_no_wish() -> None:
    held = clean(personas.P22)
    found = wishes(held, vocabulary=V)
    assert (found.modalities, found.identity, found.languages, found.modes, found.hours, found.ceiling) == ((), (), (), None, (), None)
    assert found.style.items() == (("led", None), ("intensity", None), ("past", None), ("warmth", None))


def test_wishes_say_what_was_answered() -> None:
    found = wishes(clean(personas.P01), vocabulary=V)
    assert found.zone == "Europe/London"
    assert found.modes is not None
    assert found.modes.strength is Strength.MUST, "a format that was named is one that is possible"
    assert found.hours_strength is Strength.STRONG
    assert found.ceiling == Money(7000, "GBP")
    assert found.identity[0].strength is Strength.NICE


def test_the_zone_is_the_stated_one_or_the_main_one_of_the_place() -> None:
    assert zone_of({"place": "US-CA"}, vocabulary=V) == "America/Los_Angeles"
    assert zone_of({"place": "US-CA", "zone": "America/New_York"}, vocabulary=V) == "America/New_York"
    assert zone_of({}, vocabulary=V) == "UTC"


def test_a_couple_is_two_people_with_their_own_places() -> None:
    alone = attendees(clean(personas.P01), OPEN, vocabulary=V)
    assert [each.place for each in alone] == ["GB-ENG"]
    together = attendees(clean(personas.P02), OPEN, vocabulary=V)
    assert [each.place for each in together] == ["GB-ENG", "GB-ENG"]
    apart = attendees(clean(personas.P02 | {"others_places": ["IE"]}), OPEN, vocabulary=V)
    assert [each.place for each in apart] == ["GB-ENG", "IE"]
    unsaid = attendees(clean(personas.P02) | {"all_adults": None}, OPEN, vocabulary=V)
    assert unsaid[1].age_band is None


def test_concerns_with_a_floor_and_the_gate_demand_checked_competence() -> None:
    held = clean(personas.P22 | {"main_concern": "self_harm"})
    assert attendees(held, OPEN, vocabulary=V)[0].needs == {"self_harm"}
    gated = Gate(Outcome.FOLLOW_UP, needs=frozenset({"suicidality"}))
    assert attendees(held, gated, vocabulary=V)[0].needs == {"self_harm", "suicidality"}
    assert attendees(held, Gate(Outcome.PAUSE), vocabulary=V)[0].paused is True


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"for_whom": "child"}, "child", id="P17"),
        pytest.param({"for_whom": "someone_else"}, "someone_else", id="someone else"),
        pytest.param({"age_band": "age_13_17"}, "minor", id="P16"),
        pytest.param({}, None, id="adult"),
    ],
)
def test_minors_and_people_asking_for_somebody_else_are_helped_by_a_person(changes: dict[str, str], reason: str | None) -> None:
    assert needs_person(clean(personas.P22 | changes)) == reason


def test_a_family_with_a_child_is_helped_by_a_person() -> None:
    family = clean(personas.P22 | {"for_whom": "family", "all_adults": False})
    assert needs_person(family) == "minor"
    assert needs_person(family | {"all_adults": True}) is None


def test_P35_medication_alone_is_another_service() -> None:
    assert different_service(clean(personas.P22 | {"goals": ["medication"]}), vocabulary=V) == ("medication",)
    assert different_service(clean(personas.P22 | {"goals": ["medication", "build_trust"]}), vocabulary=V) == ()
    assert different_service(clean(personas.P22), vocabulary=V) == ()
    assert different_service({"goals": ["medication", "a goal of last year"]}, vocabulary=V) == ()
