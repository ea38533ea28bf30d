"""Right before a session: where the client is, the way in, and sessions that cannot begin."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from booking.online.called_off import forget_arrivals, recheck_before_start
from booking.online.room import room_name
from care.pause import lift_pause, pause_for_safety
from care.places import place_of
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import Practice, states
from tests.booking.practice import a_client, a_service, signed_in, utc
from tests.booking.test_letters import mails
from tests.booking.test_request import change, code
from tests.browser import Browser
from therapists.models import Credential, Service, Therapist

START, OWN_LINK = "2026-11-23T09:00", "https://meet.example.org/alex?pwd=Zz9"
HOME = {"jurisdiction": "GB-ENG", "address": "12 Harbour Row, Leeds", "phone": "+44 20 7946 0000"}
AWAY = HOME | {"jurisdiction": "US-NY"}


@pytest.fixture(autouse=True)
def rooms(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "ROOM_BASE_URL", "https://rooms.example.org")


@pytest.fixture
def booked(practice: Practice) -> str:
    return str(practice.book().get_json()["id"])


def sides(practice: Practice, clock: FixedClock, at: str) -> tuple[Browser, Browser]:
    """Client and therapist, signed in at that instant."""
    clock.instant = utc(at)
    return signed_in(practice.new_browser, practice.client_id), signed_in(practice.new_browser, practice.therapist_id)


def arrive(browser: Browser, booking: str, **body: Any) -> TestResponse:
    return browser.post(f"/api/v1/bookings/{booking}/arrival", json=HOME | body)


def enter(browser: Browser, booking: str) -> TestResponse:
    return browser.get(f"/api/v1/bookings/{booking}/join")


def look(browser: Browser, booking: str) -> TestResponse:
    return browser.get(f"/api/v1/bookings/{booking}/whereabouts")


def suspend(therapist_id: int) -> None:
    change(Credential, Credential.therapist_id == therapist_id, state="suspended")


def sweep() -> None:
    with transaction():
        recheck_before_start.work()


def read_audit(action: str) -> int:
    with transaction():
        return int(db.session.execute(text("SELECT count(*) FROM audit_entries WHERE action = :action"), {"action": action}).scalar_one())


def test_the_way_in_opens_15_minutes_before_for_a_client_who_said_where_they_are(practice: Practice, booked: str, clock: FixedClock):
    client, therapist = sides(practice, clock, "2026-11-23T06:59")
    assert code(arrive(client, booked)) == (403, "too_early")
    client, therapist = sides(practice, clock, "2026-11-23T07:00")
    told = arrive(client, booked).get_json()
    assert (told["state"], told["accepted"], told["opens"], told["closes"]) == ("confirmed", True, "2026-11-23T08:45:00Z", "2026-11-23T10:20:00Z")
    client, therapist = sides(practice, clock, "2026-11-23T08:44")
    assert code(enter(client, booked)) == (403, "too_early")
    assert code(enter(therapist, booked)) == (403, "too_early")
    clock.instant = utc("2026-11-23T08:45")
    link = enter(client, booked).get_json()["link"]
    assert link.startswith("https://rooms.example.org/")
    assert enter(therapist, booked).get_json()["link"] == link
    client, _ = sides(practice, clock, "2026-11-23T10:19")
    assert enter(client, booked).status_code == 200
    clock.instant = utc("2026-11-23T10:20")
    assert code(enter(client, booked)) == (410, "too_late")
    assert code(arrive(client, booked)) == (410, "too_late")


def test_a_client_who_has_not_said_where_they_are_is_asked_first_and_the_therapist_is_not(practice: Practice, booked: str, clock: FixedClock):
    client, therapist = sides(practice, clock, START)
    assert code(enter(client, booked)) == (409, "arrival_needed")
    assert enter(therapist, booked).status_code == 200
    assert code(arrive(therapist, booked)) == (403, "forbidden")
    assert code(look(client, booked)) == (403, "forbidden")
    stranger = practice.another_client()
    assert [code(answer)[0] for answer in (arrive(stranger, booked), enter(stranger, booked), look(stranger, booked))] == [404] * 3


def test_a_room_has_a_name_of_160_bits_that_says_nothing_and_changes_with_the_booking_and_its_start():
    bookings = [UUID(f"00000000-0000-4000-8000-00000000000{number}") for number in (1, 2)]
    names = {room_name(each, utc(at), secret=key) for each in bookings for at in (START, "2026-11-23T10:00") for key in ("a" * 32, "b" * 32)}
    assert len(names) == 8
    assert {len(name) for name in names} == {32}
    assert all(name.isalnum() and name.islower() for name in names)


def test_a_link_of_the_therapists_own_is_sealed_and_shown_in_the_window_only(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    address = f"/api/v1/therapist/services/{practice.service}/session-link"
    assert practice.therapist.get(address).get_json() == {"address": None, "link_from": "platform", "notice": None}
    assert practice.therapist.put(address, json={"address": OWN_LINK}).get_json()["link_from"] == "therapist"
    for bad in ("http://meet.example.org/x", "https://a:b@meet.example.org/", "javascript:alert(1)", "https://meet", "https://meet.example.org/a b"):
        assert code(practice.therapist.put(address, json={"address": bad})) == (422, "session_link_refused"), bad
    assert code(practice.another_client().put(address, json={"address": OWN_LINK})) == (403, "forbidden")
    run_jobs()
    client, _ = sides(practice, clock, "2026-11-23T08:45")
    assert OWN_LINK not in client.get(f"/api/v1/bookings/{booked}").text
    arrive(client, booked)
    assert enter(client, booked).get_json()["link"] == OWN_LINK
    with transaction():
        assert "meet.example" not in "".join(db.session.execute(text("SELECT s::text FROM services s")).scalars())
    told = [f"{mail.subject} {mail.text} {mail.ics}" for mail in mails()]
    assert told
    assert not [mail for mail in told if "meet.example" in mail or "rooms.example" in mail]
    assert all(f"/join/{booked}" in mail for mail in told)
    _, therapist = sides(practice, clock, "2026-11-23T08:46")
    assert therapist.delete(address).get_json()["link_from"] == "platform"


def test_without_link_and_rooms_both_sides_are_told_who_sends_one(practice: Practice, booked: str, clock: FixedClock, app: Flask):
    app.config["ROOM_BASE_URL"] = ""
    told = practice.therapist.get(f"/api/v1/therapist/services/{practice.service}/session-link").get_json()
    assert (told["link_from"], "no link for this service" in told["notice"]) == ("nobody", True)
    assert {item["link_from"] for item in practice.therapist.get("/api/v1/therapist/services").get_json()["items"]} == {"nobody"}
    assert practice.client.get(f"/api/v1/bookings/{booked}").get_json()["meeting"] == "Your therapist will send you the link."
    client, _ = sides(practice, clock, START)
    arrive(client, booked)
    told = enter(client, booked).get_json()
    assert (told["link"], told["words"]) == (None, "Your therapist will send you the link.")


def test_the_therapist_reads_where_the_client_is_from_15_minutes_before_until_a_day_after_and_each_look_is_recorded(
    practice: Practice, booked: str, clock: FixedClock
):
    client, therapist = sides(practice, clock, "2026-11-23T08:30")
    arrive(client, booked)
    assert code(look(therapist, booked)) == (403, "too_early")
    clock.instant = utc("2026-11-23T08:45")
    seen = look(therapist, booked).get_json()["items"]
    assert {name: seen[0][name] for name in HOME} == HOME
    arrive(client, booked, address="A friend's, 3 Mill Lane")
    assert look(therapist, booked).get_json()["items"][0]["address"] == "A friend's, 3 Mill Lane"
    assert read_audit("booking.whereabouts_read") == 2
    clock.instant = utc("2026-11-24T09:49")
    _, therapist = sides(practice, clock, "2026-11-24T09:49")
    assert look(therapist, booked).status_code == 200
    clock.instant = utc("2026-11-24T09:50")
    assert code(look(therapist, booked)) == (410, "too_late")
    with transaction():
        assert db.session.execute(text("SELECT count(*) FROM arrivals")).scalar_one() == 1
        assert "Mill Lane" not in "".join(db.session.execute(text("SELECT a::text FROM arrivals a")).scalars())
        forget_arrivals.work()
        assert db.session.execute(text("SELECT count(*) FROM arrivals")).scalar_one() == 0


def test_P07_M10_the_place_at_the_session_counts_and_not_the_profile(practice: Practice, booked: str, clock: FixedClock):
    client, therapist = sides(practice, clock, "2026-11-23T08:50")
    refused = arrive(client, booked, **AWAY)
    assert code(refused) == (409, "may_not_treat_here")
    assert refused.get_json()["reasons"] == ["jurisdiction"]
    assert states() == ["confirmed"]
    assert code(enter(client, booked)) == (409, "arrival_needed"), "a place that was refused opens nothing"
    assert look(therapist, booked).get_json()["items"][0]["address"] is None, "and nothing of it is kept"
    assert arrive(client, booked, jurisdiction="GB-SCT").status_code == 200
    assert enter(client, booked).status_code == 200
    with transaction():
        place = place_of(practice.client_id, at=clock.now())
        assert place is not None
        assert (place.jurisdiction, place.source, place.zone) == ("GB-SCT", "booking", "Europe/London")


def test_P07_whoever_stays_where_they_may_not_be_treated_owes_nothing_and_both_are_told(practice: Practice, clock: FixedClock, run_jobs):
    change(Service, Service.therapist_id == practice.therapist_id, late_fee_percent=100)
    booked = practice.book().get_json()["id"]
    run_jobs()
    before = len(mails())
    client, _ = sides(practice, clock, "2026-11-23T08:50")
    told = arrive(client, booked, **AWAY, stay=True).get_json()
    assert (told["state"], told["accepted"]) == ("cancelled", False)
    shown = client.get(f"/api/v1/bookings/{booked}").get_json()
    assert (shown["state"], shown["owed"], shown["cancelled_late"]) == ("cancelled", None, False)
    run_jobs()
    assert len({mail.to for mail in mails()[before:]}) == 2
    assert all("owe nothing" in f"{mail.subject} {mail.text} {mail.ics}" for mail in mails()[before:])
    with transaction():
        place = place_of(practice.client_id, at=clock.now())
        assert place is not None
        assert place.jurisdiction == "US-NY"


def test_a_refused_place_that_nobody_corrects_ends_the_session_15_minutes_after_its_start(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    client, _ = sides(practice, clock, "2026-11-23T08:50")
    arrive(client, booked, **AWAY)
    clock.instant = utc("2026-11-23T09:15")
    run_jobs()
    assert states() == ["cancelled"]
    assert read_audit("booking.arrival_refused") == 1


def test_a_refused_place_that_is_corrected_ends_nothing(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    client, _ = sides(practice, clock, "2026-11-23T08:50")
    arrive(client, booked, **AWAY)
    assert arrive(client, booked).status_code == 200
    clock.instant = utc("2026-11-23T09:15")
    run_jobs()
    assert states() == ["confirmed"]


def test_P38_a_credential_suspended_between_booking_and_session_blocks_it_free_of_charge_and_help_is_offered(
    practice: Practice, booked: str, clock: FixedClock, run_jobs
):
    run_jobs()
    before = len(mails())
    clock.instant = utc("2026-11-23T07:59")
    suspend(practice.therapist_id)
    sweep()
    run_jobs()
    assert states() == ["confirmed"], "an hour before, and not earlier: until then the desk may find another way"
    clock.instant = utc("2026-11-23T08:00")
    sweep()
    run_jobs()
    assert states() == ["cancelled"]
    client, _ = sides(practice, clock, "2026-11-23T08:01")
    assert client.get(f"/api/v1/bookings/{booked}").get_json()["owed"] is None
    letters = [f"{mail.subject} {mail.text} {mail.ics}" for mail in mails()[before:]]
    assert any("look for other openings" in letter and "owe nothing" in letter for letter in letters)
    with transaction():
        found = db.session.execute(text("SELECT kind, person_id FROM cases WHERE subject_kind = 'client_without_therapist'")).all()
    assert [tuple(row) for row in found] == [("matchmaking", practice.client_id)]


def test_P38_a_suspension_in_the_last_hour_stops_both_sides_at_the_door(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    client, therapist = sides(practice, clock, "2026-11-23T08:50")
    arrive(client, booked)
    suspend(practice.therapist_id)
    for browser in (client, therapist):
        assert code(enter(browser, booked)) == (409, "may_not_treat")
    assert states() == ["confirmed"], "a look changes nothing"
    assert code(arrive(client, booked)) == (409, "may_not_treat")
    run_jobs()
    assert states() == ["cancelled"]


def test_P38_a_credential_lost_for_one_place_ends_the_session_of_whoever_is_there(practice: Practice, booked: str, clock: FixedClock, run_jobs):
    client, _ = sides(practice, clock, "2026-11-23T08:50")
    arrive(client, booked)
    change(Credential, Credential.therapist_id == practice.therapist_id, jurisdictions=["GB-SCT"])
    assert code(enter(client, booked)) == (409, "may_not_treat")
    sweep()
    run_jobs()
    assert states() == ["cancelled"]


def test_whatever_else_the_therapist_may_not_do_by_now_ends_the_session_too_and_a_pause_only_waits(
    practice: Practice, booked: str, clock: FixedClock, run_jobs
):
    client, _ = sides(practice, clock, "2026-11-23T08:50")
    with transaction():
        pause_for_safety(practice.client_id, now=clock.now())
    assert code(arrive(client, booked)) == (409, "paused")
    sweep()
    run_jobs()
    assert states() == ["confirmed"]
    with transaction():
        lift_pause(practice.client_id, by=practice.client_id, outcome="false_alarm", now=clock.now())
    change(Therapist, Therapist.person_id == practice.therapist_id, age_bands=["age_65_plus"])
    assert code(arrive(client, booked)) == (409, "may_not_treat")
    run_jobs()
    assert states() == ["cancelled"]


def test_a_session_that_was_moved_asks_again(practice: Practice, booked: str, clock: FixedClock):
    client, therapist = sides(practice, clock, "2026-11-23T08:50")
    arrive(client, booked)
    body = {"start": "2026-11-23T10:00:00Z", "from": "2026-11-23T09:00:00Z", "reason": "time"}
    assert therapist.post(f"/api/v1/bookings/{booked}/move", json=body).status_code == 200
    client, therapist = sides(practice, clock, "2026-11-23T09:50")
    assert code(enter(client, booked)) == (409, "arrival_needed")
    assert look(therapist, booked).get_json()["items"][0]["address"] is None


@pytest.mark.parametrize(("mode", "expected"), [("phone", 200), ("in_person", 409)])
def test_a_call_asks_where_the_client_is_and_a_session_in_person_does_not(practice: Practice, clock: FixedClock, mode: str, expected: int):
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        service = str(a_service(therapist, mode=mode).public_id)
    booked = practice.book(service=service).get_json()["id"]
    client, _ = sides(practice, clock, START)
    answer = arrive(client, booked)
    assert answer.status_code == expected
    told = enter(client, booked).get_json()
    assert told["link"] is None
    assert ("calls you" in (told["words"] or "")) == (mode == "phone")


@pytest.mark.parametrize(
    "wrong", [{"jurisdiction": "XX-1"}, {"phone": "call me"}, {"phone": "12"}, {"address": "x"}, {"address": " "}, {"more": 1}, {"stay": "yes"}]
)
def test_what_cannot_be_used_is_refused_by_field(practice: Practice, booked: str, clock: FixedClock, wrong: dict[str, Any]):
    client, _ = sides(practice, clock, START)
    assert arrive(client, booked, **wrong).status_code == 422


def test_the_page_asks_then_shows_the_way_in_and_loads_nothing_foreign(practice: Practice, booked: str, clock: FixedClock):
    assert practice.new_browser().get(f"/join/{booked}").headers["Location"] == f"/sign-in?next=/join/{booked}"
    assert practice.another_client().get(f"/join/{booked}").status_code == 404
    client, therapist = sides(practice, clock, "2026-11-23T08:50")
    page = client.get(f"/join/{booked}")
    assert page.status_code == 200
    assert "Where are you now?" in page.text
    assert "rooms.example" not in page.text
    form = HOME | {"csrf_token": client.csrf_token}
    refused = client.post(f"/join/{booked}", data=form | {"jurisdiction": "US-NY"})
    assert refused.status_code == 409
    assert "I stay there" in refused.text
    assert client.post(f"/join/{booked}", data=form | {"phone": "?"}).status_code == 422
    done = client.post(f"/join/{booked}", data=form)
    assert done.status_code == 200
    assert 'rel="noopener noreferrer"' in done.text
    assert done.text.count("https://") == 1, "the plain link and nothing else"
    page = therapist.get(f"/join/{booked}")
    assert "Join the session" in page.text
    assert HOME["address"] not in page.text
    assert HOME["address"] in therapist.get(f"/join/{booked}/whereabouts").text
    assert client.get(f"/join/{booked}/whereabouts").status_code == 403
    ended = client.post(f"/join/{booked}", data=form | {"jurisdiction": "US-NY", "stay": "true"})
    assert "called off" in ended.text
    assert states() == ["cancelled"]


def test_a_client_of_another_session_of_the_same_therapist_reads_nothing_of_it(practice: Practice, booked: str, clock: FixedClock):
    with transaction():
        other = a_client(name="Kim Wood").person_id
    clock.instant = utc("2026-11-23T08:50")
    browser = signed_in(practice.new_browser, other)
    assert practice.book("2026-11-23T11:00:00Z", by=browser).status_code == 201
    assert code(enter(browser, booked))[0] == 404
