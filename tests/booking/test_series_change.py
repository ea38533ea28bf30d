"""A series that changes: one date, one and all that follow, the answer to a request; each change one mail and one calendar object."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import Practice, overlaps, states
from tests.booking.practice import a_service, signed_in
from tests.booking.test_letters import mails
from tests.booking.test_series import NINE, WEEKS, allow_series, booked, starts
from therapists.models import Therapist


@pytest.fixture
def series(practice: Practice) -> dict[str, Any]:
    """Five Mondays at nine."""
    allow_series(practice)
    return booked(practice, 5)


def change(practice: Practice, series: dict[str, Any], what: str, date: int, **body: Any) -> Any:
    return practice.client.post(f"/api/v1/series/{series['id']}/{what}", json={"booking_id": series["dates"][date]["id"], **body})


def read(practice: Practice, series_id: str) -> dict[str, Any]:
    return dict(practice.client.get(f"/api/v1/series/{series_id}").get_json())


def test_one_date_is_moved_by_itself_and_told_under_the_name_of_the_series(
    practice: Practice, series: dict[str, Any], run_jobs: Callable[[], list[str]]
) -> None:
    run_jobs()
    date = series["dates"][2]
    answer = practice.client.post(f"/api/v1/bookings/{date['id']}/move", json={"start": "2026-12-08T11:00:00Z", "from": date["starts_at"]})
    assert answer.status_code == 200, answer.text
    run_jobs()
    last = mails()[-2]
    assert last.told == ("REQUEST", 1, "CONFIRMED")
    assert "RECURRENCE-ID;TZID=Europe/London:20261207T090000" in last.ics
    assert last.event is not None
    assert last.event["UID"] == mails()[0].event["UID"]  # type: ignore[index]


def test_this_and_following_move_to_a_series_of_their_own(practice: Practice, series: dict[str, Any], run_jobs: Callable[[], list[str]]) -> None:
    run_jobs()
    asked = {"booking_id": series["dates"][2]["id"], "start": "2026-12-08T10:00:00Z"}
    seen = practice.client.get(f"/api/v1/series/{series['id']}/move", query_string=asked).get_json()
    assert [date["starts_at"] for date in seen["dates"]] == ["2026-12-08T10:00:00Z", "2026-12-15T10:00:00Z", "2026-12-22T10:00:00Z"]
    later = change(practice, series, "move", 2, start="2026-12-08T10:00:00Z").get_json()
    assert starts(later) == ["2026-12-08", "2026-12-15", "2026-12-22"]
    assert [date["id"] for date in later["dates"]] == [date["id"] for date in series["dates"][2:]]
    assert starts(read(practice, series["id"])) == WEEKS[:2]
    assert overlaps() == 0
    run_jobs()
    told = {mail.kind: mail for mail in mails()[2:] if mail.to == mails()[0].to}
    assert set(told) == {"series_moved", "series_shortened"}
    assert told["series_moved"].told == ("REQUEST", 0, "CONFIRMED")
    assert told["series_shortened"].told == ("REQUEST", 1, "CONFIRMED")
    assert "UNTIL=20261130T090000Z" in told["series_shortened"].ics


def test_a_move_onto_its_own_later_dates_is_possible_and_a_move_onto_others_changes_nothing(practice: Practice, series: dict[str, Any]) -> None:
    other = practice.another_client()
    assert practice.book("2026-12-15T10:00:00Z", by=other).status_code == 201
    refused = change(practice, series, "move", 2, start="2026-12-08T10:00:00Z")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "series_conflicts")
    assert [each["position"] for each in refused.get_json()["conflicts"]] == [2]
    assert starts(read(practice, series["id"])) == WEEKS[:5]
    later = change(practice, series, "move", 1, start=WEEKS[2] + NINE)
    assert starts(later.get_json()) == WEEKS[2:6]


def test_following_dates_may_become_fortnightly(practice: Practice, series: dict[str, Any]) -> None:
    later = change(practice, series, "move", 1, start=WEEKS[1] + NINE, every_weeks=2).get_json()
    assert starts(later) == ["2026-11-30", "2026-12-14", "2026-12-28", "2027-01-11"]
    assert later["every_weeks"] == 2


def test_what_has_begun_stays_when_the_rest_is_cancelled(
    practice: Practice, series: dict[str, Any], clock: FixedClock, run_jobs: Callable[[], list[str]]
) -> None:
    run_jobs()
    clock.advance(days=8)  # a Monday at three: two of them are over
    practice.client = signed_in(practice.new_browser, practice.client_id)
    assert change(practice, series, "cancel", 1, reason="time").get_json()["code"] == "already_started"
    answer = change(practice, series, "cancel", 2, reason="time")
    assert starts(answer.get_json(), "cancelled") == WEEKS[2:5]
    run_jobs()
    ended = [mail for mail in mails() if mail.kind == "series_cancelled"]
    assert len(ended) == 2
    assert ended[0].told == ("REQUEST", 1, "CONFIRMED")  # two dates of it remain
    assert "UNTIL=20261130T090000Z" in ended[0].ics


def test_cancelling_all_takes_the_series_out_of_the_calendar(practice: Practice, series: dict[str, Any], run_jobs: Callable[[], list[str]]) -> None:
    run_jobs()
    change(practice, series, "cancel", 0, reason="time")
    run_jobs()
    last = next(mail for mail in mails() if mail.kind == "series_cancelled")
    assert last.told == ("CANCEL", 1, "CANCELLED")
    assert states() == ["cancelled"] * 5
    assert change(practice, series, "cancel", 0, reason="time").get_json()["code"] == "ended"


def test_a_therapist_moves_only_with_a_reason_and_strangers_not_at_all(practice: Practice, series: dict[str, Any]) -> None:
    body = {"booking_id": series["dates"][1]["id"], "start": "2026-12-01T10:00:00Z"}
    address = f"/api/v1/series/{series['id']}/move"
    assert practice.therapist.post(address, json=body).get_json()["errors"].keys() == {"reason"}
    assert practice.another_client().post(address, json=body).status_code == 404
    assert practice.therapist.post(address, json={**body, "reason": "time"}).status_code == 200


@pytest.mark.parametrize(("answer", "state"), [("confirm", "confirmed"), ("decline", "declined"), ("withdraw", "withdrawn")])
def test_a_requested_series_gets_one_answer_and_one_mail(practice: Practice, run_jobs: Callable[[], list[str]], answer: str, state: str) -> None:
    with transaction():
        practice.service = str(a_service(db.session.get_one(Therapist, practice.therapist_id), instant=False).public_id)
    allow_series(practice)
    asked = booked(practice, 3, start="2026-11-26T10:00:00Z")
    address = f"/api/v1/series/{asked['id']}/{answer}"
    body = {"reason": "time"} if answer == "decline" else None
    wrong, right = (practice.therapist, practice.client) if answer == "withdraw" else (practice.client, practice.therapist)
    assert wrong.post(address, json=body).status_code == 403
    done = right.post(address, json=body)
    assert done.status_code == 200, done.text
    assert states() == [state] * 3
    assert right.post(address, json=body).status_code == 409
    run_jobs()
    assert [mail.kind for mail in mails()].count(f"series_{state}") == 2
    care = "trial" if state == "confirmed" else "ended"
    assert db.session.execute(text("SELECT state FROM care_relations")).scalar_one() == care
