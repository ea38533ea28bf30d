"""A therapist's own profile and statements."""

from typing import Any

import pytest
from sqlalchemy import select

from accounts.roles import roles_of
from core.clock import now
from core.db import db, transaction
from core.errors import Invalid, PreconditionFailed
from taxonomy.vocabulary import vocabulary
from tests.factories.accounts import an_account
from tests.factories.therapists import a_service, an_unverified_therapist
from therapists.models import PracticePlace, Therapist, TreatedConcern
from therapists.profile import AlreadyTherapist, become_therapist, edit_profile, own_profile, profile_for_edit, version_of
from therapists.statements import PlaceInUse, set_concerns, set_formats, set_identities, set_languages, set_modalities, set_style
from therapists.training import TrainingCheck, record_training
from therapists.verification import SelfApproval

PLACE = {"label": "Practice", "town": "Leeds", "jurisdiction": "GB-ENG", "step_free": None}


def edited(therapist: Therapist) -> Therapist:
    return profile_for_edit(therapist.person_id)


def set_places(therapist: Therapist, *locations: dict[str, Any]) -> Therapist:
    return set_formats(edited(therapist), units=["individual"], age_bands=["adult"], access=[], locations=locations, now=now())


def test_becoming_a_therapist_gives_the_role_and_shows_nothing(database: None) -> None:
    with transaction():
        person_id = an_account().person_id
        therapist = become_therapist(person_id, display_name="Ash", country="GB", zone="Europe/London", now=now())
        assert therapist.published_at is None
        assert "therapist" in roles_of(person_id)
    with pytest.raises(AlreadyTherapist), transaction():
        become_therapist(person_id, display_name="Ash", country="GB", zone="Europe/London", now=now())


def test_an_unknown_country_is_refused(database: None) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        become_therapist(an_account().person_id, display_name="Ash", country="XX", zone="UTC", now=now())
    assert list(refusal.value.errors) == ["country"]


