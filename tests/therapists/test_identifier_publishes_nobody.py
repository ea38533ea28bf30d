"""A provider number says who somebody is. It makes nobody a therapist here, and by itself puts nobody on the list."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.clock import now
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.checks import pass_checks
from tests.factories.therapists import a_claim, an_unverified_therapist, verify
from therapists.models import Therapist
from therapists.profile import profile_for_edit
from therapists.profile_models import ProfileReview
from therapists.publication import NotVerified, publish

SAMPLE = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[3] / "shared")) / "data" / "credentials" / "npi_sample.csv"
OURS = ["1234567893"]  # the example of the standard's own text


def numbers() -> list[str]:
    if not SAMPLE.exists():
        return OURS
    with SAMPLE.open(newline="") as lines:
        return OURS + [row["npi"] for row in csv.DictReader(lines)][:3]


def how_many() -> int:
    return db.session.execute(select(func.count()).select_from(Therapist)).scalar_one()


@pytest.mark.parametrize("number", numbers())
def test_whoever_has_nothing_but_a_provider_number_is_on_no_list(client: Callable[[], Browser], database: None, number: str) -> None:
    with transaction():
        therapist = an_unverified_therapist(country="US", zone="America/Chicago")
        pass_checks(therapist)
        before = how_many()
        credential = verify(a_claim(therapist, register="npi", credential_type="", number=number), jurisdictions=())
        assert (credential.state, how_many()) == ("active", before)
        db.session.add(ProfileReview(therapist_id=therapist.person_id, approved_at=now()))
        with pytest.raises(NotVerified):
            publish(profile_for_edit(therapist.person_id), now=now())
        public_id = therapist.public_id
    guest = client()
    assert guest.get("/api/v1/therapists").get_json()["items"] == []
    assert guest.get(f"/api/v1/therapists/{public_id}").status_code == 404
