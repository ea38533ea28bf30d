"""Verified means a record: how a claim becomes a badge, and how it stops being one."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import Invalid, NotFound
from desk.cases import OwnCase, OwnedBySomebodyElse, claim_case, close_case
from desk.models import Case
from tests.factories.accounts import a_person
from tests.factories.therapists import a_check, a_claim, a_therapist, an_unverified_therapist, verify
from therapists.badges import badges_of
from therapists.check_records import CheckSeen, record_seen
from therapists.credential_states import WrongState
from therapists.credentials import amend_credential, claim_changed, submit_credential, withdraw_credential
from therapists.models import Credential, VerificationRecord
from therapists.own_checks import offer_proof
from therapists.profile import own_profile, profile_for_edit
from therapists.publication import is_listed, may_be_shown
from therapists.register_check import ClaimChanged
from therapists.undecided import StillWaits
from therapists.verification import SecondPairOfEyes, SelfApproval, begin_review, record_check, release_review
from therapists.verification_queue import queue


def badges(person_id: int) -> list[str]:
    return [badge.register for badge in badges_of(own_profile(person_id), now=now())]


def test_a_check_makes_the_credential_active_and_the_badge_comes_from_the_record(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist)
        assert badges(therapist.person_id) == []
        verify(credential, register_address="https://register.example/entry/1")
        badge = badges_of(own_profile(therapist.person_id), now=now())[0]
    assert (badge.register, badge.kind, badge.checked_on) == ("bacp", "accredited_voluntary", date(2026, 11, 22))
    assert badge.register_address == "https://register.example/entry/1"
    assert credential.jurisdictions == ["GB-ENG", "GB-NIR", "GB-SCT", "GB-WLS"]
    case = db.session.scalars(select(Case)).one()
    assert (case.state, case.outcome) == ("closed", "active")
    first, second = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "therapists.verified").order_by(AuditEntry.id)).all()
    assert first.subject_id == second.subject_id == str(credential.public_id)
    assert (first.reason, first.facts) == ("awaits_second", {"before": "submitted", "after": "in_review"})
    assert (second.reason, second.facts) == ("register_confirms", {"before": "in_review", "after": "active"})
    assert len({first.actor_person_id, second.actor_person_id, therapist.person_id, None}) == 4


def test_a_state_that_was_written_past_verification_shows_no_badge(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist)
        credential.state, credential.checked_at, credential.expires_on = "active", now(), date(2027, 10, 31)
        db.session.flush()
        assert badges(therapist.person_id) == []


def test_M08_the_badge_goes_when_the_clock_passes_the_expiry_without_any_write(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist(expires_on=date(2026, 11, 24))
        person_id = therapist.person_id
    assert badges(person_id) == ["bacp"]
    clock.advance(days=2)
    assert badges(person_id) == ["bacp"]
    clock.advance(days=1)
    assert badges(person_id) == []
    assert db.session.scalars(select(Credential.state)).all() == ["active"]


@pytest.mark.parametrize(
    ("decision", "reason"),
    [("rejected", "not_found"), ("suspended", "register_says_suspended"), ("lapsed", "register_says_lapsed"), ("revoked", "register_says_removed")],
)
def test_every_other_decision_takes_the_badge(database: None, decision: str, reason: str) -> None:
    with transaction():
        therapist = a_therapist()
        credential = own_profile(therapist.person_id).credentials[0]
        verify(credential, decision=decision, reason=reason)
        assert (credential.state, credential.state_reason) == (decision, reason)
        assert badges(therapist.person_id) == []
        assert [record.decision for record in own_profile(therapist.person_id).credentials[0].records] == ["active", "active", decision]


def test_a_restriction_takes_the_badge(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        verify(own_profile(therapist.person_id).credentials[0], restricted=True)
        assert badges(therapist.person_id) == []


def test_M09_suspended_and_confirmed_again_is_as_before(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        before = badges_of(own_profile(therapist.person_id), now=now())
        credential = own_profile(therapist.person_id).credentials[0]
        verify(credential, decision="suspended", reason="sanctioned")
        verify(credential)
        assert badges_of(own_profile(therapist.person_id), now=now()) == before


@pytest.mark.parametrize(("decision", "reason"), [("rejected", "not_found"), ("revoked", "register_says_removed")])
def test_rejected_and_revoked_need_a_new_submission(database: None, decision: str, reason: str) -> None:
    with transaction():
        credential = verify(a_claim(an_unverified_therapist()), decision=decision, reason=reason)
    with pytest.raises(WrongState), transaction():
        verify(credential)


def test_nobody_approves_themselves(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist)
    with pytest.raises(SelfApproval), transaction():
        record_check(credential.public_id, a_check(credential), by=therapist.person_id, now=now())
    with pytest.raises(SelfApproval), transaction():
        begin_review(credential.public_id, by=therapist.person_id, now=now())
    with transaction():
        assert queue(by=therapist.person_id, limit=10).items == []
        assert db.session.scalars(select(VerificationRecord)).all() == []


def test_one_verifier_at_a_time(database: None) -> None:
    with transaction():
        credential, first, second = a_claim(an_unverified_therapist()), a_person().id, a_person().id
        assert begin_review(credential.public_id, by=first, now=now()).state == "in_review"
        assert begin_review(credential.public_id, by=first, now=now()).state == "in_review"
    with pytest.raises(OwnedBySomebodyElse), transaction():
        verify(credential, by=second)
    with transaction():
        assert verify(credential, by=first).state == "active"


def test_a_first_credential_needs_two_verifiers(database: None) -> None:
    with transaction():
        therapist, first, second = an_unverified_therapist(), a_person().id, a_person().id
        credential = a_claim(therapist)
        assert not record_check(credential.public_id, a_check(credential), by=first, now=now()).took_effect
        assert (credential.state, credential.state_reason, badges(therapist.person_id)) == ("in_review", "awaits_second", [])
        assert (credential.checked_at, credential.expires_on) == (None, None)
        assert [each.credential.public_id for each in queue(by=second, limit=10).items] == [credential.public_id]
        assert queue(by=first, limit=10).items == []
    for act in (
        lambda: record_check(credential.public_id, a_check(credential), by=first, now=now()),
        lambda: begin_review(credential.public_id, by=first, now=now()),
    ):
        with pytest.raises(SecondPairOfEyes), transaction():
            act()
    with transaction():
        begin_review(credential.public_id, by=second, now=now())
        assert record_check(credential.public_id, a_check(credential), by=second, now=now()).took_effect
        assert (credential.state, badges(therapist.person_id)) == ("active", ["bacp"])


def test_a_second_credential_of_a_known_therapist_needs_one_verifier(database: None) -> None:
    with transaction():
        claim = a_claim(a_therapist(), register="ukcp", credential_type="ukcp_psychotherapist")
        assert record_check(claim.public_id, a_check(claim), by=a_person().id, now=now()).took_effect


def test_two_who_read_different_things_do_not_make_an_approval(database: None) -> None:
    with transaction():
        credential, people = a_claim(an_unverified_therapist()), [a_person().id for _ in range(3)]
        read = [a_check(credential, expires_on=day) for day in (date(2027, 1, 31), date(2027, 10, 31), date(2027, 10, 31))]
        effects = [record_check(credential.public_id, check, by=by, now=now()).took_effect for check, by in zip(read, people, strict=True)]
    assert effects == [False, False, True]
    assert credential.expires_on == date(2027, 10, 31)


def test_the_second_verifier_may_reject_alone(database: None) -> None:
    with transaction():
        credential, first = a_claim(an_unverified_therapist()), a_person().id
        record_check(credential.public_id, a_check(credential), by=first, now=now())
        verify(credential, decision="rejected", reason="not_found")
        assert (credential.state, credential.first_checked_by) == ("rejected", None)


def test_another_name_never_becomes_active_by_one_pair_of_eyes(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        credential = own_profile(therapist.person_id).credentials[0]
    with pytest.raises(Invalid) as refusal, transaction():
        record_check(credential.public_id, a_check(credential, name_found="Somebody Else"), by=a_person().id, now=now())
    assert list(refusal.value.errors) == ["note"]
    with transaction():
        check = a_check(credential, name_found="Somebody Else", note="Certificate of marriage seen")
        record = record_check(credential.public_id, check, by=a_person().id, now=now())
        assert (record.took_effect, credential.state, badges(therapist.person_id)) == (False, "in_review", [])
        assert record.name_likeness is not None
        assert record.name_likeness < 60
        record_check(credential.public_id, check, by=a_person().id, now=now())
        assert (credential.state, badges(therapist.person_id)) == ("active", ["bacp"])


def test_an_approval_is_bound_to_the_claim_as_it_was_read(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist)
        read = a_check(credential)
        amend_credential(profile_for_edit(therapist.person_id), credential.public_id, {"name_on_register": "Ash Otherwise"}, now=now())
    with pytest.raises(ClaimChanged), transaction():
        record_check(credential.public_id, read, by=a_person().id, now=now())


@pytest.mark.parametrize("change", [{"number": "777777"}, {"name_on_register": "Ash Otherwise"}, {"jurisdictions": ["GB-SCT"]}])
def test_a_changed_claim_reopens_the_review_and_closes_what_stood_on_it(database: None, change: dict[str, object]) -> None:
    with transaction():
        therapist = a_therapist()
        credential = own_profile(therapist.person_id).credentials[0]
        amend_credential(profile_for_edit(therapist.person_id), credential.public_id, {}, now=now())
        assert badges(therapist.person_id) == ["bacp"], "saying the same again changes nothing"
        amend_credential(profile_for_edit(therapist.person_id), credential.public_id, change, now=now())
        assert (credential.state, credential.state_reason, badges(therapist.person_id)) == ("submitted", "claim_changed", [])
        case = db.session.scalars(select(Case).where(Case.state == "open")).one()
        assert (case.kind, case.subject_id) == ("verification", str(credential.public_id))
        verify(credential, number=credential.number)
        assert badges(therapist.person_id) == ["bacp"]


def test_a_claim_changed_between_two_looks_begins_anew(database: None) -> None:
    with transaction():
        therapist, first = an_unverified_therapist(), a_person().id
        credential = a_claim(therapist)
        record_check(credential.public_id, a_check(credential), by=first, now=now())
        amend_credential(profile_for_edit(therapist.person_id), credential.public_id, {"number": "777777"}, now=now())
        assert (credential.state, credential.first_checked_by) == ("submitted", None)
        assert not record_check(credential.public_id, a_check(credential), by=a_person().id, now=now()).took_effect


def test_replaced_evidence_reopens_the_review(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        credential = own_profile(therapist.person_id).credentials[0]
        credential.evidence_digest = "another file"
        claim_changed(credential, by=therapist.person_id, now=now())
        assert (credential.state, badges(therapist.person_id)) == ("submitted", [])


@pytest.mark.parametrize("act", [submit_credential, withdraw_credential])
def test_a_suspension_is_not_shaken_off_by_the_one_who_is_suspended(database: None, act: Callable[..., Credential]) -> None:
    with transaction():
        therapist = a_therapist()
        verify(a_claim(therapist, register="ukcp", credential_type="ukcp_psychotherapist"))
        suspended = own_profile(therapist.person_id).credentials[0]
        verify(suspended, decision="suspended", reason="register_says_suspended")
        assert not may_be_shown(own_profile(therapist.person_id), now=now())
        act(profile_for_edit(therapist.person_id), suspended.public_id, now=now())
        assert not may_be_shown(own_profile(therapist.person_id), now=now())
        again = suspended if suspended.state == "submitted" else a_claim(therapist, number=suspended.number)
        verify(again)
        assert may_be_shown(own_profile(therapist.person_id), now=now())


def test_a_verifier_gives_a_review_back(database: None) -> None:
    with transaction():
        credential, first, second = a_claim(an_unverified_therapist()), a_person().id, a_person().id
        begin_review(credential.public_id, by=first, now=now())
    with pytest.raises(OwnedBySomebodyElse), transaction():
        release_review(credential.public_id, by=second, now=now())
    with transaction():
        assert release_review(credential.public_id, by=first, now=now()).state == "submitted"
        assert begin_review(credential.public_id, by=second, now=now()).state == "in_review"


def test_a_case_is_not_closed_over_what_still_waits_and_nobody_holds_their_own(database: None) -> None:
    with transaction():
        therapist, verifier = an_unverified_therapist(), a_person().id
        credential = a_claim(therapist)
        check = offer_proof(profile_for_edit(therapist.person_id), "identity", now=now())
        cases = [each.public_id for each in db.session.scalars(select(Case).order_by(Case.id))]
        begin_review(credential.public_id, by=verifier, now=now())
    hold = {"kinds": frozenset({"verification"}), "now": now()}
    for case in cases:
        with pytest.raises(OwnCase), transaction():
            claim_case(case, by=therapist.person_id, **hold)
        with transaction():
            claim_case(case, by=verifier, **hold)
        with pytest.raises(StillWaits), transaction():
            close_case(case, outcome="resolved", by=verifier, **hold)
    with transaction():
        verify(credential, by=verifier, decision="rejected", reason="not_found")
        record_seen(therapist.public_id, CheckSeen("identity", "failed", "not_readable", "Passport"), by=verifier, now=now())
        assert [case.state for case in db.session.scalars(select(Case))] == ["closed", "closed"]
        assert check.offered_at is None


def test_what_was_not_submitted_cannot_be_looked_at(database: None) -> None:
    with transaction():
        credential = a_claim(an_unverified_therapist(), submitted=False)
    with pytest.raises(NotFound), transaction():
        verify(credential)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"number": "999999"}, "number"),
        ({"expires_on": None}, "expires_on"),
        ({"expires_on": date(2026, 11, 21)}, "expires_on"),
        ({"jurisdictions": ()}, "jurisdictions"),
        ({"jurisdictions": ("US-CA",)}, "jurisdictions"),
        ({"reason": "not_found"}, "reason"),
        ({"decision": "splendid", "reason": "register_confirms"}, "reason"),
    ],
)
def test_an_active_entry_needs_what_a_badge_stands_on(database: None, facts: dict[str, object], field: str) -> None:
    with transaction():
        credential = a_claim(an_unverified_therapist())
    with pytest.raises(Invalid) as refusal, transaction():
        verify(credential, **facts)
    assert list(refusal.value.errors) == [field]
    assert db.session.scalars(select(Credential.state)).all() == ["submitted"]


def test_a_check_from_long_ago_or_from_tomorrow_is_refused(database: None) -> None:
    with transaction():
        credential = a_claim(an_unverified_therapist())
    for checked_at in (now() - timedelta(days=121), now() + timedelta(seconds=1)):
        with pytest.raises(Invalid), transaction():
            verify(credential, checked_at=checked_at)
    with transaction():
        assert verify(credential, checked_at=now() - timedelta(days=19)).checked_at == now() - timedelta(days=19)


def test_a_title_under_supervision_is_recorded_as_such(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist(country="CA", zone="America/Toronto")
        credential = a_claim(therapist, register="crpo", credential_type="rp_qualifying", number="012345")
        assert credential.supervised
    with pytest.raises(Invalid) as refusal, transaction():
        verify(credential, jurisdictions=("CA-ON",))
    assert list(refusal.value.errors) == ["supervised"]
    with transaction():
        verify(credential, jurisdictions=("CA-ON",), supervised=True)
        assert badges_of(own_profile(therapist.person_id), now=now())[0].supervised


def test_the_queue_is_oldest_first_and_pages_without_gaps(database: None, clock: FixedClock) -> None:
    waiting = []
    with transaction():
        reader = a_person().id
        for _ in range(5):
            waiting.append(a_claim(an_unverified_therapist()).public_id)
            clock.advance(minutes=1)
        verify(a_claim(an_unverified_therapist()))
        begin_review(waiting[2], by=reader, now=now())
    with transaction():
        seen, cursor = [], None
        while True:
            page = queue(by=reader, limit=2, cursor=cursor)
            seen += [waiting.credential.public_id for waiting in page.items]
            if (cursor := page.next) is None:
                break
    assert seen == waiting


def test_an_identifier_needs_no_last_day_gives_no_badge_and_is_no_first_credential(database: None) -> None:
    with transaction():
        therapist, vera, vito = an_unverified_therapist(), a_person().id, a_person().id
        npi = a_claim(therapist, register="npi", credential_type="", number="1234567893")
        licence = a_claim(therapist)
        for verifier in (vera, vito):
            record_check(npi.public_id, a_check(npi, expires_on=None, jurisdictions=()), by=verifier, now=now())
        assert npi.state == "active"
        own = own_profile(therapist.person_id)
        assert badges_of(own, now=now()) == []
        assert not is_listed(own, now=now())
        record_check(licence.public_id, a_check(licence), by=vera, now=now())
        assert licence.state == "in_review", "who they are was read; what they may do still needs two"
        with pytest.raises(Invalid):
            record_check(licence.public_id, a_check(licence, expires_on=None), by=vito, now=now())
