"""The vocabulary is complete, points nowhere wrong, and says how its entries relate."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zones import known_zone
from taxonomy.vocabulary import modality_relation, vocabulary

V = vocabulary()
slugs_of_modalities = st.sampled_from(sorted(V.modalities))


def names(text: str) -> list[str]:
    return text.split()


GOALS = names("""improve_relationships reconnect_with_self relationships_and_self express_emotions build_trust tolerate_vulnerability set_boundaries
communicate_better practise_empathy self_compassion self_awareness process_past reduce_symptoms manage_stress coping_skills decide_something
stop_behaviour perform_better support_partner_or_child diagnosis_or_assessment medication not_sure_yet""")

CONCERNS = {
    "mood": "depression persistent_depression bipolar* perinatal_mood* seasonal_mood",
    "anxiety": "generalised_anxiety panic social_anxiety phobia health_anxiety ocd agoraphobia performance_anxiety",
    "trauma_stress": "ptsd complex_trauma childhood_neglect childhood_abuse sexual_violence adjustment moral_injury racial_trauma",
    "relationships": "emotional_unavailability avoidant_attachment anxious_attachment commitment_fear intimacy trust infidelity separation_divorce "
    "dating_patterns friendship loneliness codependency couple_distress",
    "emotion": "alexithymia emotional_numbness anger shame_guilt emotional_avoidance dysregulation",
    "self": "self_esteem perfectionism identity body_image procrastination people_pleasing boundaries personal_growth",
    "loss_change": "grief breakup illness retirement migration parenthood burnout career life_transition",
    "family": "parenting co_parenting estrangement blended_family caregiver_strain in_laws intergenerational family_conflict child_conduct",
    "behaviour": "alcohol drugs* gambling gaming porn_sex_compulsivity eating_disorders* self_harm* hair_skin_picking",
    "neurodevelopment": "adhd autism tics giftedness",
    "body_mind": "insomnia chronic_pain fertility perinatal sexual_problems chronic_illness menopause",
    "severe*": "psychosis* dissociation* personality_disorder* suicidality*",
    "context": "racism_discrimination coming_out gender_identity faith_crisis culture_clash domestic_violence* legal_forensic work_conflict",
}

MODALITIES = names("""cbt ba cpt pe tf_cbt erp cbt_i dbt dbt_informed act mbct mbsr cft schema psychodynamic psychoanalysis stpp dit istdp mbt tfp
attachment_based abft eft_couple emotion_focused eft_tapping gottman ibct cbct imago relational_life discernment systemic structural_family
strategic_family bowenian narrative emdr net somatic brainspotting ifs ipt ipsrt sfbt person_centred present_centred existential gestalt ta
psychosynthesis motivational cat rebt problem_solving metacognitive art_therapy drama_therapy music_therapy play_therapy sandplay trauma_informed
culturally_adapted affirmative faith_integrated feminist anti_oppressive coaching integrative eclectic pluralistic cognitive_behavioural trauma_focused
third_wave mindfulness_based psychoanalytic_family relational couple family experiential humanistic body_oriented interpersonal brief constructionist
creative cbt_adjacent""")

REGISTERS = names("""us_state_board npi psypact counseling_compact social_work_compact aprn_compact npdb oig_leie sam_gov us_state_sanctions nbcc abpp dbt_lbc
emdria iceeft hcpc bacp ukcp ncps babcp bpc cosca acc bps_wider hgi nch ukahpp pt_uk gmc nmc iacp icp napcp iahip psi coru crpo opq nscct cctnb cctpei
ca_psychology_college ca_social_work_college ccpa ahpra pacfa aca_au aasw nz_psychologists_board nzac pbanz dapaanz rci nimhans in_smha ncahp
de_approbation at_bmsgpk fr_psychotherapeute nl_big eap_ecp sps sac hpcsa dha doh_abu_dhabi hkps ke_cpb nimh cpt_roster pe_roster iocdf bamba isst
abft_centre iseft gottman_institute aft aamft emdr_europe sei ifs_institute ipt_uk mint acat bapt icf""")

FACETS = {
    "units": "individual couple family group parent_only workplace",
    "modes": "video phone chat in_person walk_and_talk home_visit hybrid",
    "session_lengths": "minutes_30 minutes_45 minutes_50 minutes_60 minutes_80 minutes_90",
    "frequencies": "weekly fortnightly twice_weekly intensive",
    "durations": "brief medium open_ended",
    "age_bands": "age_0_5 age_6_12 age_13_17 age_18_25 adult age_65_plus",
    "populations": "students perinatal parents carers veterans_first_responders healthcare_workers athletes expats refugees lgbtq neurodivergent deaf disabled "
    "chronic_illness survivors offenders faith_communities high_conflict enm_poly kink_aware sex_workers executives farmers",
    "identity_kinds": "gender pronouns ethnicity languages faith sexual_orientation disability age_band parent migration class_background",
    "relations_wanted": "shares experienced_with no_preference prefer_not",
    "strengths": "must strong nice none",
    "style_dimensions": "led intensity past warmth",
    "style_extras": "homework humour self_disclosure pace directness spirituality touch",
    "practicals": "fee currency sliding_tiers concession_evidence insurance superbill cancellation_window free_consultation_minutes notice horizon",
    "concession_evidence": "none self_declared",
    "access": "captions bsl asl plain_language wheelchair hearing_loop low_bandwidth no_camera gender_neutral_toilet",
}


def test_every_goal_is_there_and_two_are_a_different_service() -> None:
    assert list(V.goals) == GOALS
    assert {slug for slug, goal in V.goals.items() if goal.different_service} == {"diagnosis_or_assessment", "medication"}
    assert V.expand_goals(["relationships_and_self", "manage_stress"]) == {"improve_relationships", "reconnect_with_self", "manage_stress"}


def test_every_concern_is_there_under_its_group_with_its_floor() -> None:
    for group, children in CONCERNS.items():
        parent = V.concerns[group.rstrip("*")]
        assert parent.parent is None
        assert {child.slug for child in V.children_of(parent.slug)} == {child.rstrip("*") for child in children.split()}
    starred = {name.rstrip("*") for group, children in CONCERNS.items() for name in (group, *children.split()) if name.endswith("*")}
    assert {slug for slug, concern in V.concerns.items() if concern.needs_floor} == starred
    assert sum(concern.parent is None for concern in V.concerns.values()) == 13


def test_emotional_unavailability_carries_signs_and_causes_of_its_own() -> None:
    codes = [each.code for each in V.concerns["emotional_unavailability"].codes]
    assert sum(code.startswith("sign:") for code in codes) == 17
    assert sum(code.startswith("cause:") for code in codes) >= 9
    assert list(V.facets["about_whom"])[:4] == ["self", "partner", "parent", "friend"]


def test_every_modality_is_there_with_a_plain_text_of_two_or_three_sentences() -> None:
    assert set(MODALITIES) <= V.modalities.keys()
    for modality in V.modalities.values():
        sentences = re.findall(r"[.!?](?:\s|$)", modality.plain)
        assert 2 <= len(sentences) <= 3, modality.slug


@pytest.mark.parametrize(
    "word", ["vetted", "best", "perfect match", "expert-approved", "guaranteed", "proven", "most effective", "works better", "gold standard"]
)
def test_no_text_claims_superiority(word: str) -> None:
    texts = [modality.plain + (modality.caution or "") for modality in V.modalities.values()]
    texts += [facet.note or "" for facet in V.facets.values()] + [register.authorises for register in V.registers.values()]
    assert not [text for text in texts if re.search(rf"\b{word}\b", text, re.IGNORECASE)]


def test_the_three_that_are_called_eft_are_not_the_same() -> None:
    three = {"eft_couple", "emotion_focused", "eft_tapping"}
    for slug in three:
        assert set(V.modalities[slug].not_same_as) >= three - {slug}


def test_couple_and_family_modalities_name_their_units() -> None:
    assert V.modalities["eft_couple"].units == ("couple",)
    assert V.modalities["abft"].units == ("family",)
    assert V.serves_unit("cbt", "couple")
    assert not V.serves_unit("gottman", "individual")
    assert not V.serves_unit("no_such_thing", "individual")


@pytest.mark.parametrize(
    ("wanted", "offered", "relation"),
    [
        ("cbt", "cbt", "same"),
        ("cbt", "erp", "narrower"),
        ("cognitive_behavioural", "erp", "narrower"),
        ("erp", "cbt", "broader"),
        ("mbct", "third_wave", "broader"),
        ("eft_couple", "gottman", "sibling"),
        ("emdr", "tf_cbt", "sibling"),
        ("psychodynamic", "cbt", None),
        ("schema", "integrative", None),
        ("integrative", "schema", "narrower"),
        ("schema", "cat", None),
        ("trauma_informed", "feminist", None),
        ("emotion_focused", "eft_couple", None),
        ("eft_couple", "eft_tapping", None),
        ("attachment_based", "abft", None),
        ("attachment_based", "eft_couple", "narrower"),
        ("psychodynamic", "psychoanalysis", None),
        ("couple", "discernment", None),
        ("person_centred", "present_centred", None),
        ("cbt", "no_such_thing", None),
        ("no_such_thing", "no_such_thing", None),
    ],
)
def test_relations_of_modalities(wanted: str, offered: str, relation: str | None) -> None:
    assert V.modality_relation(wanted, offered) == modality_relation(wanted, offered) == relation


MIRROR = {"same": "same", "sibling": "sibling", "narrower": "broader", "broader": "narrower", None: None}


@given(slugs_of_modalities, slugs_of_modalities)
def test_relations_mirror_each_other_except_for_meta_words(one: str, other: str) -> None:
    there, back = V.modality_relation(one, other), V.modality_relation(other, one)
    if "meta" in (V.modalities[one].kind, V.modalities[other].kind):
        assert there in ("same", "narrower", None)
    else:
        assert back == MIRROR[there]


@given(slugs_of_modalities)
def test_what_is_directly_below_is_narrower_unless_said_otherwise(slug: str) -> None:
    for parent in V.modalities[slug].broader:
        marked = parent in V.modalities[slug].not_same_as or slug in V.modalities[parent].not_same_as
        assert V.modality_relation(parent, slug) == (None if marked else "narrower")


def test_languages_are_many_and_sign_languages_are_among_them() -> None:
    assert len(V.languages) >= 100
    assert {slug for slug, language in V.languages.items() if language.sign} >= {"bfi", "ase", "isg", "asf"}
    assert {"en", "es", "hi", "ar", "zh", "fa", "fr", "ga", "cy"} <= V.languages.keys()
    assert all(language.own_name for language in V.languages.values())


def test_jurisdictions_are_all_there_with_zones() -> None:
    by_country = {
        country: {code for code, place in V.jurisdictions.items() if place.country == country} for country in ("US", "GB", "IE", "CA", "AU", "IN", "NZ")
    }
    assert {country: len(codes) for country, codes in by_country.items()} == {"US": 56, "GB": 4, "IE": 1, "CA": 13, "AU": 8, "IN": 1, "NZ": 1}
    assert by_country["GB"] == {"GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"}
    for place in V.jurisdictions.values():
        assert all(known_zone(zone) for zone in place.zones)
        assert place.main_zone in place.zones
        assert place.code == place.slug


def test_compacts_are_dated_and_enacted_is_not_issuing() -> None:
    issuing = {code for code, place in V.jurisdictions.items() if place.counseling_compact_issuing}
    assert issuing == {"US-AZ", "US-GA", "US-IN", "US-LA", "US-MN", "US-OH"}
    assert V.jurisdictions["US-FL"].counseling_compact_enacted
    assert not V.jurisdictions["US-FL"].counseling_compact_issuing
    members = {code for code, place in V.jurisdictions.items() if place.psypact_member}
    assert len(members) == 43
    assert not members & {f"US-{code}" for code in names("AK CA HI IA LA MA NM NY OR")}
    for place in V.jurisdictions.values():
        if place.country == "US":
            fact = place.fact("counseling_compact_issuing")
            assert fact is not None
            assert (fact.source, date.fromisoformat(fact.as_of)) == ("US7", date(2026, 6, 13))
            assert {each.fact for each in place.facts} == {"zones", "psypact_member", "counseling_compact_enacted", "counseling_compact_issuing"}
        assert place.source
        assert place.as_of


def test_every_register_is_there() -> None:
    assert sorted(V.registers) == sorted(REGISTERS)


def test_every_facet_has_all_its_values() -> None:
    for name, values in FACETS.items():
        assert tuple(V.facets[name]) == tuple(values.split()), name
    assert V.facets["units"]["couple"].label
    assert len(V.facets["units"]) == 6


def test_style_dimensions_run_from_minus_one_to_one_with_both_ends_named() -> None:
    for dimension in V.facets["style_dimensions"].values():
        assert (dimension.minimum, dimension.maximum) == (-1, 1)
        assert dimension.low
        assert dimension.high


def test_the_vocabulary_is_read_once_and_has_a_version() -> None:
    assert vocabulary() is V
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}", V.version)
