"""Guided referral: where a list would be wrong there is a reason in plain words, something to do next, and a person or another service; never a list.

P16, P17, P26, P35, P36 and P39 over HTTP, from the first screen to what the desk sees of it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from care.conflicts import record_conflict
from care.pause import lift_pause
from core.clock import FixedClock
from core.db import db, transaction
from matching.referral import PERSONS, referral_for
from taxonomy.vocabulary import vocabulary
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.care import a_client
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.personas import clean
from tests.matching.test_own_safety import person_of
from tests.matching.visits import Visit, names
from therapists.models import Service, Therapist

pytestmark = pytest.mark.usefixtures("therapists")
Visiting = Callable[[], Visit]
P16: dict[str, Any] = {"for_whom": "self", "place": "GB-ENG", "age_band": "age_13_17", **personas.SAFE, "main_concern": "gender_identity", "confirmed": True}
P17: dict[str, Any] = {
    "for_whom": "child",
    "place": "US-NY",
    "age_band": "age_13_17",
    **personas.SAFE,
    "main_concern": "depression",
    "insurer": "aetna",
    "confirmed": True,
}
P35 = personas.P22 | {"goals": ["medication"]}
P36 = personas.P22 | {"words": "I want to change my sexual orientation"}
P39 = personas.P22 | {"main_concern": "intimacy"}


def no_list(here: Visit) -> dict[str, Any]:
    """The referral that stands in place of a list, wherever a list could be looked for."""
    shown = here.shortlist()
    again = here.read().get_json()
    assert (shown["cards"], shown["eligible_count"], shown["waiting"], shown["relax"]) == ([], 0, [], [])
    assert here.browser.get(f"{here.path}/eligible").get_json()["items"] == []
    assert again["referral"] == shown["referral"]
    referral: dict[str, Any] = shown["referral"]
    assert referral["reason"]
    assert referral["next"], "there is always something to do next"
    return referral | {"kind": shown["kind"], "crisis_help": shown["crisis_help"], "low_cost_help": shown["low_cost_help"]}


def asks_for_a_person(here: Visit) -> int:
    body = {"reach_by": "mail", "contact": "sam@example.org", "message_is_safe": True}
    return here.browser.post(f"{here.path}/person", json=body).status_code


def test_P16_seventeen_in_leeds_meets_a_person_and_no_list(visit: Visiting) -> None:
    here = visit().answer(P16)
    told = no_list(here)
    assert (told["kind"], told["code"], told["a_person_helps"]) == ("person", "minor", True)
    assert "under 18" in told["reason"]
    assert told["crisis_help"]["country"] == "GB"
    (case,) = cases("matchmaking")
    assert (case.facts, case.person_id) == ({"reason": "minor"}, person_of(here))
    assert asks_for_a_person(here) == 202
    (case,) = cases("matchmaking")
    assert case.facts is not None
    assert case.facts["asked_for_a_person"]["contact"] == "sam@example.org", "one case, whoever opened it"


def test_P17_for_a_child_those_who_care_for_it_speak_with_a_person_first(visit: Visiting) -> None:
    here = visit().answer(P17)
    told = no_list(here)
    assert (told["kind"], told["code"], told["a_person_helps"]) == ("person", "child", True)
    assert "agree" in told["reason"]
    assert any("parental responsibility" in each for each in told["next"])
    assert [each.facts for each in cases("matchmaking")] == [{"reason": "child"}]


def test_P26_fear_at_home_closes_every_list_and_after_a_person_has_spoken_with_them_only_the_joint_one(visit: Visiting, clock: FixedClock) -> None:
    here = visit().answer(personas.P02)
    here.put("safety", **personas.SAFE | {"home": "yes"})
    refused = here.browser.post(f"{here.path}/shortlist")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "paused")
    assert refused.get_json()["crisis_help"]["emergency_number"] == "999"
    (case,) = cases("safety")
    assert (case.person_id, (case.facts or {})["reasons"]) == (person_of(here), ["unsafe_at_home"])
    with transaction():
        lift_pause(person_of(here), by=an_account(roles=("safety_responder",)).person_id, outcome="safe_to_continue", now=clock.now())
    told = no_list(here)
    assert (told["kind"], told["code"]) == ("person", "together")
    assert not {"home", "fear", "unsafe", "danger"} & set(" ".join([told["reason"], *told["next"]]).lower().split()), "somebody else may be reading"
    assert cases("matchmaking") == [], "it stays with those who are trained for it"
    here.put("safety", **personas.SAFE)
    assert no_list(here)["code"] == "together", "a milder answer in front of the other changes nothing"
    alone = visit().answer(personas.P01)
    assert alone.shortlist()["kind"] == "list", "the control: somebody else is not kept from anything"
    here.put("for_whom", for_whom="self")
    assert here.shortlist()["cards"], "the way for themselves alone is open"


def test_P26_a_couple_that_names_violence_at_home_is_not_sent_to_a_joint_session(visit: Visiting) -> None:
    here = visit().answer(personas.P02 | {"main_concern": "domestic_violence"})
    assert no_list(here)["code"] == "together"
    (case,) = cases("safety")
    assert (case.facts or {})["reasons"] == ["asked_for_list_together"]
    no_list(here)
    assert len(cases("safety")) == 1


def test_P35_medication_alone_is_sent_to_those_who_prescribe(visit: Visiting) -> None:
    here = visit().answer(P35)
    told = no_list(here)
    assert (told["kind"], told["code"], told["a_person_helps"]) == ("other_service", "medication", False)
    assert any("GP" in each["name"] for each in told["services"])
    assert any("psychiatrist" in each["name"].lower() for each in told["services"])
    assert cases("matchmaking") == [], "nobody has to look at it"
    assert asks_for_a_person(here) == 202
    assert len(cases("matchmaking")) == 1, "but somebody does when they are asked"
    here.put("main_concern", main_concern="depression", goals=["medication", "build_trust"])
    assert here.shortlist()["kind"] == "list", "therapy as well: a list as for everybody"


def test_P36_a_wish_to_change_orientation_meets_support_and_a_person_and_no_provider_of_it(visit: Visiting) -> None:
    here = visit().answer(P36)
    told = no_list(here)
    assert (told["kind"], told["code"], told["a_person_helps"]) == ("person", "not_offered", True)
    assert "harm" in told["reason"]
    assert "support" in told["reason"]
    assert any("needs to be changed" in each for each in told["next"])
    assert [each.facts for each in cases("matchmaking")] == [{"reason": "not_offered"}]
    here.put("main_concern", main_concern="depression", words=P36["words"], not_offered_read=True)
    shown = here.shortlist()
    assert (shown["kind"], shown["referral"]) == ("list", None)
    said = " ".join(line for card in shown["cards"] for reason in card["reasons"] for line in reason["sentences"])
    assert "orientation" not in said


def test_P39_the_partner_of_T02s_client_finds_the_next_one_and_learns_nothing(
    visit: Visiting, client: Callable[[], Browser], therapists: dict[str, Therapist], clock: FixedClock
) -> None:
    ben = therapists["T02"].person_id
    control = visit().answer(P39)
    everybody = eligible(control)
    assert "Ben" in everybody
    with transaction():
        partner, declined = a_client(), a_client()
        emails = [partner.email, declined.email]
        record_conflict(ben, partner.person_id, reason="partner_in_care", now=clock.now())
        record_conflict(ben, declined.person_id, reason="declined", now=clock.now())
        service = next(each for each in db.session.scalars(select(Service).where(Service.therapist_id == ben)) if each.unit == "individual")
        booking = {"service_id": str(service.public_id), "start": "2026-12-01T18:00:00Z"}
    answers = []
    for email in emails:
        browser = client()
        browser.sign_in(email, PASSWORD)
        here = Visit(browser).begin().answer(P39)
        assert eligible(here) == everybody - {"Ben"}
        assert names(here.shortlist()), "the next one"
        refused = browser.post("/api/v1/bookings", json=booking)
        answers.append((refused.status_code, refused.get_json()))
        wanted = {"reach_by": "mail", "contact": email, "message_is_safe": True, "therapist_id": str(therapists["T02"].public_id)}
        assert browser.post(f"{here.path}/person", json=wanted).status_code == 202
    assert answers[0] == answers[1], "the same words as for anybody with whom they cannot work, whatever the reason"
    assert answers[0][0] == 409
    assert not {"partner", "client"} & set(answers[0][1]["detail"].lower().split())
    for case in cases("matchmaking"):
        assert set(case.facts or {}) == {"asked_for_a_person"}, "the desk learns no reason either"


def eligible(here: Visit) -> set[str]:
    return {each["display_name"] for each in here.browser.get(f"{here.path}/eligible?limit=100").get_json()["items"]}


@pytest.mark.parametrize("goals", [["diagnosis_or_assessment"], ["medication", "diagnosis_or_assessment"]])
def test_every_other_service_is_named_with_the_way_to_it(goals: list[str]) -> None:
    found = referral_for(clean(personas.P22 | {"goals": goals}), vocabulary=vocabulary())
    assert found is not None
    assert found.services
    assert len({each.name for each in found.services}) == len(found.services)


def test_every_goal_that_is_another_service_has_one() -> None:
    for slug, goal in vocabulary().goals.items():
        if goal.different_service:
            found = referral_for(clean(personas.P22 | {"goals": [slug]}), vocabulary=vocabulary())
            assert found is not None
            assert found.services, slug


def test_an_ordinary_intake_is_referred_nowhere() -> None:
    assert referral_for(clean(personas.P01), vocabulary=vocabulary()) is None
    assert referral_for(clean(personas.P02), vocabulary=vocabulary()) is None
    assert all(each.next for each in PERSONS.values())
