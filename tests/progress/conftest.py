"""A small practice whose sessions take place: booked over HTTP, reported by the therapist when they are over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from accounts.consent import current_text
from core.clock import FixedClock
from tests.booking.conftest import Practice, practice
from tests.booking.practice import signed_in
from tests.browser import Browser

__all__ = ["practice"]
FIRST = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Course:
    """One client's sessions with the therapist of the practice, a week apart."""

    practice: Practice
    clock: FixedClock
    held: int = 0

    def session(self) -> str:
        """Book the next session, let it take place, and sign both sides in again at its end. Its public id."""
        start = FIRST + timedelta(weeks=self.held)
        booked = self.practice.book(start.isoformat())
        assert booked.status_code == 201, booked.text
        self.clock.instant = start + timedelta(hours=1)
        self.sign_in_again()
        booking = str(booked.get_json()["id"])
        ended = self.practice.therapist.post(f"/api/v1/bookings/{booking}/outcome", json={"outcome": "took_place"})
        assert ended.get_json()["state"] == "completed", ended.text
        self.held += 1
        return booking

    def sign_in_again(self) -> None:
        self.practice.client = signed_in(self.practice.new_browser, self.practice.client_id)
        self.practice.therapist = signed_in(self.practice.new_browser, self.practice.therapist_id)

    @property
    def client(self) -> Browser:
        return self.practice.client

    @property
    def therapist(self) -> Browser:
        return self.practice.therapist


@pytest.fixture
def course(practice: Practice, clock: FixedClock) -> Course:
    return Course(practice, clock)


@pytest.fixture
def agreed(course: Course) -> Course:
    """The client agreed that answers are kept."""
    agree(course.client)
    return course


def agree(browser: Browser, purpose: str = "progress") -> None:
    answer = browser.post("/api/v1/consents", json={"purpose": purpose, "text_version": current_text(purpose).version})
    assert answer.status_code == 201, answer.text


NewBrowser = Callable[[], Browser]
