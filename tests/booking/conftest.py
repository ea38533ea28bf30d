"""A small practice: one therapist, two services, one client, each with a browser."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from core.db import db, transaction
from tests.booking.practice import a_client, a_consultation, a_service, a_therapist, signed_in
from tests.browser import Browser

MONDAY_NINE = "2026-11-23T09:00:00Z"


@dataclass
class Practice:
    """Public ids and browsers; `service` is booked at once, `consultation` on request."""

    therapist_id: int
    client_id: int
    service: str
    consultation: str
    therapist: Browser
    client: Browser
    new_browser: Callable[[], Browser]

    def book(self, start: str = MONDAY_NINE, *, service: str | None = None, by: Browser | None = None, **body: Any) -> TestResponse:
        return (by or self.client).post("/api/v1/bookings", json={"service_id": service or self.service, "start": start, **body})

    def ask(self, start: str = "2026-11-24T09:00:00Z", *, by: Browser | None = None, **body: Any) -> TestResponse:
        return self.book(start, service=self.consultation, by=by, **body)

    def another_client(self, **facts: Any) -> Browser:
        with transaction():
            person_id = a_client(name="Kim Wood", **facts).person_id
        return signed_in(self.new_browser, person_id)

    def openings(self, service: str | None = None, *, start: str = "2026-11-23T00:00:00Z", end: str = "2026-11-24T00:00:00Z", **more: Any) -> list[str]:
        answer = self.client.get(f"/api/v1/services/{service or self.service}/openings", query_string={"start": start, "end": end, **more})
        assert answer.status_code == 200, answer.text
        return [item["start"] for item in answer.get_json()["items"]]


@pytest.fixture
def practice(client: Callable[[], Browser]) -> Practice:
    return a_practice(client)


def a_practice(client: Callable[[], Browser]) -> Practice:
    with transaction():
        therapist = a_therapist()
        service, consultation = a_service(therapist), a_consultation(therapist)
        account = a_client()
        ids = therapist.person_id, account.person_id
        names = str(service.public_id), str(consultation.public_id)
    return Practice(*ids, *names, signed_in(client, ids[0]), signed_in(client, ids[1]), client)


def states() -> list[str]:
    """The states of all bookings, in the order in which they were made."""
    return list(db.session.execute(text("SELECT state FROM bookings ORDER BY id")).scalars())


def overlaps() -> int:
    """Pairs of blocking claims of one person that overlap: what must never exist."""
    return db.session.execute(
        text("""SELECT count(*) FROM claims one JOIN claims two ON one.id < two.id AND one.person_id = two.person_id AND one.blocks AND two.blocks
                AND one.blocks_from < two.blocks_to AND two.blocks_from < one.blocks_to""")
    ).scalar_one()
