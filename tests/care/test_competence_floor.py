"""What needs more than a registration: risk work and minors need a competence or a check that somebody saw; a stance is none; a trainee never does it."""

from datetime import date, timedelta

import pytest

from care.doors import refusals_of
from core.clock import now
from core.db import db, transaction
from core.errors import Invalid
from taxonomy.vocabulary import vocabulary
from tests.factories.accounts import a_person
from tests.factories.care import an_attendee
from tests.factories.checks import pass_checks
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist, verify
from therapists.check_records import CheckSeen, record_seen
from therapists.models import Therapist
from therapists.profile import profile_for_edit
from therapists.statements import MOST_CORE_CONCERNS, set_concerns
from therapists.training import TrainingCheck, record_training

FLOORS = sorted(slug for slug, concern in vocabulary().concerns.items() if concern.needs_floor)
STANCES = sorted(slug for slug, modality in vocabulary().modalities.items() if modality.kind == "stance")
RISK = ["suicidality", "self_harm", "psychosis", "eating_disorders", "domestic_violence"]


def codes(therapist: Therapist, client: int) -> list[str]:
    found = refusals_of([therapist.person_id], [client], at=now() + timedelta(days=2), now=now(), kind="session", unit="individual", mode="video")
    return [refusal.code for refusal in found[therapist.person_id]]


def seen(therapist: Therapist, kind: str, slug: str, *, confirmed: bool = True) -> None:
    record_training(therapist.public_id, TrainingCheck(kind, slug, "A body", confirmed=confirmed), by=a_person().id, now=now())
    db.session.flush()


def test_risk_work_has_a_floor() -> None:
    assert set(RISK) <= set(FLOORS)


def test_P18_risk_work_opens_only_with_the_competence_that_somebody_saw_and_closes_with_it(database: None) -> None:
    with transaction():
        therapist = a_therapist(core=RISK)
        in_need = {slug: an_attendee(needs=[slug]) for slug in RISK}
        assert {slug: codes(therapist, client) for slug, client in in_need.items()} == {slug: ["competence_floor"] for slug in RISK}, "declaring opens nothing"
        seen(therapist, "concern", RISK[0])
        assert codes(therapist, in_need[RISK[0]]) == ["competence_floor"], "training in a concern is not the special competence"
        seen(therapist, "competence", RISK[0])
        assert [codes(therapist, in_need[slug]) for slug in RISK[:2]] == [[], ["competence_floor"]], "one does not stand for another"
        seen(therapist, "competence", RISK[0], confirmed=False)
        assert codes(therapist, in_need[RISK[0]]) == ["competence_floor"]


def test_P17_minors_are_seen_only_with_the_checks_that_somebody_saw(database: None) -> None:
    with transaction():
        therapist = a_therapist(age_bands=("adult", "age_13_17"))
        teen = an_attendee(age_band="age_13_17")
        assert codes(therapist, teen) == ["age_group"]
        passed = CheckSeen("child_protection", "passed", "issuer_confirms", "DBS", valid_until=date(2028, 11, 22))
        record_seen(therapist.public_id, passed, by=a_person().id, now=now())
        assert codes(therapist, teen) == []
        failed = CheckSeen("child_protection", "failed", "issuer_denies", "DBS")
        record_seen(therapist.public_id, failed, by=a_person().id, now=now())
        assert codes(therapist, teen) == ["age_group"]


@pytest.mark.parametrize("floor", RISK)
def test_P18_practice_under_supervision_is_never_for_risk_work_whatever_was_seen(database: None, floor: str) -> None:
    with transaction():
        trainee = an_unverified_therapist(country="CA", zone="America/Toronto")
        verify(a_claim(trainee, register="crpo", credential_type="rp_qualifying", number="012345"), jurisdictions=("CA-ON",), supervised=True)
        pass_checks(trainee)
        seen(trainee, "competence", floor)
        ontario = {"place": "CA-ON", "zone": "America/Toronto"}
        assert codes(trainee, an_attendee(**ontario)) == []
        assert codes(trainee, an_attendee(needs=[floor], **ontario)) == ["scope"]


@pytest.mark.parametrize("stance", STANCES)
def test_a_stance_is_no_treatment(database: None, stance: str) -> None:
    known = vocabulary()
    treatments = [slug for slug, modality in known.modalities.items() if modality.kind == "therapy"]
    assert [slug for slug in treatments if known.modality_relation(slug, stance)] == [], "it earns no credit where a treatment is wished for"
    assert known.modalities[stance].verifiable_by == ()
    with transaction():
        therapist = an_unverified_therapist(modalities=(stance,))
        for kind in ("modality", "competence", "concern"):
            with pytest.raises(Invalid):
                seen(therapist, kind, stance)
        assert profile_for_edit(therapist.person_id).modalities[0].verified_at is None


def test_core_concerns_are_at_most_five(database: None) -> None:
    some = sorted(vocabulary().concerns)[: MOST_CORE_CONCERNS + 1]
    with transaction():
        therapist = an_unverified_therapist()
        set_concerns(profile_for_edit(therapist.person_id), some[:5], [], now=now())
    with pytest.raises(Invalid) as refused, transaction():
        set_concerns(profile_for_edit(therapist.person_id), some, [], now=now())
    assert refused.value.errors == {"core": ["At most five core concerns."]}
