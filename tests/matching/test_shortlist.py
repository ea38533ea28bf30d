"""Personas end to end: guests answer screens over HTTP, therapists and openings come out of the database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isclose
from typing import Any

import pytest
from flask import Response
from sqlalchemy import func, select, update

from core.clock import FixedClock
from core.db import db, transaction
from core.encoding import encoded
from matching.models import Shortlist
from matching.schemas import MatchCardPageSchema, ShortlistSchema
from matching.weights import WEIGHTS
from taxonomy.vocabulary import vocabulary
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.visits import Visit, names
from therapists.models import Credential, Therapist

pytestmark = pytest.mark.usefixtures("therapists")
Visiting = Callable[[], Visit]


def everybody(visit: Visit) -> list[str]:
    answer = visit.browser.get(f"{visit.path}/eligible?limit=100")
    assert answer.status_code == 200, answer.text
    return [card["display_name"] for card in answer.get_json()["items"]]


def test_P01_finds_pia_and_shows_why(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    shown = here.shortlist()
    assert shown["kind"] == "list"
    assert names(shown)[:2] == ["Pia", "Uma"]
    assert 3 <= len(shown["cards"]) <= 5
    assert not {"Asha", "Grace", "Hugo", "Tom", "Ema", "Quinn", "Omar"} & set(everybody(here))
    first = shown["cards"][0]
    met = {reason["dimension"] for reason in first["reasons"] if reason["state"] == "met"}
    assert met >= {"concern", "modality", "availability", "price", "identity"}
    assert first["fit"] == "strong"
    assert first["fee"] == {"amount": 5500, "currency": "GBP"}
    assert first["badges"][0]["body"]
    assert first["badges"][0]["checked_on"] == "2026-11-03"


def test_hot_answers_say_exactly_what_their_schemas_say(visit: Visiting, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list, one read again, everybody, an empty one with counts, and a referral: each as the declared schema would dump it."""
    said: list[tuple[dict[str, Any], Any]] = []

    def noted(body: dict[str, Any], *, status: int = 200) -> Response:
        said.append((body, answer := encoded(body, status=status)))
        return answer

    monkeypatch.setattr("matching.routes.encoded", noted)
    for answers in (personas.P01, personas.P02, personas.P20, personas.P33, personas.P13):
        here = visit().answer(answers)
        here.shortlist()
        here.read()
        everybody(here)
    assert len(said) == 15
    for body, answer in said:
        schema = MatchCardPageSchema() if "items" in body else ShortlistSchema()
        assert json.loads(answer.get_data()) == json.loads(json.dumps(schema.dump(body)))
        assert answer.status_code == 200 if "items" in body else answer.status_code in (200, 201)
    assert {body["kind"] for body, _ in said if "kind" in body} == {"list", "empty"}


def test_P02_finds_ben_and_names_who_is_full_only_among_those_who_keep_a_waitlist(visit: Visiting) -> None:
    here = visit().answer(personas.P02)
    shown = here.shortlist()
    assert names(shown)[0] == "Ben"
    assert set(everybody(here)) <= {"Ben", "Sara"}
    assert [each["display_name"] for each in shown["waiting"]] == ["Omar"]


def test_P04_finds_carla(visit: Visiting) -> None:
    here = visit().answer(personas.P04)
    assert names(here.shortlist()) == everybody(here) == ["Carla"]


def test_P13_finds_ines_and_nobody_who_is_only_british(visit: Visiting) -> None:
    here = visit().answer(personas.P13)
    assert names(here.shortlist()) == everybody(here) == ["Ines"]


def test_P20_says_that_only_the_fee_stands_in_the_way(visit: Visiting) -> None:
    shown = visit().answer(personas.P20).shortlist()
    assert shown["kind"] == "empty"
    assert [(each["code"], each["text"], each["count"]) for each in shown["relax"]] == [("price", "At most AUD 150.00", 1)]


def test_P33_gets_human_help_counts_and_low_cost_help_instead_of_an_empty_page(visit: Visiting) -> None:
    here = visit().answer(personas.P33)
    shown = here.shortlist()
    assert shown["kind"] == "empty"
    assert shown["cards"] == []
    assert [each["text"] for each in shown["relax"]] == ["British Sign Language (BSL)"]
    promised = shown["relax"][0]["count"]
    assert shown["low_cost_help"]
    assert shown["crisis_help"]["emergency_number"] == "999"
    asked = here.browser.post(f"{here.path}/person", json={"reach_by": "mail", "contact": "sam@example.org", "message_is_safe": True})
    assert asked.status_code == 202, asked.text
    (case,) = cases("matchmaking")
    assert case.facts["asked_for_a_person"]["contact"] == "sam@example.org"
    assert "sam@example.org" not in str(case.facts_sealed)
    softer = here.put("musts", languages=[{"any_of": ["bfi"], "strength": "strong"}])
    assert softer.status_code == 200
    assert here.shortlist()["eligible_count"] == promised


def test_M32_contributions_on_every_card_add_up_to_its_score(visit: Visiting) -> None:
    shown = visit().answer(personas.P01).shortlist()
    for card in shown["cards"]:
        assert isclose(sum(reason["contribution"] for reason in card["reasons"]), card["score"], abs_tol=1e-9)
        assert all(reason["sentences"] for reason in card["reasons"])


def test_every_opening_on_a_card_is_in_the_future_and_inside_the_working_hours(visit: Visiting, clock: FixedClock) -> None:
    first = visit().answer(personas.P01).shortlist()["cards"][0]
    assert {service["kind"] for service in first["services"]} == {"consultation", "session"}
    for service in first["services"]:
        assert service["next_openings"]
        for text in service["next_openings"]:
            start = datetime.fromisoformat(text)
            assert start > clock.now()
            assert 18 <= start.astimezone(UTC).hour < 21
            assert start.weekday() < 4


