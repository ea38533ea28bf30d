"""What is offered to be booked."""

from typing import Any
from uuid import uuid4

import pytest

from core.clock import now
from core.db import transaction
from core.errors import Invalid, NotFound
from core.money import Money
from tests.factories.therapists import a_service, an_unverified_therapist
from therapists.models import Therapist
from therapists.profile import own_profile, profile_for_edit
from therapists.services import change_service, retire_service, service_of
from therapists.statements import set_formats

GBP60 = Money(6000, "GBP")
TIER = {"name": "Low income", "fee": Money(4000, "GBP")}


def bare() -> Therapist:
    return an_unverified_therapist(services=False, units=["individual", "couple"])


def test_a_service_has_defaults_and_tiers(database: None) -> None:
    with transaction():
        service = a_service(bare(), kind="session", unit="couple", minutes=80, fee=GBP60, booking_mode="instant", concessions=[TIER])
    assert (service.fee, service.buffer_before, service.lead_minutes, service.window_days, service.request_blocks) == (GBP60, 0, 720, 60, True)
    assert [(tier.name, tier.fee_amount, tier.evidence) for tier in service.concessions] == [("Low income", 4000, "self_declared")]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"unit": "family"}, "unit"),
        ({"mode": "telepathy"}, "mode"),
        ({"mode": "in_person"}, "place"),
        ({"fee": Money(100, "GBP")}, "fee"),
        ({"minutes": 50}, "minutes"),
        ({"kind": "session", "minutes": 50, "fee": Money(100, "QQQ")}, "fee"),
        ({"kind": "session", "minutes": 50, "fee": GBP60, "concessions": [{"name": "x", "fee": GBP60}]}, "concessions.0.fee"),
        ({"kind": "session", "minutes": 50, "fee": GBP60, "concessions": [{"name": "x", "fee": Money(1, "EUR")}]}, "concessions.0.fee"),
        ({"kind": "session", "minutes": 50, "fee": GBP60, "concessions": [TIER, TIER]}, "concessions.1.name"),
        ({"place": uuid4()}, "place"),
    ],
)
def test_terms_that_do_not_fit_are_refused(database: None, terms: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        a_service(bare(), **terms)
    assert list(refusal.value.errors) == [field]


def test_in_person_takes_place_at_one_of_ones_own_places(database: None) -> None:
    place = {"label": "Practice", "town": "Leeds", "jurisdiction": "GB-ENG", "step_free": True}
    with transaction():
        mine, other = bare(), bare()
        set_formats(profile_for_edit(mine.person_id), units=["individual"], age_bands=["adult"], access=[], locations=[place], now=now())
        here = own_profile(mine.person_id).locations[0].public_id
        assert a_service(mine, mode="in_person", place=here).place.town == "Leeds"  # type: ignore[union-attr]
    with pytest.raises(Invalid), transaction():
        a_service(other, mode="in_person", place=here)


def test_changes_are_judged_with_what_stays(database: None) -> None:
    with transaction():
        therapist = bare()
        service = a_service(therapist, kind="session", minutes=50, fee=GBP60, concessions=[TIER])
        changed = change_service(profile_for_edit(therapist.person_id), service.public_id, {"minutes": 60, "fee": Money(7000, "GBP")}, now=now())
        assert (changed.minutes, changed.fee.amount, len(changed.concessions)) == (60, 7000, 1)
    with pytest.raises(Invalid) as refusal, transaction():
        change_service(profile_for_edit(therapist.person_id), service.public_id, {"fee": Money(3000, "GBP")}, now=now())
    assert list(refusal.value.errors) == ["concessions.0.fee"]
    with transaction():
        assert service_of(therapist.person_id, service.public_id).fee_amount == 7000
        assert change_service(profile_for_edit(therapist.person_id), service.public_id, {"concessions": []}, now=now()).concessions == []


def test_a_retired_service_is_gone_from_every_list(database: None) -> None:
    with transaction():
        therapist = bare()
        service = a_service(therapist)
        retire_service(profile_for_edit(therapist.person_id), service.public_id, now=now())
    with pytest.raises(NotFound), transaction():
        service_of(therapist.person_id, service.public_id)


def test_R50_a_service_of_another_therapist_does_not_exist(database: None) -> None:
    with transaction():
        service, other = a_service(bare()), bare()
    with pytest.raises(NotFound), transaction():
        change_service(profile_for_edit(other.person_id), service.public_id, {"minutes": 15}, now=now())
    with pytest.raises(NotFound), transaction():
        retire_service(profile_for_edit(other.person_id), service.public_id, now=now())
