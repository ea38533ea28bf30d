"""A body comes from a closed list, a number has at most a shape, and neither is a verification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.registers import may_refuse, normal_number, npi_is_valid, shape_of, suggest_registers
from taxonomy.vocabulary import vocabulary

V = vocabulary()
VALID = ("1234567893", "1993999998", "1558598797")


@pytest.mark.parametrize(
    ("number", "valid"),
    [
        *((each, True) for each in VALID),
        ("1234567890", False),
        ("1234567839", False),
        ("", False),
        ("123456789", False),
        ("12345678930", False),
        ("3234567893", False),
        ("123456789x", False),
        ("١٢٣٤٥٦٧٨٩٣", False),
        ("1234567893\n", False),
        (" 1234567893", False),
    ],
)
def test_npi_vectors(number: str, valid: bool) -> None:
    assert npi_is_valid(number) is valid


@given(st.sampled_from(VALID), st.integers(0, 9), st.integers(1, 9))
def test_M44_any_single_changed_digit_is_noticed(number: str, place: int, by: int) -> None:
    changed = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert not npi_is_valid(changed)


@given(st.text(alphabet="0123456789", min_size=8, max_size=8), st.sampled_from("12"))
def test_exactly_one_check_digit_fits(digits: str, first: str) -> None:
    assert sum(npi_is_valid(f"{first}{digits}{last}") for last in range(10)) == 1


@given(st.text(max_size=30))
def test_any_text_is_judged_without_failing(text: str) -> None:
    npi_is_valid(text)
    for register in ("npi", "hcpc", "us_state_board", "emdria"):
        assert shape_of(register, text) in ("fits", "differs", "unknown")
    assert len(suggest_registers(text, limit=3)) <= 3


@pytest.mark.parametrize(
    ("register", "title", "number", "shape", "refuses"),
    [
        ("hcpc", "practitioner_psychologist", "PYL123456", "fits", True),
        ("hcpc", "practitioner_psychologist", "pyl 12345", "fits", True),
        ("hcpc", "practitioner_psychologist", "AS123", "differs", True),
        ("hcpc", "arts_therapist", "AS123", "fits", False),
        ("hcpc", None, "PYL1234567", "differs", False),
        ("ahpra", "general", "PSY0000000001", "fits", True),
        ("ahpra", "general", "PSY1", "differs", True),
        ("bacp", "mbacp", "123", "differs", False),
        ("npi", None, "1234567893", "fits", True),
        ("npi", None, "1234567890", "differs", True),
        ("nmc", None, "98I1234E", "fits", False),
        ("emdria", None, "anything", "unknown", False),
        ("cosca", None, "1", "unknown", False),
    ],
)
def test_a_shape_is_a_hint_and_only_a_sourced_one_may_refuse(register: str, title: str | None, number: str, shape: str, refuses: bool) -> None:
    assert shape_of(register, number, credential_type=title) == shape
    assert may_refuse(register, credential_type=title) is refuses


def test_an_unknown_register_has_no_shapes() -> None:
    with pytest.raises(KeyError):
        shape_of("ukpc", "1")


def test_numbers_are_read_as_registers_print_them() -> None:
    assert normal_number(" psy 000–0000001 ") == "PSY000-0000001"


@pytest.mark.parametrize("text", ["UKPC", "ukpc", "UK psychotherapy council"])
def test_ukpc_suggests_ukcp_and_is_not_a_body(text: str) -> None:
    first = suggest_registers(text)[0]
    assert (first.register, first.exact) == ("ukcp", False)
    assert "ukpc" not in V.registers


def test_nimh_verifies_nobody_and_says_why() -> None:
    first = suggest_registers("NIMH")[0]
    assert (first.register, first.kind, first.exact) == ("nimh", "not_a_verifier", True)
    assert first.reason
    assert V.registers["nimhans"].kind == "not_a_verifier"


def test_the_badge_of_the_seed_is_taken_apart() -> None:
    assert {each.register for each in suggest_registers("BACP, UKPC, NIMH verified")} == {"bacp", "ukcp", "nimh"}


@pytest.mark.parametrize(
    ("text", "register", "title"),
    [
        ("BACP", "bacp", None),
        ("LCSW", "us_state_board", "lcsw"),
        ("MBACP (Accred)", "bacp", "mbacp_accred"),
        ("British Association for Counselling and Psychotherapy", "bacp", None),
        ("RP (Qualifying)", "crpo", "rp_qualifying"),
        ("psychology board of australia", "ahpra", None),
    ],
)
def test_names_and_titles_are_found(text: str, register: str, title: str | None) -> None:
    first = suggest_registers(text)[0]
    assert (first.register, first.credential_type, first.exact) == (register, title, True)


def test_a_near_name_is_suggested_and_a_strange_one_is_not() -> None:
    assert suggest_registers("british asociation for counseling and psychoterapy")[0].register == "bacp"
    assert suggest_registers("order of the golden owl") == ()
    assert suggest_registers("") == ()


def test_kinds_of_the_registers() -> None:
    kinds = {slug: register.kind for slug, register in V.registers.items()}
    assert kinds["hcpc"] == kinds["crpo"] == kinds["us_state_board"] == kinds["rci"] == "statutory"
    assert kinds["fr_psychotherapeute"] == "protected_title"
    assert kinds["bacp"] == kinds["ukcp"] == kinds["babcp"] == "accredited_voluntary"
    assert kinds["iacp"] == kinds["nzac"] == "voluntary"
    assert kinds["emdria"] == "training_body"
    assert kinds["npi"] == "identifier"
    assert all(kinds[slug] == "not_a_verifier" for slug in ("nimh", "nimhans", "npdb", "oig_leie", "sam_gov"))


def test_what_a_register_covers() -> None:
    assert set(V.registers["bacp"].jurisdictions) == {"GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"}
    assert set(V.registers["psypact"].jurisdictions) == {code for code, place in V.jurisdictions.items() if place.psypact_member}
    assert set(V.registers["counseling_compact"].jurisdictions) == {code for code, place in V.jurisdictions.items() if place.counseling_compact_issuing}
    assert V.registers["psypact"].add_on_to == V.registers["counseling_compact"].add_on_to == ("us_state_board",)
    assert V.registers["us_state_board"].jurisdiction_from_claim
    assert not V.registers["coru"].is_open
    assert not V.registers["social_work_compact"].jurisdictions


def test_trainees_and_members_without_the_right_to_treat_are_told_apart() -> None:
    practice = {(register.slug, title.slug): title.practice for register in V.registers.values() for title in register.credential_types}
    assert practice["crpo", "rp_qualifying"] == practice["us_state_board", "amft"] == "supervised"
    assert practice["crpo", "rp_inactive"] == practice["ahpra", "non_practising"] == practice["bacp", "bacp_individual"] == "none"
    assert practice["crpo", "rp"] == "independent"
    assert practice["psypact", "apit"] == "add_on"
    assert practice["emdria", "emdria_certified"] == "competence"


def test_provider_codes_are_a_closed_list_of_facts() -> None:
    assert len(V.provider_codes) == 51
    assert V.provider_codes["1041C0700X"].credential_type == "lcsw"
    assert not V.provider_codes["103TE1000X"].active
