"""R49 to R51 over every route that there is: what belongs to somebody else is not there, and who is not verified is not there either."""

import io
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.models import Booking, BookingEvent
from core.db import db, transaction
from tests.booking.conftest import Practice, practice
from tests.booking.practice import a_therapist as a_bookable_therapist
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.factories.files import a_picture
from tests.factories.therapists import a_claim, a_service, a_therapist, an_unverified_therapist

__all__ = ["practice"]
NewBrowser = Callable[[], Browser]
# Bodies that a route would accept: the refusal must be about whose it is, not about what was sent.
BODIES = {
    "decline": {"reason": "full"},
    "cancel": {"reason": "time"},
    "reschedule": {"start": "2026-11-25T09:00:00Z"},
    "outcome": {"outcome": "completed"},
    "message": {"text": "Hello"},
}


def routes_below(app: Flask, prefix: str) -> list[tuple[str, str]]:
    """(method, rule) of every route below the prefix that names an object by its id."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(prefix) and "<uuid:" in rule.rule]
    return sorted((method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


def with_ids(rule: str, ids: dict[str, object]) -> str:
    for name, value in ids.items():
        rule = rule.replace(f"<uuid:{name}>", str(value))
    return rule


def answers_alike(browser: Browser, method: str, theirs: str, nothing: str) -> None:
    body = BODIES.get(theirs.rpartition("/")[2], {} if method in ("POST", "PATCH", "PUT") else None)
    one, other = (browser.open(path, method=method, json=body) for path in (theirs, nothing))
    assert (one.status_code, one.json) == (other.status_code, other.json), f"{method} {theirs}"
    # A body that is not known here may be refused before anything is looked up: alike for both, and nothing is said.
    assert one.status_code in (404, 415, 422, 428), f"{method} {theirs} {one.status_code}"


def test_R49_R50_every_act_on_a_booking_of_others_is_answered_like_one_on_nothing(app: Flask, practice: Practice) -> None:
    booking = practice.ask().get_json()["id"]
    with transaction():
        therapist = a_bookable_therapist(name="Toni Brook").person_id
        before = db.session.scalar(select(func.count()).select_from(BookingEvent))
    routes = routes_below(app, "/api/v1/bookings/")
    assert {("GET", "/api/v1/bookings/<uuid:booking_id>"), ("POST", "/api/v1/bookings/<uuid:booking_id>/cancel")} <= set(routes)
    for browser in (practice.another_client(), signed_in(practice.new_browser, therapist)):
        for method, rule in routes:
            answers_alike(browser, method, with_ids(rule, {"booking_id": booking}), with_ids(rule, {"booking_id": uuid.uuid4()}))
        for method in ("PATCH", "DELETE"):
            assert browser.open(f"/api/v1/bookings/{booking}", method=method, json={}).status_code in (404, 405)
    with transaction():
        assert db.session.scalars(select(Booking.state)).all() == ["requested"]
        assert db.session.scalar(select(func.count()).select_from(BookingEvent)) == before


def test_R50_services_credentials_and_documents_of_another_therapist_are_not_there(app: Flask, client: NewBrowser) -> None:
    with transaction():
        other, mine = a_therapist(email="theirs@example.org"), an_unverified_therapist()
        ids: dict[str, object] = {"service_id": a_service(other).public_id, "credential_id": a_claim(other, number="999999").public_id}
    sent = signed_in(client, other.person_id)
    files = f"/api/v1/therapist/credentials/{ids['credential_id']}/evidence"
    ids["evidence_id"] = sent.post(files, data={"file": (io.BytesIO(a_picture()), "proof.jpg")}, content_type="multipart/form-data").json["id"]
    stranger = signed_in(client, mine.person_id)
    routes = [route for route in routes_below(app, "/api/v1/therapist/") if set(_names(route[1])) <= set(ids)]
    assert len(routes) >= 8
    for method, rule in routes:
        answers_alike(stranger, method, with_ids(rule, ids), with_ids(rule, {name: uuid.uuid4() for name in ids}))
    assert sent.get(files).json["items"], "nothing was taken away"


def _names(rule: str) -> list[str]:
    return [part.removeprefix("<uuid:").removesuffix(">") for part in rule.split("/") if part.startswith("<uuid:")]


@pytest.mark.usefixtures("practice")
def test_R51_an_unverified_therapist_neither_publishes_nor_is_found_nor_booked(practice: Practice) -> None:
    with transaction():
        therapist = an_unverified_therapist(name="Noa Unseen")
        a_claim(therapist)
        service, public_id = a_service(therapist, kind="session", booking_mode="instant").public_id, therapist.public_id
        an_account(email="client@example.org")
    own = signed_in(practice.new_browser, therapist.person_id)
    refused = own.post("/api/v1/therapist/publication")
    assert (refused.status_code, refused.json["code"]) == (403, "not_verified")
    guest = practice.new_browser()
    for search in ("", "?name=Noa", "?text=Unseen"):
        found = guest.get(f"/api/v1/therapists{search}")
        assert (found.status_code, [item for item in found.json["items"] if "Noa" in str(item)]) == (200, []), search
    assert guest.get(f"/api/v1/therapists/{public_id}").status_code == 404
    assert guest.get(f"/api/v1/services/{service}/openings?start=2026-11-23T00:00:00Z&end=2026-11-24T00:00:00Z").status_code == 404
    assert practice.book(service=str(service)).status_code == 404
    with transaction():
        assert db.session.scalars(select(Booking.id)).all() == []
