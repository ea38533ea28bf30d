"""What is told about the ranking is what ranks, whole, in the API and on the page."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from care.eligibility import CODES as ELIGIBILITY_CODES
from matching.listing import NO_SERVICE, NOT_ACCEPTING, NOT_BOOKABLE
from matching.policy import CAN_GIVE_WAY, GATES, policy_json
from matching.slate import boost_of, price_of
from matching.weights import DIMENSIONS, SLATE, WEIGHTS
from matching.wishes import CODES as WISH_CODES
from taxonomy.vocabulary import vocabulary
from tests.browser import Browser

pytestmark = pytest.mark.usefixtures("database")


def test_every_gate_has_its_words_and_only_wishes_can_give_way() -> None:
    assert set(GATES) == {*ELIGIBILITY_CODES, *WISH_CODES, NOT_ACCEPTING, NOT_BOOKABLE, NO_SERVICE, "hidden"}
    assert set(CAN_GIVE_WAY) == set(WISH_CODES)


def test_the_policy_is_public_and_is_what_ranks(client: Callable[[], Browser]) -> None:
    policy = client().get("/api/v1/ranking-policy").get_json()
    assert policy["version"] == WEIGHTS.version
    assert {each["name"]: each["weight"] for each in policy["dimensions"]} == {each.name: each.weight for each in DIMENSIONS}
    assert sum(each["weight"] for each in policy["dimensions"]) == 100
    evidence = next(each for each in policy["dimensions"] if each["name"] == "evidence")
    assert (evidence["weight"], evidence["weight_now"], "signed" in evidence["waits_for"]) == (8, 0, True)
    assert "sponsorship" in policy["never_counts"]
    bounds = {rule["name"]: rule["moves_at_most"] for rule in policy["slate"]["rules"]}
    assert price_of(10**9, 1) == pytest.approx(bounds["demand"])
    assert boost_of(1e9) == pytest.approx(bounds["attention"])
    assert policy["slate"]["first_card_loses_at_most"] == SLATE.epsilon


def test_a_signed_table_of_evidence_weighs_and_waits_for_nothing() -> None:
    signed = policy_json(replace(vocabulary(), evidence_signed_by="a clinician"))
    (evidence,) = (each for each in signed["dimensions"] if each["name"] == "evidence")
    assert (evidence["weight_now"], evidence["waits_for"]) == (8, None)
    assert {each["name"] for each in signed["dimensions"] if each["waits_for"]} == {"outcomes"}


def test_the_page_says_in_plain_words_everything_that_the_policy_says(client: Callable[[], Browser]) -> None:
    browser = client()
    answer, policy = browser.get("/ranking"), browser.get("/api/v1/ranking-policy").get_json()
    assert answer.status_code == 200
    page = " ".join(answer.get_data(as_text=True).replace("&#39;", "'").split())
    said = [each["label"] for each in policy["dimensions"]] + [each["plain"] for kind in ("dimensions", "gates") for each in policy[kind]]
    said += [rule["plain"] for rule in policy["slate"]["rules"]] + policy["never_counts"]
    said += [policy[name] for name in ("payment", "choices", "ties", "version", "taxonomy_version")] + [policy["slate"]["everybody"]]
    assert [words for words in said if words not in page] == []
    assert "http" not in page, "nothing from elsewhere"
