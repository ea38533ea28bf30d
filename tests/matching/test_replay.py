"""A kept slate is made again, identically; and the numbers behind a version never change under its name."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings

from matching.candidate import Candidate
from matching.listing import listing
from matching.ranking import Ranked, score
from matching.recorded import candidate_of, openings_kept, plain, restored, service_kept, version_of
from matching.replay import FactsGone, OtherVersion, kept_slate, replay, setting_of
from matching.slate import Demand, slate
from matching.weights import VERSIONS, WEIGHTS
from matching.wishes import Wishes
from taxonomy.vocabulary import vocabulary
from tests.matching import personas
from tests.matching.cast import NOW, cast
from tests.matching.markets import candidates
from tests.matching.markets import wishes as all_wishes
from tests.matching.personas import occasion_of

V = vocabulary()
DEMAND = {16: Demand(pending=3, owed=-1.5), 18: Demand(owed=2.25)}
# Whoever changes a number that decides an order gives it a new version, and a new line here.
DIGESTS = {"2026-11-28.1": "5775445596da7a63"}


def kept(answers: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What is sealed with the list, and the versions that it names."""
    occasion = occasion_of(answers)
    found = listing(occasion, cast(), vocabulary=V)
    made = slate(found.ranked, DEMAND, setting_of(occasion), vocabulary=V)
    record, versions = kept_slate(occasion, found, made, DEMAND, vocabulary=V)
    whole: dict[str, Any] = json.loads(json.dumps(record))
    return whole, {each.digest: each.facts for each in versions}


@pytest.mark.parametrize("name", ["P01", "P02", "P04", "P09", "P13", "P21", "P22", "P23"])
def test_M43_a_kept_slate_is_made_again_to_the_last_byte(name: str) -> None:
    record, facts = kept(getattr(personas, name))
    again = replay(record, facts, vocabulary=V)
    assert again.is_identical, again.differences
    assert [card["key"] for card in again.cards] == [card["key"] for card in record["cards"]]


def test_M43_a_replay_notices_whatever_is_not_as_it_was() -> None:
    record, facts = kept(personas.P01)
    digest, service_id, total = record["pool"][0]

    def differences(record: dict[str, Any], facts: Mapping[str, str] = facts) -> tuple[str, ...]:
        return replay(record, facts, vocabulary=V).differences

    stated = json.loads(facts[digest]) | {"declared_concerns": [], "core_concerns": []}
    assert differences(record, facts | {digest: json.dumps(stated)}) == (f"facts.{digest}",)
    assert differences(record | {"digest": "0" * 64}) == ("words",)
    assert "1.propensity" in differences(record | {"cards": [record["cards"][0] | {"propensity": 0.5}, *record["cards"][1:]]})
    assert differences(record | {"cards": record["cards"][:1]}) == ("length",)
    assert differences({**record, "demand": {}})
    # A score that the slate was made from and that these facts do not give is told, also where it moves nobody.
    assert differences(record | {"pool": [[digest, service_id, total + 1e-6], *record["pool"][1:]]}) == (f"score.{record['cards'][0]['key']}",)
    assert differences(record | {"openings": {}})


def test_a_version_that_is_gone_is_not_guessed() -> None:
    record, facts = kept(personas.P01)
    with pytest.raises(FactsGone):
        replay(record, dict(list(facts.items())[1:]), vocabulary=V)


def test_a_slate_of_other_weights_or_another_vocabulary_is_not_made_again_by_guessing() -> None:
    record, facts = kept(personas.P01)
    for name in ("weights_version", "taxonomy_version"):
        with pytest.raises(OtherVersion):
            replay(record | {name: "of old"}, facts, vocabulary=V)


def test_what_is_kept_says_how_many_were_turned_away_by_each_code_and_nobody_by_name() -> None:
    record, facts = kept(personas.P01)
    assert record["eligible"] == len(listing(occasion_of(personas.P01), cast(), vocabulary=V).ranked)
    assert record["turned_away"]["jurisdiction"] >= 1
    assert all(isinstance(number, int) for number in record["turned_away"].values())
    assert not {"T07", "T08", "T20"} & {json.loads(each)["key"] for each in facts.values()}
    assert {digest for digest, *_ in record["pool"]} == set(facts)


@settings(max_examples=40)
@given(all_wishes, candidates())
def test_what_is_kept_of_a_therapist_scores_exactly_as_the_whole(wishes: Wishes, candidate: Candidate) -> None:
    service = candidate.services[0]
    whole = score(wishes, candidate, service, now=NOW, vocabulary=V)
    text = json.dumps([plain(wishes), openings_kept(Ranked(candidate, service, whole), wishes, now=NOW)])
    again_wishes, again = restored(Wishes, json.loads(text)[0]), candidate_of(version_of(candidate).facts)
    offered = service_kept(again, service.service_id, json.loads(text)[1])
    assert again_wishes == wishes
    assert score(again_wishes, again, offered, now=NOW, vocabulary=V) == whole


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def test_every_version_has_the_numbers_that_it_always_had() -> None:
    assert list(VERSIONS)[-1] == WEIGHTS.version
    found = {}
    for version, (weights, policy) in VERSIONS.items():
        numbers = {
            "weights": [(each.name, each.weight) for each in weights.dimensions],
            "strengths": dict(weights.strengths),
            "words": weights.words,
            "unknown": weights.unknown,
            "slate": asdict(policy),
        }
        found[version] = hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()[:16]
    assert found == DIGESTS
    assert replace(WEIGHTS, unknown=0.4) != WEIGHTS