def test_a_shortlist_is_stored_sealed_with_its_versions(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    shown = here.shortlist()
    row = db.session.scalars(select(Shortlist)).one()
    assert (row.weights_version, row.taxonomy_version) == (WEIGHTS.version, vocabulary().version)
    assert [card["key"] for card in row.shown["cards"]] == [card["therapist_id"] for card in shown["cards"]]
    assert shown["cards"][0]["therapist_id"].encode() not in (row.shown_sealed or b"")


def test_M30_the_same_request_on_the_same_day_gives_the_same_cards(visit: Visiting) -> None:
    here = visit().answer(personas.P22)
    once, again = here.shortlist(), here.shortlist()
    assert once["cards"] == again["cards"]
    assert here.read().get_json()["cards"] == again["cards"]


@pytest.mark.parametrize("state", ["suspended", "expired", "in_review", "withdrawn"])
def test_M07_whoever_loses_their_credential_vanishes_also_from_a_stored_shortlist(state: str, visit: Visiting, therapists: dict[str, Therapist]) -> None:
    here = visit().answer(personas.P01)
    assert names(here.shortlist())[0] == "Pia"
    with transaction():
        db.session.execute(update(Credential).where(Credential.therapist_id == therapists["T16"].person_id).values(state=state))
    assert "Pia" not in names(here.read().get_json())
    assert "Pia" not in names(here.shortlist())
    assert "Pia" not in everybody(here)


def test_M08_time_alone_takes_everybody_off(visit: Visiting, clock: FixedClock) -> None:
    here = visit().answer(personas.P21)
    assert names(here.shortlist()) == ["Asha"]
    clock.instant = datetime(2027, 11, 2, 9, tzinfo=UTC)
    later = visit().answer(personas.P21)
    assert names(later.shortlist()) == []


def test_M15_the_last_place_taken_takes_a_therapist_off(visit: Visiting, therapists: dict[str, Therapist]) -> None:
    here = visit().answer(personas.P01)
    with transaction():
        db.session.execute(update(Therapist).where(Therapist.person_id == therapists["T16"].person_id).values(places=0))
    assert "Pia" not in names(here.shortlist())
    with transaction():
        db.session.execute(update(Therapist).where(Therapist.person_id == therapists["T16"].person_id).values(places=1))
    assert names(here.shortlist())[0] == "Pia"


def test_an_unpublished_therapist_is_not_found(visit: Visiting, therapists: dict[str, Therapist]) -> None:
    here = visit().answer(personas.P01)
    with transaction():
        db.session.execute(update(Therapist).where(Therapist.person_id == therapists["T16"].person_id).values(published_at=None))
    assert "Pia" not in names(here.shortlist())


def test_see_all_eligible_pages_through_the_same_order(visit: Visiting) -> None:
    here = visit().answer(personas.P22)
    whole = everybody(here)
    found, cursor = [], ""
    while True:
        page = here.browser.get(f"{here.path}/eligible?limit=3{cursor}").get_json()
        found += [(card["position"], card["display_name"]) for card in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == list(enumerate(whole, 1))
    cards = here.shortlist()["cards"]
    # On some days a card explores somebody new or shows another approach; every other stands where the whole order has it.
    by_fit = {place: card["display_name"] for place, card in enumerate(cards) if card["role"] == "fit"}
    assert by_fit == {place: whole[place] for place in by_fit}
    assert len(cards) == 5
    assert {0, 1, 2} <= set(by_fit)


def test_missing_answers_are_named_and_nothing_is_stored(visit: Visiting) -> None:
    here = visit()
    refused = here.browser.post(f"{here.path}/shortlist")
    assert refused.status_code == 409
    assert refused.get_json()["code"] == "answers_missing"
    assert "answers.place" in refused.get_json()["errors"]
    assert db.session.scalar(select(func.count()).select_from(Shortlist)) == 0


def test_P35_medication_alone_leads_to_another_service(visit: Visiting) -> None:
    shown = visit().answer(personas.P22 | {"goals": ["medication"]}).shortlist()
    assert (shown["kind"], shown["cards"]) == ("other_service", [])
    assert shown["low_cost_help"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"age_band": "age_13_17"}, id="P16"),
        pytest.param({"for_whom": "child"}, id="P17"),
        pytest.param({"for_whom": "someone_else"}, id="somebody-else"),
        pytest.param({"for_whom": "family", "all_adults": False}, id="family-with-a-child"),
    ],
)
def test_where_a_list_would_be_wrong_a_person_helps_and_a_case_is_open(changes: dict[str, object], visit: Visiting) -> None:
    here = visit().answer(personas.P22 | changes)
    for _ in range(2):
        shown = here.shortlist()
        assert (shown["kind"], shown["cards"], shown["eligible_count"]) == ("person", [], 0)
    assert len(cases("matchmaking")) == 1
    assert everybody(here) == []


def test_a_stored_shortlist_says_when_the_answers_changed_since(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.shortlist()
    assert here.read().get_json()["answers_changed"] is False
    here.put("price", ceiling={"amount": 6000, "currency": "GBP"}, ceiling_firm=True)
    assert here.read().get_json()["answers_changed"] is True


def test_openings_move_on_with_the_clock(visit: Visiting, clock: FixedClock) -> None:
    here = visit().answer(personas.P13)
    before = here.shortlist()["cards"][0]["services"][0]["next_openings"][0]
    clock.instant += timedelta(days=2)
    later = visit().answer(personas.P13).shortlist()["cards"][0]["services"][0]["next_openings"][0]
    assert later > before
