"""A therapist cannot work, or works at other hours, and something is booked then: everybody is asked or told, and somebody sees to whoever is silent."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from booking.models import Booking
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import Practice, overlaps, states
from tests.booking.practice import signed_in
from tests.booking.test_leaving import address, ok
from tests.factories.accounts import an_account
from tests.fakes.outbox import Outbox, text_of
from therapists.models import Service

API = "/api/v1"
T = f"{API}/therapist"
MONDAY = [f"2026-11-23T{hour:02}:00:00Z" for hour in range(9, 16)]
DAY_OFF = {"from": "2026-11-23T09:00", "to": "2026-11-23T17:00"}
NEW_TIMES, CALLED_OFF = "Your appointment needs another time", "Your appointment does not take place"


@dataclass
class Day:
    """A practice with the desk, and the mails that were sent."""

    practice: Practice
    admin_id: int
    run_jobs: Callable[[], list[str]]
    outbox: Outbox
    clock: FixedClock

    def off(self, choice: str = "offer_new_times", **more: Any) -> Any:
        return self.practice.therapist.post(f"{T}/disruptions", json={**DAY_OFF, "reason": "unwell", "choice": choice, **more})

    def later(self, hours: int) -> None:
        """So many hours later, with the jobs of that time done; the therapist has signed in again."""
        self.clock.advance(hours=hours)
        self.run_jobs()
        self.practice.therapist = signed_in(self.practice.new_browser, self.practice.therapist_id)

    def lines(self, disruption: str) -> list[dict[str, Any]]:
        items = self.practice.therapist.get(f"{T}/disruptions/{disruption}/bookings").get_json()["items"]
        assert isinstance(items, list)
        return items

    def line_states(self, disruption: str) -> list[str]:
        return [line["state"] for line in self.lines(disruption)]

    def letters(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.outbox.to(address(self.practice.client_id))]

    def token(self) -> str:
        return self.outbox.token_to(address(self.practice.client_id))

    def press(self, answer: str, token: str | None = None) -> Any:
        return self.practice.new_browser().post("/appointment-changed", data={"token": token or self.token(), "answer": answer})

    def cases(self) -> list[dict[str, Any]]:
        admin = signed_in(self.practice.new_browser, self.admin_id)  # a session of staff is short
        items = admin.get(f"{API}/cases", query_string={"kind": "support"}).get_json()["items"]
        assert isinstance(items, list)
        return items


@pytest.fixture
def day(practice: Practice, run_jobs: Callable[[], list[str]], outbox: Outbox, clock: FixedClock) -> Day:
    with transaction():
        admin = an_account(roles=("admin",)).person_id
    return Day(practice, admin, run_jobs, outbox, clock)


def booked(answer: Any) -> str:
    return str(ok(answer)["id"])


def test_three_bookings_one_choice_each_one_press_a_new_time_and_a_person_for_whoever_is_silent(day: Day) -> None:
    practice = day.practice
    first = booked(practice.book(MONDAY[0]))
    second, third = (booked(practice.book(MONDAY[at], by=practice.another_client())) for at in (1, 2))
    day.run_jobs()
    preview = ok(practice.therapist.post(f"{T}/disruptions/preview", json=DAY_OFF), 200)
    assert [line["id"] for line in preview["bookings"]] == [first, second, third]
    assert preview["count"] == 3
    assert preview["bookings"][0]["clients"][0]["name"] == "Sam Field"
    assert states() == ["confirmed"] * 3

    choices = [{"booking_id": second, "choice": "cancel_free"}, {"booking_id": third, "choice": "keep"}]
    made = ok(day.off(choices=choices))
    assert (made["reason"], made["bookings"], practice.openings()) == ("unwell", 3, [])
    assert practice.book(MONDAY[4]).get_json()["code"] == "out_of_hours", "nothing can be booked there any more"
    assert set(day.line_states(made["id"])) == {"working"}
    day.run_jobs()
    assert states() == ["confirmed", "cancelled", "confirmed"]
    assert day.line_states(made["id"]) == ["told", "told", "closed"]
    assert day.letters()[-1] == NEW_TIMES
    words = text_of(day.outbox.last_to(address(practice.client_id)))
    assert "Tuesday 24 November 2026, 09:00" in words, "the next openings"

    page = day.press("read")
    assert (page.status_code, "2026-11-24T09:00:00Z" in page.text, "Rivers" in page.text) == (200, True, False)
    assert day.line_states(made["id"])[0] == "knows"
    moved = day.press("2026-11-24T09:00:00Z")
    assert (moved.status_code, "has a new time" in moved.text) == (200, True)
    assert day.line_states(made["id"]) == ["moved", "told", "closed"]
    shown = practice.client.get(f"{API}/bookings/{first}").get_json()
    assert (shown["starts_at"], shown["moves_left"], shown["cancel_free_until"]) == ("2026-11-24T09:00:00Z", 2, "2026-11-24T09:00:00Z")

    assert day.cases() == []
    day.later(16)  # 07:00, three hours before the second
    (case,) = day.cases()
    assert (case["priority"], case["due_at"], case["subject_kind"]) == ("high", MONDAY[1], "disruption_message")
    assert day.line_states(made["id"]) == ["moved", "desk", "closed"]
    kim = next(mail for mail in day.outbox.sent if str(mail["Subject"]) == CALLED_OFF)
    secret = text_of(kim).split("#token=")[1].split()[0]
    assert "called off" in day.press("read", secret).text
    assert (day.cases(), day.line_states(made["id"])) == ([], ["moved", "ended", "closed"])
    assert ok(practice.therapist.get(f"{T}/disruptions/{made['id']}"), 200)["open"] == 0
    assert practice.therapist.get(f"{T}/disruptions?open=true").get_json()["items"] == []
    cancelled = db.session.scalars(select(Booking).where(Booking.state == "cancelled")).one()
    assert (cancelled.cancelled_late, cancelled.ended_by, cancelled.end_reason) == (False, None, "therapist_away")


def test_an_appointment_for_which_nobody_chose_another_time_is_called_off_at_its_start(day: Day) -> None:
    booking = booked(day.practice.book(MONDAY[0]))
    made = ok(day.off())
    day.run_jobs()
    assert day.practice.client.get(f"{API}/bookings/{booking}/disruption").get_json()["state"] == "choose"
    assert day.practice.client.get(f"{API}/bookings/{booking}/join").get_json()["code"] == "takes_not_place"
    say = {"answer": "read"}
    assert ok(day.practice.client.post(f"{API}/bookings/{booking}/disruption", json=say), 200)["acknowledged"] is True
    assert day.practice.another_client().post(f"{API}/bookings/{booking}/disruption", json=say).status_code == 404
    assert day.practice.client.post(f"{API}/bookings/{booking}/disruption", json={"answer": "move"}).status_code == 422
    token = day.token()
    day.later(17)
    assert len(day.letters()) == 2, "nobody is reminded of it"
    day.later(1)
    assert (states(), day.cases(), day.line_states(made["id"])) == (["cancelled"], [], ["ended"])
    assert day.letters()[-1] == CALLED_OFF
    assert day.press("2026-11-24T09:00:00Z", token).status_code == 409
    assert day.press("read", "x" * 43).status_code == 410


def test_whoever_cancels_by_the_letter_owes_nothing_and_whoever_moves_in_their_account_knows(day: Day) -> None:
    booked(day.practice.book(MONDAY[0]))
    other = booked(day.practice.book(MONDAY[3]))
    made = ok(day.off())
    day.run_jobs()
    texts = [text_of(mail) for mail in day.outbox.to(address(day.practice.client_id)) if str(mail["Subject"]) == NEW_TIMES]
    first, second = (text.split("#token=")[1].split()[0] for text in texts)
    assert "called off" in day.press("cancel", first).text
    day.clock.advance(minutes=5)
    moved = day.practice.client.post(f"{API}/bookings/{other}/move", json={"start": "2026-11-24T10:00:00Z", "from": MONDAY[3]})
    assert (moved.status_code, moved.get_json()["moves_left"]) == (200, 2)
    assert day.press("cancel", second).status_code == 409, "it does not stand there any more"
    day.later(18)
    assert (states(), day.cases()) == (["cancelled", "confirmed"], [])
    assert day.line_states(made["id"]) == ["ended", "moved"]
    assert db.session.scalars(select(Booking).where(Booking.state == "cancelled")).one().cancelled_late is False


def test_requests_are_declined_holds_are_refused_and_what_is_kept_unnamed_waits_for_the_therapist(day: Day) -> None:
    practice = day.practice
    ok(practice.ask("2026-11-24T09:00:00Z"))
    kept = booked(practice.book("2026-11-24T11:00:00Z", by=practice.another_client()))
    hold = ok(practice.another_client().post(f"{API}/holds", json={"service_id": practice.service, "start": "2026-11-24T14:00:00Z"}))
    assert hold["state"] == "held"
    tuesday = {"from": "2026-11-24T09:00", "to": "2026-11-24T17:00", "reason": "other"}
    request_id = str(practice.therapist.get(f"{T}/requests").get_json()["items"][0]["id"])
    body = {**tuesday, "choice": "keep", "choices": [{"booking_id": request_id, "choice": "offer_new_times"}]}
    made = ok(practice.therapist.post(f"{T}/disruptions", json=body))
    day.run_jobs()
    assert states() == ["declined", "confirmed", "held"]
    line = day.lines(made["id"])[1]
    assert (line["booking_id"], line["state"]) == (kept, "kept")
    path = f"{T}/disruptions/{made['id']}/bookings/{line['id']}/seen"
    assert practice.therapist.post(f"{T}/disruptions/{made['id']}/bookings/{day.lines(made['id'])[0]['id']}/seen").status_code == 404
    ok(practice.therapist.post(path), 204)
    assert day.line_states(made["id"])[1] == "closed"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "time-off", {"first_day": "2026-11-23", "last_day": "2026-11-23"}),
        ("put", "overrides", {"days": [{"day": "2026-11-23", "windows": []}]}),
        ("put", "hours", {"windows": [{"weekday": 1, "from": "09:00", "to": "17:00"}]}),
        ("patch", "schedules/{schedule}", {"zone": "America/New_York"}),
        ("put", "schedules/{schedule}/hours", {"windows": []}),
        ("patch", "profile", {"zone": "America/New_York"}),
        ("patch", "services/{service}", {"schedule": "{other}"}),
        ("put", "schedules/{schedule}/zone-changes", {"changes": [{"day": "2026-11-23", "zone": "Asia/Tokyo"}]}),
    ],
    ids=["time-off", "override", "week", "zone", "schedule-week", "own-zone", "other-schedule", "travel"],
)
def test_no_change_of_hours_is_saved_silently_over_something_booked(day: Day, method: str, path: str, body: dict[str, Any]) -> None:
    practice = day.practice
    booking = booked(practice.book(MONDAY[0]))
    schedule = practice.therapist.get(f"{T}/schedules").get_json()["items"][0]["id"]
    if "{other}" in body.values():
        body = {"schedule": practice.therapist.post(f"{T}/schedules", json={"name": "No hours yet"}).get_json()["id"]}
    save = partial(getattr(practice.therapist, method), headers={"If-Match": "*"})
    where = f"{T}/{path.format(schedule=schedule, service=practice.service)}"
    refused = save(where, json=body)
    assert (refused.status_code, refused.get_json()["code"], refused.get_json()["count"]) == (409, "bookings_affected", 1)
    assert refused.get_json()["bookings"][0]["id"] == booking
    assert MONDAY[1] in practice.openings(), "nothing was saved"
    assert save(where, json={**body, "affected": "keep"}).status_code in {200, 201}
    assert MONDAY[1] not in practice.openings()
    (opened,) = practice.therapist.get(f"{T}/disruptions?open=true").get_json()["items"]
    assert (opened["cause"], opened["choice"], opened["open"]) == ("hours", "keep", 1)
    day.run_jobs()
    assert states() == ["confirmed"]
    assert save(where, json=body).status_code in {200, 201}, "the same again affects nothing new"


def test_holidays_over_a_booking_open_the_list_and_other_changes_are_not_asked_about(day: Day) -> None:
    practice = day.practice
    with transaction():
        db.session.execute(update(Service).values(window_days=60))
    booking = booked(practice.book("2026-12-28T10:00:00Z"))
    schedule = practice.therapist.get(f"{T}/schedules").get_json()["items"][0]["id"]
    england = {"holidays": {"country": "GB", "subdivision": "ENG"}}
    assert practice.therapist.patch(f"{T}/schedules/{schedule}", json={"name": "Days"}).status_code == 200
    refused = practice.therapist.patch(f"{T}/schedules/{schedule}", json=england)
    assert refused.get_json()["bookings"][0]["id"] == booking
    ok(practice.therapist.patch(f"{T}/schedules/{schedule}", json={**england, "affected": "cancel_free"}), 200)
    day.run_jobs()
    assert states() == ["cancelled"]
    assert overlaps() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"from": "2026-11-23T09:00:00Z"}, "from"),
        ({"from": "2026-11-31T09:00"}, "from"),
        ({"to": "2026-11-23T09:00"}, "to"),
        ({"to": "2028-11-23T09:00"}, "to"),
        ({"from": "2026-11-20T09:00", "to": "2026-11-21T09:00"}, "to"),
        ({"reason": "ill"}, "reason"),
    ],
    ids=["an-offset", "no-such-date", "empty", "two-years", "over", "no-such-reason"],
)
def test_an_absence_that_cannot_be_is_refused_by_its_field(day: Day, body: dict[str, str], field: str) -> None:
    answer = day.practice.therapist.post(f"{T}/disruptions", json={**DAY_OFF, "reason": "unwell", "choice": "keep", **body})
    assert (answer.status_code, field in answer.get_json()["errors"]) == (422, True), answer.text


def test_a_disruption_is_its_therapists_alone(day: Day) -> None:
    made = ok(day.off())
    assert day.practice.client.get(f"{T}/disruptions/{made['id']}").status_code == 403
    with transaction():
        from tests.booking.practice import a_therapist

        other = a_therapist(name="Kit Example").person_id
    kit = signed_in(day.practice.new_browser, other)
    assert kit.get(f"{T}/disruptions/{made['id']}").status_code == 404
    assert kit.get(f"{T}/disruptions/{made['id']}/bookings").status_code == 404
    assert kit.get(f"{T}/disruptions").get_json()["items"] == []


def test_a_therapist_takes_appointments_and_disruptions_along_without_the_names_of_clients(day: Day) -> None:
    booking = booked(day.practice.book(MONDAY[0]))
    disruption = ok(day.off())["id"]
    day.run_jobs()
    answer = day.practice.therapist.get(f"{T}/records")
    also = ok(answer, 200)["also"]
    assert [(each["id"], each["starts_at"], each["state"]) for each in also["appointments"]] == [(booking, MONDAY[0], "confirmed")]
    assert [(each["id"], each["cause"], each["reason"]) for each in also["disruptions"]] == [(disruption, "absence", "unwell")]
    assert also["disruptions"][0]["appointments"] == [{"id": booking, "was_at": MONDAY[0], "choice": "offer_new_times", "state": "told"}]
    assert "Sam Field" not in answer.text


def test_a_therapist_says_on_a_page_that_they_cannot_work_and_sees_how_everybody_stands(day: Day) -> None:
    practice = day.practice
    first, second = booked(practice.book(MONDAY[0])), booked(practice.book(MONDAY[1], by=practice.another_client()))
    day.run_jobs()
    when = {**DAY_OFF, "reason": "unwell"}
    looked = practice.therapist.post("/away", data={**when, "step": "look"})
    assert all(words in looked.text for words in (f"choice-{first}", f"choice-{second}", "Sam Field", "Monday 23 November 2026, 09:00"))
    assert practice.therapist.get("/away").text.count('href="/away/') == 0, "looking closes nothing"
    wrong = practice.therapist.post("/away", data={**when, "to": DAY_OFF["from"], "step": "look"})
    assert (wrong.status_code, "Must be after the start" in wrong.text, DAY_OFF["from"] in wrong.text) == (422, True, True)
    done = practice.therapist.post("/away", data={**when, "step": "do", f"choice-{first}": "offer_new_times", f"choice-{second}": "keep"})
    assert done.status_code == 303
    twice = practice.therapist.post("/away", data={**when, "step": "do", f"choice-{first}": "offer_new_times", f"choice-{second}": "keep"})
    assert twice.headers["Location"] == done.headers["Location"], "a button pressed twice closes the time once"
    day.run_jobs()
    looked = practice.therapist.post("/away", data={**when, "step": "look"}).text
    assert (f"choice-{first}" in looked, f"choice-{second}" in looked) == (False, True), "whoever is being told already is not asked about again"
    page = practice.therapist.get(done.headers["Location"]).text
    assert "Told, and has not let us know yet" in page
    assert "Done" in page, "what was named as staying has been seen"
    day.press("read")
    assert "Knows, and may still choose another time" in practice.therapist.get(done.headers["Location"]).text
    assert "2 booked, 1 still open" in practice.therapist.get("/away").text
    assert practice.client.get(done.headers["Location"]).status_code == 403
    assert practice.openings() == []
