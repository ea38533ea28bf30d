"""Who is shown."""

from datetime import date

import pytest

from core.clock import FixedClock, now
from core.db import transaction
from core.errors import NotFound
from matching.directory import directory
from matching.directory_filters import Filters
from tests.factories.accounts import a_person
from tests.factories.checks import pass_checks
from tests.factories.therapists import EXPIRES_ON, a_claim, a_therapist, an_unverified_therapist, verify
from therapists.credentials import withdraw_credential
from therapists.models import Therapist
from therapists.platform_hold import lift_hold, put_on_hold
from therapists.profile import own_profile, profile_for_edit
from therapists.publication import Held, NotVerified, ProfileIncomplete, listed_therapist, publish, unpublish


def is_shown(therapist: Therapist) -> bool:
    """In the list and on the page; the two never differ."""
    listed = therapist.public_id in [each.therapist.public_id for each in directory(Filters(), now=now(), limit=100).items]
    try:
        listed_therapist(therapist.public_id, now=now())
    except NotFound:
        assert not listed
        return False
    assert listed
    return True


def test_R51_without_a_checked_credential_nothing_is_published(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        a_claim(therapist)
    with pytest.raises(NotVerified), transaction():
        publish(profile_for_edit(therapist.person_id), now=now())
    assert not is_shown(therapist)


@pytest.mark.parametrize(
    ("register", "credential_type", "number", "jurisdictions"), [("emdria", "emdria_certified", "1", ()), ("bacp", "bacp_individual", "2", ("GB",))]
)
def test_a_course_or_a_membership_that_allows_no_practice_publishes_nobody(
    database: None, register: str, credential_type: str, number: str, jurisdictions: tuple[str, ...]
) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        verify(a_claim(therapist, register=register, credential_type=credential_type, number=number), jurisdictions=jurisdictions)
    with pytest.raises(NotVerified), transaction():
        publish(profile_for_edit(therapist.person_id), now=now())


def test_what_is_missing_is_named(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist(services=False, hours=(), languages=())
        verify(a_claim(therapist))
        pass_checks(therapist)
    with pytest.raises(ProfileIncomplete) as refusal, transaction():
        publish(profile_for_edit(therapist.person_id), now=now())
    assert sorted(refusal.value.errors) == ["hours", "languages", "services"]


def test_published_shown_unpublished_gone(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        assert is_shown(therapist)
        unpublish(profile_for_edit(therapist.person_id), now=now())
        assert not is_shown(therapist)
        publish(profile_for_edit(therapist.person_id), now=now())
        assert is_shown(therapist)


def test_M07_M09_each_lapse_takes_the_page_and_its_end_gives_it_back(database: None) -> None:
    with transaction():
        therapist, admin = a_therapist(), a_person().id
        credential = own_profile(therapist.person_id).credentials[0]
        for decision, reason in (("suspended", "sanctioned"), ("lapsed", "not_renewed")):
            verify(credential, decision=decision, reason=reason)
            assert not is_shown(therapist)
            verify(credential)
            assert is_shown(therapist)
        verify(credential, restricted=True)
        assert not is_shown(therapist)
        verify(credential)
        put_on_hold(therapist.public_id, reason="complaint", by=admin, now=now())
        assert not is_shown(therapist)
        lift_hold(therapist.public_id, by=admin, now=now())
        assert is_shown(therapist)
        withdraw_credential(profile_for_edit(therapist.person_id), credential.public_id, now=now())
        assert not is_shown(therapist)


def test_M08_the_clock_alone_takes_the_page(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist(expires_on=date(2026, 11, 23))
    clock.advance(days=1)
    assert is_shown(therapist)
    clock.advance(days=1)
    assert not is_shown(therapist)


def test_nobody_publishes_under_a_hold(database: None) -> None:
    with transaction():
        therapist = a_therapist(published=False)
        put_on_hold(therapist.public_id, reason="complaint", by=a_person().id, now=now())
    with pytest.raises(Held), transaction():
        publish(profile_for_edit(therapist.person_id), now=now())


def test_the_list_pages_without_gaps_though_lapsed_profiles_drop_out(database: None, clock: FixedClock) -> None:
    with transaction():
        made = []
        for number in range(6):
            made.append(a_therapist(expires_on=date(2026, 11, 22) if number in (1, 2) else EXPIRES_ON))
            clock.advance(minutes=1)
    clock.advance(days=1)
    seen, cursor = [], None
    while True:
        page = directory(Filters(), now=now(), limit=2, cursor=cursor)
        seen += [entry.therapist.public_id for entry in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == [made[number].public_id for number in (0, 3, 4, 5)]
