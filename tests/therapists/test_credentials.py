"""Claims: only registers we know, only numbers that can be, and nobody else's."""

import uuid

import pytest

from core.clock import now
from core.db import transaction
from core.errors import Invalid, NotFound
from desk.cases import open_case_about
from taxonomy.vocabulary import vocabulary
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist
from therapists.credential_states import WrongState
from therapists.credentials import (
    AlreadyClaimed,
    NotAVerifier,
    UnknownRegister,
    credential_of,
    number_hint,
    submit_credential,
    suggested_registers,
    withdraw_credential,
)


def test_ukpc_is_unknown_and_suggests_ukcp(database: None) -> None:
    with pytest.raises(UnknownRegister) as refusal, transaction():
        a_claim(an_unverified_therapist(), register="UKPC")
    assert refusal.value.extra["suggestions"][0] == "ukcp"
    assert "(ukcp)" in refusal.value.errors["register"][0]


@pytest.mark.parametrize("written", ["nimh", "NIMH", "National Institute of Mental Health"])
def test_nimh_is_refused_with_the_reason_however_it_is_written(database: None, written: str) -> None:
    with pytest.raises(NotAVerifier) as refusal, transaction():
        a_claim(an_unverified_therapist(), register=written, credential_type="")
    assert refusal.value.detail == vocabulary().registers["nimh"].reason
    assert "research" in refusal.value.detail.lower()


@pytest.mark.parametrize("slug", [slug for slug, register in vocabulary().registers.items() if register.kind == "not_a_verifier"])
def test_no_body_that_verifies_nobody_can_be_claimed(database: None, slug: str) -> None:
    with pytest.raises(NotAVerifier), transaction():
        a_claim(an_unverified_therapist(), register=slug, credential_type="")


@pytest.mark.parametrize(("typed", "meant"), [("UKPC", "ukcp"), ("BACP", "bacp"), ("babpc", "babcp")])
def test_a_slip_of_the_hand_is_understood(typed: str, meant: str) -> None:
    assert meant in suggested_registers(typed)


@pytest.mark.parametrize("typed", ["", "zzzzzz", "The Institute of Nothing At All", "NIMH"])
def test_what_is_like_nothing_suggests_nothing_that_verifies_nobody(typed: str) -> None:
    assert all(vocabulary().registers[slug].kind != "not_a_verifier" for slug in suggested_registers(typed))


def test_a_recalled_shape_only_hints(database: None) -> None:
    assert not vocabulary().registers["bacp"].shape_is_sourced
    with transaction():
        credential = a_claim(an_unverified_therapist(), number="AB-12")
    assert credential.state == "submitted"
    assert number_hint("bacp", "mbacp", "AB-12")
    assert number_hint("bacp", "mbacp", "123456") is None


@pytest.mark.parametrize("number", ["PSY123", "12345678901", "PSY00000000011"])
def test_a_sourced_shape_refuses(database: None, number: str) -> None:
    assert vocabulary().registers["ahpra"].shape_is_sourced
    with pytest.raises(Invalid) as refusal, transaction():
        a_claim(an_unverified_therapist(), register="ahpra", credential_type="general", number=number)
    assert list(refusal.value.errors) == ["number"]


def test_an_npi_with_a_wrong_check_digit_is_refused_and_a_right_one_licenses_nobody(database: None) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        a_claim(an_unverified_therapist(), register="npi", credential_type="", number="1234567890")
    assert list(refusal.value.errors) == ["number"]
    with transaction():
        assert a_claim(an_unverified_therapist(), register="npi", credential_type="", number="1234567893").state == "submitted"


def test_titles_and_jurisdictions_must_be_the_registers_own(database: None) -> None:
    for facts, field in (
        ({"credential_type": "emperor"}, "credential_type"),
        ({"credential_type": ""}, "credential_type"),
        ({"jurisdictions": ["US-CA"]}, "jurisdictions"),
        ({"register": "us_state_board", "credential_type": "lpc"}, "jurisdictions"),
    ):
        with pytest.raises(Invalid) as refusal, transaction():
            a_claim(an_unverified_therapist(), **facts)  # type: ignore[arg-type]
        assert list(refusal.value.errors) == [field]


def test_the_same_entry_is_claimed_once_until_it_was_withdrawn(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist, number="123456")
    with pytest.raises(AlreadyClaimed), transaction():
        a_claim(therapist, number=" 123456 ")
    with transaction():
        withdraw_credential(therapist, credential.public_id, now=now())
        assert a_claim(therapist, number="123456").state == "submitted"


def test_submitting_opens_a_case_and_withdrawing_closes_it(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist, submitted=False)
        subject = ("credential", str(credential.public_id))
        assert (credential.state, open_case_about("verification", subject)) == ("unverified", None)
        submit_credential(therapist, credential.public_id, now=now())
        case = open_case_about("verification", subject)
        assert case is not None
        assert case.person_id == therapist.person_id
        withdraw_credential(therapist, credential.public_id, now=now())
        assert (credential.state, case.state, case.outcome) == ("withdrawn", "closed", "withdrawn")
    with pytest.raises(WrongState), transaction():
        submit_credential(therapist, credential.public_id, now=now())


def test_R50_a_credential_of_another_therapist_does_not_exist(database: None) -> None:
    with transaction():
        credential, other = a_claim(an_unverified_therapist()), a_therapist()
    for act in (submit_credential, withdraw_credential):
        with pytest.raises(NotFound), transaction():
            act(other, credential.public_id, now=now())
    with pytest.raises(NotFound), transaction():
        credential_of(other.person_id, uuid.uuid4())