def test_every_edit_changes_the_version_and_an_old_one_is_refused(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        before = version_of(therapist)
        edit_profile(profile_for_edit(therapist.person_id, version=before), {"headline": "Hello"}, now=now())
        assert version_of(therapist) != before
    with pytest.raises(PreconditionFailed), transaction():
        profile_for_edit(therapist.person_id, version=before)


def test_core_concerns_keep_the_therapists_order_and_can_be_reordered(database: None) -> None:
    core = list(vocabulary().concerns)[:5]
    with transaction():
        therapist = an_unverified_therapist()
        set_concerns(edited(therapist), core, [], now=now())
        set_concerns(edited(therapist), core[::-1], [list(vocabulary().concerns)[6]], now=now())
    rows = db.session.execute(select(TreatedConcern.concern, TreatedConcern.core_position).order_by(TreatedConcern.core_position)).all()
    assert [(row.concern, row.core_position) for row in rows[:5]] == [(slug, at) for at, slug in enumerate(core[::-1], 1)]
    assert rows[5].core_position is None


def test_concerns_are_few_known_and_named_once(database: None) -> None:
    some = list(vocabulary().concerns)[:6]
    for core, others, field in (
        (some, [], "core"),
        (["sadness_of_the_moon"], [], "core.0"),
        ([some[0], some[0]], [], "core.1"),
        ([some[0]], [some[1], some[0]], "others.1"),
    ):
        with pytest.raises(Invalid) as refusal, transaction():
            set_concerns(an_unverified_therapist(), core, others, now=now())
        assert list(refusal.value.errors) == [field]


def test_only_what_the_vocabulary_lets_therapists_offer(database: None) -> None:
    not_offerable = next(slug for slug, modality in vocabulary().modalities.items() if not modality.offerable)
    for slug in (not_offerable, "my_own_method"):
        with pytest.raises(Invalid) as refusal, transaction():
            set_modalities(an_unverified_therapist(), ["cbt", slug], now=now())
        assert list(refusal.value.errors) == ["modalities.1"]


def test_a_verified_modality_keeps_its_mark_while_it_stays_declared(database: None) -> None:
    with transaction():
        therapist, verifier = an_unverified_therapist(modalities=["cbt", "emdr"]), an_account(roles=("verifier",)).person_id
        record_training(therapist.public_id, TrainingCheck("modality", "emdr", "EMDR Europe", confirmed=True), by=verifier, now=now())
        set_modalities(edited(therapist), ["emdr", "act"], now=now())
        marks = {row.modality: row.verified_at for row in own_profile(therapist.person_id).modalities}
        assert marks == {"emdr": now(), "act": None}
        set_modalities(edited(therapist), ["act"], now=now())
        set_modalities(edited(therapist), ["act", "emdr"], now=now())
        assert all(row.verified_at is None for row in own_profile(therapist.person_id).modalities)


def test_training_is_marked_by_another_person_and_only_for_what_was_declared(database: None) -> None:
    floor = next(slug for slug, concern in vocabulary().concerns.items() if concern.needs_floor)
    with transaction():
        therapist, verifier = an_unverified_therapist(), an_account(roles=("verifier",)).person_id
        record_training(therapist.public_id, TrainingCheck("competence", floor, "A body", confirmed=True), by=verifier, now=now())
        assert therapist.verified_competences == [floor]
        record_training(therapist.public_id, TrainingCheck("competence", floor, "A body", confirmed=False), by=verifier, now=now())
        assert therapist.verified_competences == []
    with pytest.raises(SelfApproval), transaction():
        record_training(therapist.public_id, TrainingCheck("competence", floor, "A body", confirmed=True), by=therapist.person_id, now=now())
    for check in (TrainingCheck("modality", "emdr", "b", confirmed=True), TrainingCheck("competence", "anger", "b", confirmed=True)):
        with pytest.raises(Invalid), transaction():
            record_training(therapist.public_id, check, by=verifier, now=now())


def test_languages_identities_and_style(database: None) -> None:
    statements = [
        {"kind": "gender", "value": "woman", "relation": "shares", "audience": "public"},
        {"kind": "ethnicity", "value": "in my own words", "relation": "shares", "audience": "nobody"},
    ]
    with transaction():
        therapist = an_unverified_therapist()
        set_languages(edited(therapist), [{"language": "es", "level": "working"}], now=now())
        set_identities(edited(therapist), statements, now=now())
        set_style(edited(therapist), {"led": 0.5, "intensity": None, "past": -1.0, "warmth": 1.0}, now=now())
        whole = own_profile(therapist.person_id)
        assert [(row.language, row.level) for row in whole.languages] == [("es", "working")]
        assert {(row.value, row.audience) for row in whole.identities} == {("woman", "public"), ("in my own words", "nobody")}
        assert (whole.style_led, whole.style_intensity, whole.style_past) == (0.5, None, -1.0)
    for wrong in ({"kind": "shoe_size", "value": "43"}, {"kind": "gender", "value": "whatever"}):
        with pytest.raises(Invalid), transaction():
            set_identities(edited(therapist), [{"relation": "shares", "audience": "public", **wrong}], now=now())


def test_a_place_is_kept_by_its_id_and_stays_while_a_service_needs_it(database: None) -> None:
    with transaction():
        therapist = set_places(an_unverified_therapist(), PLACE)
        place = therapist.locations[0]
        a_service(therapist, mode="in_person", place=place.public_id)
        set_places(therapist, {**PLACE, "id": place.public_id, "town": "York"}, PLACE)
        assert sorted(db.session.scalars(select(PracticePlace.town))) == ["Leeds", "York"]
    with pytest.raises(PlaceInUse), transaction():
        set_places(therapist)


def test_a_place_of_another_therapist_cannot_be_taken_over(database: None) -> None:
    with transaction():
        theirs = set_places(an_unverified_therapist(), PLACE).locations[0].public_id
    with pytest.raises(Invalid) as refusal, transaction():
        set_places(an_unverified_therapist(), {**PLACE, "id": theirs})
    assert list(refusal.value.errors) == ["locations.0.id"]


@pytest.mark.parametrize(
    ("modality", "body", "field"),
    [
        ("emdr", "A weekend course", "body"),
        ("emdr", "International Centre for Excellence in Emotionally Focused Therapy", "body"),
        ("act", "ACBS", "body"),
        ("trauma_informed", "EMDR Europe", "slug"),
    ],
    ids=["no body", "a body for something else", "nobody certifies it", "a stance is no treatment"],
)
def test_training_is_verified_only_by_a_body_that_the_vocabulary_names_for_it(database: None, modality: str, body: str, field: str) -> None:
    with transaction():
        therapist, verifier = an_unverified_therapist(modalities=(modality,)), an_account(roles=("verifier",)).person_id
        check = TrainingCheck("modality", modality, body, confirmed=True)
        with pytest.raises(Invalid) as refused:
            record_training(therapist.public_id, check, by=verifier, now=now())
        assert set(refused.value.errors or {}) == {field}
        assert profile_for_edit(therapist.person_id).modalities[0].verified_at is None
