"""The personas over the invented cast, on the pure layer: who is first, who must not appear and by which code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import Invalid
from matching.answers import checked
from matching.approach import families_of
from matching.explanation import explain, notes
from matching.listing import listing, relax_counts
from matching.replay import setting_of
from matching.slate import DIFFERENT, Card, slate
from matching.weights import DIMENSIONS
from taxonomy.suggest import suggest
from taxonomy.vocabulary import vocabulary
from tests.matching import personas
from tests.matching.cast import NOW, cast, rows
from tests.matching.personas import clean, gate_of, keys, list_for, occasion_of

LABELS = {dimension.name: dimension.label for dimension in DIMENSIONS}


def states_of_first(answers: dict[str, object]) -> dict[str, str]:
    return {reason.dimension: reason.state for reason in list_for(answers).ranked[0].scored.reasons}


def test_P01_london_evenings_psychodynamic_or_attachment_finds_T16() -> None:
    found = list_for(personas.P01)
    assert keys(found)[0] == "T16"
    assert keys(found).index("T21") == 1
    away = found.turned_away
    assert "jurisdiction" in away["T01"]
    assert "verified" in away["T07"]
    assert "verified" in away["T08"]
    assert "not_barred" in away["T20"]
    assert "price" in away["T05"]
    assert "price" in away["T17"]
    assert set(away["T15"]) == {"unit", "accepting"}
    met = states_of_first(personas.P01)
    assert {name for name, state in met.items() if state == "met"} >= {"concern", "modality", "availability", "price", "identity"}


def test_P02_a_couple_with_emotionally_focused_therapy_in_mind_finds_T02() -> None:
    found = list_for(personas.P02)
    assert keys(found)[0] == "T02"
    assert set(keys(found)) <= {"T02", "T19"}
    assert set(found.turned_away["T15"]) == {"accepting"}
    assert [each.key for each in found.waiting] == ["T15"], "full, but keeps a waitlist"
    assert "unit" in found.turned_away["T16"]


def test_P03_the_bare_word_EFT_is_asked_about_and_gives_no_credit_before_it_is_answered() -> None:
    found = suggest("EFT", kinds=("modality",))
    assert [set(each.meanings) for each in found.clarify] == [{"eft_couple", "emotion_focused", "eft_tapping"}]
    assert found.items == ()
    typed = list_for(personas.P22 | {"words": "EFT"}).ranked
    assert len(typed) >= 5
    assert all("modality" not in {reason.dimension for reason in each.scored.reasons} for each in typed)
    assert typed == list_for(personas.P22).ranked, "the word alone moves nobody"
    chosen = list_for(personas.P22 | {"words": "EFT", "modalities": [{"any_of": ["eft_couple"], "strength": "nice"}]}).ranked
    assert all("modality" in {reason.dimension for reason in each.scored.reasons} for each in chosen), "the answer counts"


def test_P04_a_california_couple_after_an_affair_finds_T03() -> None:
    found = list_for(personas.P04)
    assert keys(found) == ["T03"]
    assert "jurisdiction" in found.turned_away["T02"]
    assert {"unit", "jurisdiction"} <= set(found.turned_away["T04"])
    assert states_of_first(personas.P04)["setting"] == "met"


def test_P06_california_is_not_covered_and_the_law_cannot_be_relaxed() -> None:
    found = list_for(personas.P06)
    assert found.ranked == ()
    assert "jurisdiction" in found.turned_away["T04"]
    assert relax_counts(occasion_of(personas.P06), cast(), vocabulary=vocabulary()) == ()


def test_P07_the_place_of_the_session_counts() -> None:
    in_new_york = personas.P06 | {"place": "US-NY"}
    assert "T04" not in keys(list_for(in_new_york))
    assert keys(list_for(personas.P06 | {"place": "US-TX"})) == ["T04"]
    assert keys(list_for(personas.P06 | {"place": "US-CO"})) == ["T04"], "by PSYPACT"


def test_P09_structure_and_depression_within_the_ceiling_find_T05() -> None:
    found = list_for(personas.P09)
    assert keys(found)[0] == "T05"
    assert "price" in found.turned_away["T17"]


def test_P13_dublin_spanish_emdr_finds_T09_and_nobody_who_is_only_british() -> None:
    found = list_for(personas.P13)
    assert keys(found) == ["T09"]
    assert all("jurisdiction" in found.turned_away[key] for key in ("T02", "T05", "T06", "T16"))
    assert {name: state for name, state in states_of_first(personas.P13).items() if name in {"modality", "identity", "setting"}} == {
        "modality": "met",
        "identity": "met",
        "setting": "met",
    }


def test_P20_the_fee_is_what_stands_in_the_way_and_the_count_is_exact() -> None:
    occasion = occasion_of(personas.P20)
    assert keys(list_for(personas.P20)) == []
    assert [(each.code, each.count) for each in relax_counts(occasion, cast(), vocabulary=vocabulary())] == [("price", 1)]
    assert keys(list_for(personas.P20 | {"ceiling_firm": False})) == ["T14"]


def test_P21_hindi_is_a_must() -> None:
    assert keys(list_for(personas.P21)) == ["T01"]


def test_P22_not_sure_about_everything_switches_dimensions_off_for_all() -> None:
    found = list_for(personas.P22)
    assert len(found.ranked) >= 5
    assert all({reason.dimension for reason in each.scored.reasons} == {"concern", "availability", "responsiveness"} for each in found.ranked)
    assert keys(found) == keys(list_for(personas.P22))


def test_P23_a_declared_concession_counts() -> None:
    found = list_for(personas.P23)
    assert keys(found)[0] == "T10"
    assert "price" in found.turned_away["T02"]
    assert "price" in found.turned_away["T18"]
    assert keys(list_for(personas.P23 | {"concession": False})) == []


def test_P29_sponsorship_changes_nothing() -> None:
    assert [each["id"] for each in rows() if each["sponsored"]] == ["T18"]
    order = keys(list_for(personas.P01))
    assert order[0] == "T16"
    assert order.index("T18") > order.index("T16")


def test_P33_a_must_that_nobody_meets_gives_an_empty_list_and_an_exact_count() -> None:
    found = list_for(personas.P33)
    assert found.ranked == ()
    counts = relax_counts(occasion_of(personas.P33), cast(), vocabulary=vocabulary())
    softer = personas.P33 | {"languages": [{"any_of": ["bfi"], "strength": "strong"}]}
    assert [(each.code, each.count) for each in counts] == [("language", len(keys(list_for(softer))))]
    assert counts[0].count > 0


@pytest.mark.parametrize("name", ["P01", "P02", "P04", "P09", "P13", "P20", "P22", "P23"])
def test_personas_need_no_more_than_the_first_screens_to_see_a_list(name: str) -> None:
    answers = clean(getattr(personas, name))
    assert gate_of(answers).allows_list


def test_every_reason_can_be_read_and_speaks_of_what_was_asked() -> None:
    occasion = occasion_of(personas.P01)
    first = list_for(personas.P01).ranked[0]
    sentences = [line for each in explain(first, occasion.wishes, vocabulary=vocabulary(), labels=LABELS) for line in each.sentences]
    assert any("GBP 55.00" in line for line in sentences)
    assert any("gender: woman" in line for line in sentences)
    assert any("Psychodynamic" in line for line in sentences)


def families(cards: tuple[Card, ...]) -> set[str]:
    return {family for card in cards for family in families_of(card.ranked, vocabulary(), "individual")}


def test_P12_nobody_with_checked_emdr_is_said_and_T05_is_named_as_a_different_approach() -> None:
    occasion = occasion_of(personas.P12)
    found = list_for(personas.P12)
    assert "verified" in found.turned_away["T08"]
    assert "jurisdiction" in found.turned_away["T09"]
    made = slate(found.ranked, {}, setting_of(occasion), vocabulary=vocabulary())
    assert [(card.ranked.candidate.key, card.role) for card in made.cards if card.role == DIFFERENT] == [("T05", DIFFERENT)]
    (said,) = notes(found, occasion.wishes, vocabulary=vocabulary())
    assert "EMDR" in said


def test_P18_self_harm_in_ontario_finds_T11_within_a_week_and_never_a_trainee() -> None:
    found = list_for(personas.P18)
    assert keys(found) == ["T11"]
    assert {"competence_floor", "scope"} <= set(found.turned_away["T12"])
    first = found.ranked[0].service.openings[0]
    assert first < (NOW + timedelta(days=7)).timestamp()


def test_P22_two_families_of_therapy_on_the_cards_and_the_same_cards_all_day() -> None:
    shown = []
    for hours in range(0, 9, 2):
        occasion = occasion_of(personas.P22, now=NOW + timedelta(hours=hours))
        # The openings stand still here: only the clock moves, within one day in London.
        found = list_for(personas.P22, now=NOW + timedelta(hours=hours))
        made = slate(found.ranked, {}, setting_of(occasion), vocabulary=vocabulary())
        shown.append([card.ranked.candidate.key for card in made.cards])
        assert len(families(made.cards)) >= 2
        assert len(made.cards) == 5
    assert shown == [shown[0]] * len(shown)


def test_P27_whom_the_client_rejected_and_who_declined_her_are_both_passed_over() -> None:
    occasion = occasion_of(personas.P01)
    both = replace(occasion, hidden=frozenset({16}), attendees=tuple(replace(each, conflicts=frozenset({21})) for each in occasion.attendees))
    found = listing(both, cast(), vocabulary=vocabulary())
    whole = keys(list_for(personas.P01))
    assert keys(found) == [key for key in whole if key not in ("T16", "T21")]
    assert (found.turned_away["T16"], "no_conflict" in found.turned_away["T21"]) == (("hidden",), True)
    assert keys(listing(replace(both, hidden=frozenset()), cast(), vocabulary=vocabulary()))[0] == "T16", "her own rejection can be undone"


def test_P36_an_unsupported_aim_is_refused_with_words_that_support_and_is_nowhere_to_be_chosen_or_offered() -> None:
    found = suggest("I want to change my sexual orientation")
    assert [each.slug for each in found.not_offered] == ["conversion_practice"]
    assert "support" in found.not_offered[0].caution
    assert "conversion_practice" not in {each.slug for each in found.items}
    assert not vocabulary().modalities["conversion_practice"].offerable
    with pytest.raises(Invalid) as refused:
        checked("musts", {"modalities": [{"any_of": ["conversion_practice"], "strength": "must"}]}, vocabulary=vocabulary())
    assert list(refused.value.errors) == ["answers.modalities.0.any_of"]
    assert not any("conversion_practice" in goal.slug for goal in vocabulary().goals.values())


@pytest.mark.parametrize(
    ("alias", "canonical"),
    [("CPT therapy", "cognitive processing therapy"), ("client-centred", "person-centred"), ("client-centered therapy", "person-centred therapy")],
)
def test_M26_an_alias_and_the_canonical_word_give_the_same_ranking(alias: str, canonical: str) -> None:
    read = []
    for words in (alias, canonical):
        slugs = [item.slug for item in suggest(words, kinds=("modality",)).items]
        wish = [{"any_of": slugs[:1], "strength": "strong"}]
        read.append((slugs[:1], [(each.candidate.key, each.scored) for each in list_for(personas.P22 | {"modalities": wish}).ranked]))
    assert read[0][0]
    assert read[0] == read[1]
