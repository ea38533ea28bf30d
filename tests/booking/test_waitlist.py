"""Waiting for a therapist: the line, offers to one person at a time, and how a place ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text, update

from accounts.models import Person
from booking.jobs import sweep_waitlists
from care.conflicts import record_conflict
from care.pause import pause_for_safety
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.conftest import overlaps
from tests.booking.practice import a_client, a_consultation, a_service, a_therapist, signed_in
from tests.browser import Browser
from tests.fakes.outbox import Outbox
from therapists.models import Therapist

TUESDAY_NINE = "2026-11-24T09:00:00Z"
RunJobs = Callable[[], list[str]]


@dataclass
class Line:
    """A therapist who works one hour a week, Tuesdays at nine in London, and people who wait."""

    therapist_id: int
    service: str
    consultation: str
    therapist: Browser
    new_browser: Callable[[], Browser]
    emails: dict[int, str]

    def somebody(self, **facts: Any) -> tuple[Browser, int]:
        with transaction():
            account = a_client(**facts)
        self.emails[account.person_id] = account.email
        return signed_in(self.new_browser, account.person_id), account.person_id

    def joins(self, browser: Browser, **body: Any) -> Any:
        return browser.post("/api/v1/waitlist", json={"service_id": self.service, **body})

    def waits(self, **facts: Any) -> "Waiting":
        browser, person_id = self.somebody(**facts)
        answer = self.joins(browser)
        assert answer.status_code == 201, answer.text
        return self.place_of(person_id, answer)

    def place_of(self, person_id: int, joined: Any) -> "Waiting":
        return Waiting(lambda: signed_in(self.new_browser, person_id), person_id, self.emails[person_id], joined.get_json()["id"])

    def books(self, browser: Browser, start: str = TUESDAY_NINE) -> Any:
        return browser.post("/api/v1/bookings", json={"service_id": self.service, "start": start})

    def openings(self, browser: Browser) -> list[str]:
        query = {"start": "2026-11-23T00:00:00Z", "end": "2026-12-20T00:00:00Z"}
        return [item["start"] for item in browser.get(f"/api/v1/services/{self.service}/openings", query_string=query).get_json()["items"]]


@dataclass
class Waiting:
    """One place in the line. A new browser for every look: days pass, and sessions end."""

    signs_in: Callable[[], Browser]
    person_id: int
    email: str
    entry: str

    @property
    def browser(self) -> Browser:
        return self.signs_in()

    def sees(self) -> Any:
        return self.browser.get(f"/api/v1/waitlist/{self.entry}").get_json()

    def does(self, act: str) -> Any:
        return self.browser.post(f"/api/v1/waitlist/{self.entry}/{act}")

    @property
    def state(self) -> str:
        return str(self.sees()["state"])


@pytest.fixture
def line(client: Callable[[], Browser]) -> Line:
    with transaction():
        therapist = a_therapist(hours="09:00-10:00", weekdays="1")
        service, consultation = a_service(therapist, window_days=7), a_consultation(therapist, window_days=7)
        ids = therapist.person_id, str(service.public_id), str(consultation.public_id)
    return Line(*ids, signed_in(client, ids[0]), client, {})


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def change(person_id: int, **facts: Any) -> None:
    with transaction():
        db.session.execute(update(Therapist).where(Therapist.person_id == person_id).values(**facts))


def test_D18_a_freed_time_is_offered_to_one_after_the_other_and_hidden_from_everybody_else(line: Line, run_jobs: RunJobs, clock: FixedClock, outbox: Outbox):
    holder, _ = line.somebody(name="Kim Wood")
    booked = line.books(holder).get_json()["id"]
    first, second, third = line.waits(), line.waits(), line.waits()
    assert [each.sees()["before_you"] for each in (first, second, third)] == [0, 1, 2]
    run_jobs()
    assert {each.state for each in (first, second, third)} == {"waiting"}
    outbox.clear()

    assert holder.post(f"/api/v1/bookings/{booked}/cancel", json={"reason": "time"}).status_code == 200
    assert "booking.offer_openings" in run_jobs()
    assert first.sees()["offer"] | {"service_id": ""} == {
        "service_id": "",
        "start": TUESDAY_NINE,
        "local_start": "2026-11-24T09:00:00+00:00",
        "minutes": 50,
        "expires_at": "2026-11-22T15:30:00Z",
    }
    assert [each.state for each in (first, second, third)] == ["offered", "waiting", "waiting"]
    assert [line.openings(each) for each in (first.browser, second.browser, holder)] == [[], [], []]
    assert str(outbox.last_to(first.email)["Subject"]) == "A time is free for you"
    assert outbox.to(second.email) == []
    assert line.therapist.get("/api/v1/therapist/bookings").get_json()["items"] == [], "no name before it is accepted"

    clock.advance(minutes=31)
    assert code(first.does("accept")) == (410, "hold_expired")
    run_jobs()
    assert [each.state for each in (first, second, third)] == ["waiting", "offered", "waiting"]
    assert first.sees()["lapses"] == 1
    past = signed_in(line.new_browser, line.therapist_id).get("/api/v1/therapist/bookings?past=true").get_json()["items"]
    assert [(each["state"], each["clients"][0]["name"]) for each in past] == [("cancelled", "Kim Wood")], "nor after it has lapsed"
    assert code(first.does("accept")) == (409, "nothing_offered")
    assert code(third.does("pass")) == (409, "nothing_offered")

    accepted = second.does("accept")
    assert (accepted.status_code, accepted.get_json()["state"]) == (200, "confirmed")
    run_jobs()
    assert [each.state for each in (first, second, third)] == ["waiting", "fulfilled", "waiting"]
    assert second.sees()["before_you"] is None
    assert code(second.does("accept")) == (409, "nothing_offered")
    assert overlaps() == 0


def test_whoever_passes_an_offer_on_keeps_their_place_without_a_lapse_and_is_not_offered_it_again(line: Line, run_jobs: RunJobs):
    holder, _ = line.somebody()
    booked = line.books(holder).get_json()["id"]
    first, second = line.waits(), line.waits()
    holder.post(f"/api/v1/bookings/{booked}/cancel", json={"reason": "time"})
    run_jobs()
    passed = first.does("pass").get_json()
    assert (passed["state"], passed["lapses"], passed["before_you"], passed["offer"]) == ("waiting", 0, 0, None)
    run_jobs()
    assert (first.state, second.state) == ("waiting", "offered")
    assert second.does("leave").get_json()["state"] == "left"
    run_jobs()
    assert first.state == "waiting"
    first.does("leave")
    change(line.therapist_id, waitlist_open=True)
    again = line.place_of(first.person_id, line.joins(first.browser, any_of_kind=True))
    run_jobs()
    assert again.state == "waiting", "nor after joining anew"
    assert line.openings(holder) == [TUESDAY_NINE], "nobody in line wants it, so it is everybody's"


def test_P37_M15_an_offer_takes_a_place_and_its_end_gives_it_back(line: Line, run_jobs: RunJobs, clock: FixedClock):
    change(line.therapist_id, waitlist_open=True, places=1)
    with transaction():
        db.session.execute(text("UPDATE services SET window_days = 28"))
    first, second = line.waits(), line.waits()
    stranger, _ = line.somebody()
    run_jobs()
    assert (first.state, second.state) == ("offered", "waiting"), "two openings, one place"
    assert code(line.books(stranger, "2026-12-01T09:00:00Z")) == (409, "not_accepting")
    hold = {"service_id": line.service, "start": "2026-12-08T09:00:00Z"}
    assert code(stranger.post("/api/v1/holds", json=hold)) == (409, "not_accepting")
    clock.advance(minutes=31)
    run_jobs()
    assert (first.state, second.state) == ("waiting", "offered")
    assert second.does("leave").status_code == 200
    kept = stranger.post("/api/v1/holds", json=hold)
    assert kept.status_code == 201, "and a hold takes it, until it becomes a booking"
    other, _ = line.somebody()
    assert code(line.books(other, "2026-12-01T09:00:00Z")) == (409, "not_accepting")
    assert stranger.post(f"/api/v1/holds/{kept.get_json()['id']}/confirm", json={}).status_code == 200


def test_M07_a_therapist_who_is_held_offers_nothing_and_everybody_keeps_their_place(line: Line, run_jobs: RunJobs):
    change(line.therapist_id, waitlist_open=True)
    waiting = line.waits()
    change(line.therapist_id, held_at=now())
    with transaction():
        sweep_waitlists.work()
    run_jobs()
    assert waiting.state == "waiting"
    change(line.therapist_id, held_at=None)
    with transaction():
        db.session.execute(text("UPDATE credentials SET state = 'expired'"))
        sweep_waitlists.work()
    run_jobs()
    assert waiting.state == "waiting", "nor one whose credential has run out"
    with transaction():
        db.session.execute(text("UPDATE credentials SET state = 'active'"))
        sweep_waitlists.work()
    run_jobs()
    assert waiting.state == "offered"
    with transaction():
        db.session.execute(text("UPDATE credentials SET state = 'expired'"))
    assert code(waiting.does("accept")) == (409, "may_not_treat")
    seen = waiting.sees()
    assert (seen["state"], seen["lapses"], seen["offer"]) == ("waiting", 0, None), "withdrawn, and no lapse"


def test_paused_barred_and_busy_people_are_passed_over_and_keep_their_place(line: Line, run_jobs: RunJobs):
    holder, _ = line.somebody()
    booked = line.books(holder).get_json()["id"]
    paused, apart, busy, free = (line.waits() for _ in range(4))
    with transaction():
        pause_for_safety(paused.person_id, now=now())
        record_conflict(line.therapist_id, apart.person_id, reason="declined", now=now())
        elsewhere = str(a_service(a_therapist(name="Toni Brook")).public_id)
    assert busy.browser.post("/api/v1/bookings", json={"service_id": elsewhere, "start": TUESDAY_NINE}).status_code == 201
    holder.post(f"/api/v1/bookings/{booked}/cancel", json={"reason": "time"})
    run_jobs()
    assert [each.state for each in (paused, apart, busy, free)] == ["waiting", "waiting", "waiting", "offered"]


def test_different_openings_go_to_different_people_by_their_own_wishes_and_on_their_own_clock(line: Line, run_jobs: RunJobs):
    change(line.therapist_id, waitlist_open=True)
    with transaction():
        db.session.execute(text("UPDATE services SET window_days = 28, step_minutes = 60"))
    browser, person_id = line.somebody()
    late = line.place_of(person_id, line.joins(browser, earliest="2026-12-08"))
    browser, person_id = line.somebody(zone="America/New_York")
    never = line.place_of(person_id, line.joins(browser, times=[{"weekday": 1, "from_minute": 540, "to_minute": 720}]))
    anybody = line.waits()
    run_jobs()
    assert late.sees()["offer"]["start"] == "2026-12-08T09:00:00Z"
    assert never.state == "waiting", "nine in London is four in New York"
    assert anybody.sees()["offer"]["start"] == TUESDAY_NINE


def test_an_accepted_offer_of_a_service_on_request_is_a_request_and_unanswered_gives_the_place_back(line: Line, run_jobs: RunJobs, clock: FixedClock):
    change(line.therapist_id, waitlist_open=True)
    browser, person_id = line.somebody()
    somebody = line.place_of(person_id, line.joins(browser, service_id=line.consultation))
    run_jobs()
    assert somebody.does("accept").get_json()["state"] == "requested"
    assert somebody.state == "fulfilled"
    clock.advance(days=2)
    run_jobs()
    assert somebody.state == "waiting"


def test_the_link_shows_only_the_time_and_takes_or_passes_it_on_without_signing_in(line: Line, run_jobs: RunJobs, outbox: Outbox):
    change(line.therapist_id, waitlist_open=True)
    waiting = line.waits()
    run_jobs()
    mail, token = outbox.last_to(waiting.email), outbox.token_to(waiting.email)
    assert "Alex" not in str(mail["Subject"])
    guest = line.new_browser()
    assert guest.get("/waitlist-offer").status_code == 200
    page = guest.post("/waitlist-offer", data={"token": token, "answer": "show"})
    assert (page.status_code, "09:00" in page.text, "Alex" in page.text) == (200, True, False)
    assert waiting.state == "offered", "looking answers nothing"
    assert guest.post("/waitlist-offer", data={"token": "x" + token, "answer": "accept"}).status_code == 410
    assert guest.post("/waitlist-offer", data={"token": token, "answer": "perhaps"}).status_code == 422
    taken = guest.post("/waitlist-offer", data={"token": token, "answer": "accept"})
    assert (taken.status_code, "is booked" in taken.text) == (200, True)
    assert waiting.state == "fulfilled"
    assert guest.post("/waitlist-offer", data={"token": token, "answer": "pass"}).status_code == 409
    assert "is over" in guest.post("/waitlist-offer", data={"token": token, "answer": "show"}).text


def test_who_may_join(line: Line):
    browser, person_id = line.somebody()
    refused = line.joins(browser)
    assert code(refused) == (409, "openings_left")
    assert refused.get_json()["openings"] == [TUESDAY_NINE]
    assert line.joins(browser, times=[{"weekday": 0, "from_minute": 0, "to_minute": 1440}]).status_code == 201, "none that suits"
    assert code(line.joins(browser)) == (409, "already_waiting")
    change(line.therapist_id, places=0)
    stranger, _ = line.somebody()
    assert code(line.joins(stranger)) == (409, "not_accepting"), "full, and without a waitlist"
    assert code(line.joins(stranger, service_id="00000000-0000-4000-8000-000000000000")) == (404, "not_found")
    change(line.therapist_id, waitlist_open=True)
    assert line.joins(stranger).status_code == 201
    assert code(line.joins(line.therapist)) == (403, "forbidden")
    for wrong in (
        {"times": [{"weekday": 0, "from_minute": 60, "to_minute": 60}]},
        {"latest": "2026-11-21"},
        {"earliest": "2026-12-02", "latest": "2026-12-01"},
    ):
        assert line.joins(stranger, **wrong).status_code == 422
    unknown, _ = line.somebody(place="FR")
    assert code(line.joins(unknown)) == (409, "may_not_treat")
    with transaction():
        therapists = [a_therapist(name=f"Toni {number}") for number in range(5)]
        for each in therapists:
            each.waitlist_open = True
        services = [str(a_service(each).public_id) for each in therapists]
    codes = [line.joins(browser, service_id=service).status_code for service in services]
    assert codes == [201, 201, 201, 201, 429], "five places at a time"
    page = browser.get("/api/v1/waitlist?limit=2").get_json()
    rest = browser.get(f"/api/v1/waitlist?cursor={page['next']}").get_json()
    assert (len(page["items"]), len(rest["items"]), rest["next"]) == (2, 3, None)
    with transaction():
        assert db.session.get_one(Person, person_id).zone == page["items"][0]["zone"]


def test_a_therapist_reads_numbers_without_names_and_opens_or_closes_the_line(line: Line):
    switched = line.therapist.put("/api/v1/therapist/waitlist", json={"open": True})
    assert switched.status_code == 200
    one, both = line.waits(name="Kim Wood"), line.somebody()[0]
    assert line.joins(both, any_of_kind=True).status_code == 201
    with transaction():
        a_service(db.session.get_one(Therapist, line.therapist_id), mode="phone")
    seen = line.therapist.get("/api/v1/therapist/waitlist")
    told = seen.get_json()
    assert (told["open"], told["people"], sorted(each["waiting"] for each in told["services"])) == (True, 2, [0, 1, 2])
    assert "Kim" not in seen.text
    assert code(one.browser.get("/api/v1/therapist/waitlist")) == (403, "forbidden")


def test_the_line_of_somebody_else_is_not_there(line: Line):
    change(line.therapist_id, waitlist_open=True)
    theirs, other = line.waits(), line.somebody()[0]
    for act in ("leave", "still-looking", "accept", "pass"):
        assert code(other.post(f"/api/v1/waitlist/{theirs.entry}/{act}")) == (404, "not_found")
    assert other.get(f"/api/v1/waitlist/{theirs.entry}").status_code == 404
    assert theirs.does("still-looking").get_json()["state"] == "waiting"
