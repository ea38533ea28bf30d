"""What people are told, step by step: one letter each, with the calendar object of that step, and nothing that gives anybody away."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from accounts.models import Account
from booking.models import Booking
from core.clock import FixedClock
from core.db import db, transaction
from notices.models import Notice
from tests.booking.conftest import Practice
from tests.booking.practice import a_consultation, a_service, a_therapist, signed_in, utc
from tests.browser import BASE_URL
from therapists.models import Service, Therapist

HEALTH = re.compile(r"therap|psych|counsel|clinic|health|mental|patient|treat|session|diagnos", re.IGNORECASE)


@dataclass
class Mail:
    to: str
    kind: str
    subject: str
    text: str
    method: str | None
    event: Event | None
    ics: str

    @property
    def told(self) -> tuple[str, int, str]:
        assert self.event is not None
        return self.method or "", int(self.event["SEQUENCE"]), str(self.event["STATUS"])


def mails() -> list[Mail]:
    """All notices so far, in order."""
    found = []
    with transaction():
        addresses = dict(db.session.execute(select(Account.email, Account.person_id)).all())
        for notice in db.session.execute(select(Notice).order_by(Notice.id)).scalars():
            letter = notice.letter
            assert addresses[letter["address"]] == notice.person_id
            ics = base64.b64decode(letter["calendar"]["content"]).decode() if letter["calendar"] else ""
            event = Calendar.from_ical(ics).walk("VEVENT")[0] if ics else None
            method = letter["calendar"]["method"] if ics else None
            found.append(Mail(letter["address"], notice.kind, letter["subject"], letter["text"], method, event, ics))
    return found


@dataclass
class Story:
    practice: Practice
    run_jobs: Callable[[], list[str]]
    client: str
    therapist: str

    def step(self, booking: str, name: str, *, by: str, **body) -> None:
        browser = self.practice.client if by == "client" else self.practice.therapist
        answer = browser.post(f"/api/v1/bookings/{booking}/{name}", json=body or None)
        assert answer.status_code == 200, answer.text
        self.run_jobs()

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in mails() if mail.to == address]


@pytest.fixture
def story(practice: Practice, run_jobs: Callable[[], list[str]]) -> Story:
    with transaction():
        addresses = dict(db.session.execute(select(Account.person_id, Account.email)).all())
    return Story(practice, run_jobs, addresses[practice.client_id], addresses[practice.therapist_id])


def test_F4_F3_asked_confirmed_cancelled_is_one_uid_with_rising_sequence(story: Story):
    booking = story.practice.ask(title="Coffee; with, Ł☂").get_json()["id"]
    story.run_jobs()
    story.step(booking, "confirm", by="therapist")
    story.step(booking, "cancel", by="client", reason="time", note="Very private words")
    for address in (story.client, story.therapist):
        received = story.to(address)
        assert [mail.told for mail in received] == [("REQUEST", 0, "TENTATIVE"), ("REQUEST", 1, "CONFIRMED"), ("CANCEL", 2, "CANCELLED")]
        assert len({str(mail.event["UID"]) for mail in received}) == 1
        for mail in received:
            assert f"METHOD:{mail.method}" in mail.ics
            assert str(mail.event["ORGANIZER"]) == str(received[0].event["ORGANIZER"])
            assert str(mail.event["ATTENDEE"]) == f"mailto:{address}"
            assert "Very private words" not in mail.text + mail.ics
    uid = str(story.to(story.client)[0].event["UID"])
    assert uid != booking
    assert "@" not in uid


def test_an_instant_booking_tells_both_at_once_with_sequence_zero(story: Story):
    assert story.practice.book().status_code == 201
    assert story.run_jobs() == ["booking.tell", "notices.deliver", "notices.deliver"]
    assert [(mail.kind, mail.told) for mail in mails()] == [("booking_confirmed", ("REQUEST", 0, "CONFIRMED"))] * 2


def test_the_title_is_the_clients_own_and_the_therapist_reads_a_neutral_one(story: Story):
    story.practice.book(title="Coffee")
    story.practice.book("2026-11-24T11:00:00Z")
    story.run_jobs()
    assert [str(mail.event["SUMMARY"]) for mail in story.to(story.client)] == ["Coffee", "Appointment"]
    assert [str(mail.event["SUMMARY"]) for mail in story.to(story.therapist)] == ["Appointment", "Appointment"]


def test_no_letter_names_another_persons_address_and_no_subject_or_file_says_what_it_is_about(story: Story):
    practice = story.practice
    declined, withdrawn = practice.ask().get_json()["id"], practice.ask("2026-11-25T09:00:00Z").get_json()["id"]
    cancelled = practice.book().get_json()["id"]
    story.run_jobs()
    story.step(declined, "decline", by="therapist", reason="full")
    story.step(withdrawn, "withdraw", by="client")
    story.step(cancelled, "cancel", by="therapist", reason="time", note="Sorry")
    sent = mails()
    assert len(sent) == 12
    for mail in sent:
        others = story.therapist if mail.to == story.client else story.client
        assert others not in mail.text + mail.ics + mail.subject
        assert not HEALTH.search(mail.subject), mail.subject
        assert not HEALTH.search(mail.ics), mail.ics
        assert "Alex" not in mail.subject
        assert "Sam" not in mail.subject
        reader = practice.client if mail.to == story.client else practice.therapist
        led = re.findall(rf"{BASE_URL}(/\S*)", mail.text)
        assert led
        assert "/" not in led, "to the page of it, not to the first one"
        assert [reader.get(path).status_code for path in led] == [200] * len(led), mail.text
    files = [practice.client.get(f"/api/v1/bookings/{each}/invitation.ics").text for each in (declined, withdrawn, cancelled)]
    assert not any(HEALTH.search(file) for file in files)


def test_times_are_written_on_each_readers_clock_and_the_zone_is_named(practice: Practice, run_jobs: Callable[[], list[str]]):
    with transaction():
        therapist = a_therapist(zone="America/New_York", hours="09:00-17:00", name="Toni Brook")
        service, giver = str(a_service(therapist).public_id), therapist.person_id
    practice.book("2026-11-24T15:00:00Z", service=service)
    run_jobs()
    texts = {mail.to: mail.text for mail in mails()}
    with transaction():
        addresses = dict(db.session.execute(select(Account.person_id, Account.email)).all())
    assert "Tuesday 24 November 2026, 15:00 (Europe/London)" in texts[addresses[practice.client_id]]
    assert "Tuesday 24 November 2026, 10:00 (America/New_York)" in texts[addresses[giver]]


def test_a_cancellation_by_the_therapist_says_who_and_that_there_is_a_note(story: Story):
    booking = story.practice.book().get_json()["id"]
    story.run_jobs()
    story.step(booking, "cancel", by="therapist", reason="unwell", note="See you soon")
    letter = story.to(story.client)[-1]
    assert "Alex Rivers had to cancel" in letter.text
    assert "They left you a note" in letter.text
    assert "unwell" not in letter.text
    assert "See you soon" not in letter.text
    assert "They left you a note" not in story.to(story.therapist)[-1].text


@pytest.fixture
def colleagues(practice: Practice) -> dict[str, str]:
    """Others who give consultations: who could be offered, and who could not, by name with the id of their service."""
    with transaction():
        made = {
            "Early": a_consultation(a_therapist(name="Early", hours="09:00-12:00")),
            "Later": a_consultation(a_therapist(name="Later", hours="12:00-15:00")),
            "Latest": a_consultation(a_therapist(name="Latest", hours="16:00-17:00")),
            "Fourth": a_consultation(a_therapist(name="Fourth", hours="16:30-17:00", weekdays="34")),
            "Elsewhere": a_consultation(a_therapist(name="Elsewhere", register=("us_state_board", "psychologist"), jurisdictions=["US-CA"])),
            "Full": a_consultation(a_therapist(name="Full", places=0)),
            "Costly": a_service(a_therapist(name="Costly"), kind="consultation", fee=5000, minutes=20),
            "OnSite": a_consultation(a_therapist(name="OnSite"), mode="phone"),
        }
        silent = a_therapist(name="Unpublished")
        a_consultation(silent)
        silent.published_at = None
        return {name: str(service.public_id) for name, service in made.items()}


def test_a_client_whose_request_comes_to_nothing_gets_three_openings_that_book(story: Story, colleagues: dict[str, str]):
    practice = story.practice
    booking = practice.ask().get_json()["id"]
    story.run_jobs()
    story.step(booking, "decline", by="therapist", reason="full")
    letter = story.to(story.client)[-1]
    lines = [line for line in letter.text.splitlines() if line.startswith("- ")]
    assert lines == [
        "- Early: Monday 23 November 2026, 09:00 (Europe/London)",
        "- Later: Monday 23 November 2026, 12:00 (Europe/London)",
        "- Latest: Monday 23 November 2026, 16:00 (Europe/London)",
    ]
    assert letter.told == ("CANCEL", 1, "CANCELLED")
    led = re.findall(rf"^  {BASE_URL}(/\S*)$", letter.text, re.MULTILINE)
    assert [name in practice.client.get(path).text for name, path in zip(("Early", "Later", "Latest"), led, strict=True)] == [True] * 3
    offered = practice.client.get(f"/api/v1/bookings/{booking}").get_json()["alternatives"]
    assert [each["therapist_name"] for each in offered] == ["Early", "Later", "Latest"]
    assert [each["service_id"] for each in offered] == [colleagues[name] for name in ("Early", "Later", "Latest")]
    assert [practice.book(each["start"], service=each["service_id"]).status_code for each in offered] == [201, 201, 201]
    assert practice.therapist.get(f"/api/v1/bookings/{booking}").get_json()["alternatives"] == []


def test_an_expired_request_brings_them_too_and_the_therapist_is_told(
    practice: Practice, story: Story, colleagues: dict[str, str], clock: FixedClock, run_jobs: Callable[[], list[str]]
):
    practice.ask("2026-11-30T09:00:00Z")
    run_jobs()
    clock.instant = utc("2026-11-23T15:00")
    run_jobs()
    clock.instant = utc("2026-11-24T15:00:01")
    run_jobs()
    kinds = [(mail.kind, mail.to == story.client) for mail in mails()]
    assert kinds == [
        ("booking_requested", True),
        ("booking_requested", False),
        ("booking_chase", False),
        ("booking_expired", True),
        ("booking_expired", False),
    ]
    assert len([line for line in story.to(story.client)[-1].text.splitlines() if line.startswith("- ")]) == 3


def test_nobody_to_offer_is_said_without_an_empty_list(story: Story):
    booking = story.practice.ask().get_json()["id"]
    story.run_jobs()
    story.step(booking, "decline", by="therapist", reason="full")
    letter = story.to(story.client)[-1]
    assert "You can look for other openings here" in letter.text
    assert "- " not in letter.text


def test_a_repeated_job_writes_no_second_letter(story: Story):
    from booking.letters import tell
    from booking.models import BookingEvent

    story.practice.book()
    story.run_jobs()
    with transaction():
        event_id = db.session.execute(select(BookingEvent.id)).scalar_one()
    tell.run(event_id=event_id)
    assert len(mails()) == 2


def test_a_late_job_still_tells_what_was_true_at_its_step(story: Story):
    booking = story.practice.ask().get_json()["id"]
    story.practice.therapist.post(f"/api/v1/bookings/{booking}/confirm")
    story.practice.client.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "time"})
    story.run_jobs()
    received = story.to(story.client)
    assert [mail.told for mail in received] == [("REQUEST", 0, "TENTATIVE"), ("REQUEST", 1, "CONFIRMED"), ("CANCEL", 2, "CANCELLED")]
    assert "You get an answer by Monday 23 November 2026, 21:00 (Europe/London)" in received[0].text


def test_the_file_of_a_booking_follows_its_state(story: Story):
    practice = story.practice
    booking = practice.ask(title="Coffee").get_json()["id"]

    def file(browser) -> tuple[str, str, int, str]:
        answer = browser.get(f"/api/v1/bookings/{booking}/invitation.ics")
        assert answer.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
        (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
        assert "ATTENDEE" not in event
        return str(event["UID"]), str(event["STATUS"]), int(event["SEQUENCE"]), str(event["SUMMARY"])

    with transaction():
        uid = db.session.execute(select(Booking.calendar_uid)).scalar_one()
    assert file(practice.client) == (uid, "TENTATIVE", 0, "Coffee")
    assert file(practice.therapist) == (uid, "TENTATIVE", 0, "Appointment")
    story.step(booking, "confirm", by="therapist")
    assert file(practice.client) == (uid, "CONFIRMED", 1, "Coffee")
    story.step(booking, "cancel", by="client", reason="time")
    assert file(practice.client) == (uid, "CANCELLED", 2, "Coffee")


def test_F7_an_awkward_name_reaches_both_in_one_piece(practice: Practice, run_jobs: Callable[[], list[str]]):
    awkward = 'Ann; "A", Łukasz\n☂' * 8
    with transaction():
        db.session.get_one(Therapist, practice.therapist_id).display_name = awkward
    practice.book()
    run_jobs()
    plain = " ".join(awkward.split())
    by_name = [mail for mail in mails() if plain.replace('"', "'") == mail.event["ATTENDEE"].params.get("CN")]
    assert len(by_name) == 1
    assert any(plain in mail.text for mail in mails())


def test_a_request_that_was_overtaken_is_told_like_any_other_no(practice: Practice, story: Story, run_jobs: Callable[[], list[str]]):
    with transaction():
        db.session.execute(Service.__table__.update().where(Service.therapist_id == practice.therapist_id).values(request_blocks=False))
    first = practice.ask().get_json()["id"]
    rival = practice.another_client()
    second = practice.ask(by=rival).get_json()["id"]
    run_jobs()
    practice.therapist.post(f"/api/v1/bookings/{second}/confirm")
    run_jobs()
    assert [mail.kind for mail in story.to(story.client)] == ["booking_requested", "booking_declined"]
    client = signed_in(practice.new_browser, practice.client_id)
    assert "says nothing about you" in client.get(f"/api/v1/bookings/{first}").get_json()["message"]
