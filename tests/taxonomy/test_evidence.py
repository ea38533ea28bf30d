"""The evidence table: every cell is a dated draft, and a missing word never improves a grade."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.reading import documents
from taxonomy.vocabulary import CAUTIOUS_ORDER, build, vocabulary

V = vocabulary()


def test_every_row_is_a_draft_with_rule_set_source_and_date() -> None:
    assert V.evidence_signed_by is None
    assert len(V.evidence) > 200
    for row in V.evidence:
        assert row.draft
        assert row.rule_set in V.rule_sets
        assert row.source in V.sources["evidence"]
        assert row.dated == "2026-11"


@pytest.mark.parametrize(
    ("concern", "modality", "grade"),
    [
        ("depression", "cbt", "A"),
        ("depression", "ba", "A"),
        ("depression", "person_centred", "B"),
        ("depression", "ifs", "C"),
        ("generalised_anxiety", "applied_relaxation", "A"),
        ("panic", "pfpp", "B"),
        ("social_anxiety", "stpp", "B"),
        ("ocd", "erp", "A"),
        ("ocd", "psychodynamic", "-"),
        ("ocd", "supportive", "!"),
        ("phobia", "applied_tension", "B"),
        ("ptsd", "emdr", "A"),
        ("ptsd", "debriefing", "!"),
        ("complex_trauma", "schema", "B"),
        ("personality_disorder", "dbt", "A"),
        ("personality_disorder", "brief", "!"),
        ("self_harm", "dbt_a", "A"),
        ("eating_disorders", "mantra", "A"),
        ("drugs", "contingency_management", "A"),
        ("insomnia", "cbt_i", "A"),
        ("insomnia", "sleep_hygiene", "-"),
        ("bipolar", "ipsrt", "B"),
        ("psychosis", "emdr", "C"),
        ("couple_distress", "eft_couple", "A"),
        ("infidelity", "gottman", "B"),
        ("child_conduct", "parent_training", "A"),
        ("suicidality", "abft", None),
        ("grief", "grief_cbt", "B"),
        ("emotional_unavailability", "psychodynamic", "C"),
        ("avoidant_attachment", "attachment_based", "C"),
        ("alexithymia", "mindfulness_based", "C"),
        ("perfectionism", "cft", "B"),
        ("burnout", "mbsr", "B"),
        ("chronic_pain", "act", "A"),
        ("adhd", "dbt_informed", "B"),
        ("autism", "cbt", "C"),
        ("gender_identity", "conversion_practice", "!"),
        ("sexual_problems", "sensate_focus", "B"),
        ("perinatal_mood", "ipt", "A"),
        ("life_transition", "act", None),
        ("depression", "eft_tapping", None),
        ("no_such_thing", "cbt", None),
    ],
)
def test_grades(concern: str, modality: str, grade: str | None) -> None:
    found = V.evidence_for(concern, modality)
    assert (found.grade if found else None) == grade


def test_a_variant_has_a_grade_of_its_own() -> None:
    for variant, modality, grade in (("adolescent_family_rupture", "abft", "B"), ("recurrent", "mbct", "A"), ("more_severe", "bct", "B")):
        found = V.evidence_for("depression", modality, variant=variant)
        assert found is not None
        assert (found.grade, found.variant) == (grade, variant)
    assert V.evidence_for("depression", "abft") is None
    adapted = V.evidence_for("autism", "cbt", variant="adapted")
    assert adapted is not None
    assert adapted.grade == "A"


@given(st.sampled_from(V.evidence))
def test_without_a_word_on_the_variant_the_most_cautious_assumed_grade_counts(row: object) -> None:
    concern, modality = row.concern, row.modality  # type: ignore[attr-defined]
    found = V.evidence_for(concern, modality)
    own = [each for each in V.evidence if (each.concern, each.modality) == (concern, modality)]
    assumed = [each for each in own if each.variant is None or V.variants[each.variant].assumed]
    if not V.concerns[concern].evidence_applies or not assumed:
        assert found is None
    else:
        assert found is not None
        assert CAUTIOUS_ORDER.index(found.grade) == min(CAUTIOUS_ORDER.index(each.grade) for each in assumed)


def test_indirect_evidence_says_so() -> None:
    for concern in ("emotional_unavailability", "avoidant_attachment", "intimacy"):
        rows = [row for row in V.evidence if row.concern == concern]
        assert rows
        assert all(row.grade == "C" and row.note and row.note.startswith("Indirect") for row in rows)


def test_where_there_is_no_disorder_nothing_is_graded() -> None:
    assert not V.is_graded("life_transition")
    assert not V.is_graded("personal_growth")
    assert not V.is_graded("friendship")
    assert V.is_graded("depression")


def test_cautions_stand_beside_the_concerns_they_are_about() -> None:
    assert {(each.concern, each.code) for each in V.cautions} == {
        ("self_harm", "scale_alone"),
        ("eating_disorders", "medical_gate"),
        ("alcohol", "withdrawal_gate"),
        ("drugs", "withdrawal_gate"),
        ("bipolar", "therapy_alone"),
        ("psychosis", "therapy_alone"),
        ("perinatal_mood", "same_week"),
    }


def test_a_signed_table_may_have_final_rows() -> None:
    read = documents()
    read["evidence"] = copy.deepcopy(read["evidence"])
    read["evidence"]["signed_by"] = "A clinician"  # type: ignore[index]
    read["evidence"]["items"][0]["draft"] = False
    assert build(read).evidence_signed_by == "A clinician"
