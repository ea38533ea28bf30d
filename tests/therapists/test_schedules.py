"""A therapist's schedules, time off, holidays and limits over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from core.db import transaction
from tests.booking.practice import a_service, a_therapist, signed_in
from tests.browser import Browser

T = "/api/v1/therapist"


@pytest.fixture
def noa(client: Callable[[], Browser]) -> Browser:
    with transaction():
        therapist = a_therapist()
        a_service(therapist)
        person_id = therapist.person_id
    return signed_in(client, person_id)


def first(items: dict[str, Any]) -> dict[str, Any]:
    return items["items"][0]  # type: ignore[no-any-return]


def test_schedules_are_opened_changed_used_and_taken_away(noa: Browser) -> None:
    made = noa.post(f"{T}/schedules", json={"name": "Evenings", "holidays": {"country": "GB", "subdivision": "SCT"}})
    assert made.status_code == 201, made.text
    assert (made.json["zone"], made.json["is_default"], made.json["holidays"]["subdivision"]) == (None, False, "SCT")
    path = f"{T}/schedules/{made.json['id']}"
    windows = [{"weekday": 1, "from": "18:00", "to": "24:00"}, {"weekday": 4, "from": "22:00", "to": "02:00"}]
    assert noa.put(f"{path}/hours", json={"windows": windows}).json["hours"] == windows
    days = [{"day": "2026-12-24", "windows": []}]
    assert noa.put(f"{path}/overrides", json={"days": days}).json["overrides"] == days
    service = first(noa.get(f"{T}/services").json)["id"]
    assert noa.patch(f"{T}/services/{service}", json={"schedule": made.json["id"]}).json["schedule"] == made.json["id"]
    refused = noa.delete(path)
    assert (refused.status_code, refused.json["code"], refused.json["services"]) == (409, "schedule_in_use", [service])
    changed = noa.patch(path, json={"is_default": True, "name": "All", "zone": "Europe/Berlin", "holidays": None}).json
    assert (changed["is_default"], changed["zone"], changed["holidays"]) == (True, "Europe/Berlin", None)
    assert [each["is_default"] for each in noa.get(f"{T}/schedules").json["items"]] == [False, True]
    assert noa.delete(path).json["code"] == "default_schedule"
    old = first(noa.get(f"{T}/schedules").json)["id"]
    assert noa.delete(f"{T}/schedules/{old}").status_code == 204
    assert noa.get(f"{T}/schedules/{old}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("post", "schedules", {"name": "X", "holidays": {"country": "GB", "subdivision": "Mars"}}, "holidays"),
        ("post", "schedules", {"name": "X", "zone": "EST5EDT"}, "zone"),
        ("post", "schedules", {"name": "X", "zone": "../etc"}, "zone"),
        ("post", "time-off", {"first_day": "2026-12-02", "last_day": "2026-12-01"}, "last_day"),
        ("post", "time-off", {"first_day": "2026-12-01", "last_day": "2026-12-01", "from": "12:00", "to": "12:00"}, "last_day"),
        ("post", "time-off", {"first_day": "2026-12-01", "last_day": "2036-12-01"}, "last_day"),
        ("post", "time-off", {"first_day": "0001-01-01", "last_day": "0001-01-01"}, "first_day"),
    ],
    ids=["A30-no-such-calendar", "A30-other-zone", "A30-a-path", "ends-before", "empty", "ten-years", "long-ago"],
)
def test_what_cannot_be_is_refused_by_its_field(noa: Browser, method: str, path: str, body: Any, field: str) -> None:
    answer = getattr(noa, method)(f"{T}/{path}", json=body)
    assert (answer.status_code, field in answer.json["errors"]) == (422, True), answer.text


def test_time_off_is_taken_changed_listed_and_given_back(noa: Browser) -> None:
    whole = noa.post(f"{T}/time-off", json={"first_day": "2026-12-24", "last_day": "2026-12-27", "reason": "family"}).json
    assert (whole["from"], whole["to"], whole["reason"], whole["schedule_id"]) == ("00:00", "24:00", "family", None)
    hours = noa.post(f"{T}/time-off", json={"first_day": "2026-12-01", "last_day": "2026-12-01", "from": "09:00", "to": "12:30"}).json
    listed = noa.get(f"{T}/time-off?limit=1").json
    assert [each["id"] for each in listed["items"]] == [hours["id"]]
    assert [each["id"] for each in noa.get(f"{T}/time-off?cursor={listed['next']}").json["items"]] == [whole["id"]]
    moved = noa.put(f"{T}/time-off/{hours['id']}", json={"first_day": "2026-12-02", "last_day": "2026-12-02"}).json
    assert (moved["first_day"], moved["to"]) == ("2026-12-02", "24:00")
    assert noa.delete(f"{T}/time-off/{hours['id']}").status_code == 204
    assert noa.delete(f"{T}/time-off/{hours['id']}").status_code == 404


def test_what_is_another_therapists_is_not_there(noa: Browser, client: Callable[[], Browser]) -> None:
    with transaction():
        other = signed_in_id = a_therapist(name="Kit Example").person_id
    kit = signed_in(client, signed_in_id)
    assert other
    theirs = first(noa.get(f"{T}/schedules").json)["id"]
    off = noa.post(f"{T}/time-off", json={"first_day": "2026-12-24", "last_day": "2026-12-27"}).json["id"]
    tried = [
        kit.get(f"{T}/schedules/{theirs}"),
        kit.get(f"{T}/schedules/{theirs}/week?day=2026-12-01"),
        kit.delete(f"{T}/schedules/{theirs}"),
        kit.put(f"{T}/schedules/{theirs}/hours", json={"windows": []}),
        kit.delete(f"{T}/time-off/{off}"),
        kit.post(f"{T}/time-off", json={"first_day": "2026-12-24", "last_day": "2026-12-27", "schedule_id": theirs}),
    ]
    assert [answer.status_code for answer in tried] == [404] * 6


def test_limits_lengths_and_dates_of_a_service_are_kept_and_checked(noa: Browser) -> None:
    limits = {"day_sessions": 5, "day_minutes": None, "week_sessions": 20, "week_minutes": 1200, "week_start": 6, "count_requests": False}
    assert noa.get(f"{T}/limits").json["week_start"] == 0
    assert noa.put(f"{T}/limits", json=limits).json == limits
    assert noa.get(f"{T}/limits").json == limits
    assert noa.put(f"{T}/limits", json=limits | {"day_sessions": 0}).status_code == 422
    path = f"{T}/services/{first(noa.get(f'{T}/services').json)['id']}"
    lengths = [{"minutes": 80, "fee": {"amount": 9000, "currency": "GBP"}}]
    terms = {"lengths": lengths, "bookable_from": "2026-12-01", "bookable_until": "2026-12-31", "client_gap_days": 7, "day_minutes": 200}
    kept = noa.patch(path, json=terms)
    assert {name: kept.json[name] for name in terms} == terms, kept.text
    assert noa.patch(path, json={"lengths": [{"minutes": 50, "fee": {"amount": 1, "currency": "GBP"}}]}).status_code == 422
    assert noa.patch(path, json={"lengths": [{"minutes": 60, "fee": {"amount": 1, "currency": "EUR"}}]}).status_code == 422
    assert noa.patch(path, json={"bookable_until": "2026-11-01"}).status_code == 422
    assert noa.patch(path, json={"lengths": [], "bookable_from": None}).json["lengths"] == []


@pytest.mark.parametrize("terms", [{"step_minutes": 45}, {"step_minutes": None, "minutes": 50}, {"step_minutes": 90}], ids=str)
def test_starts_counted_from_the_full_hour_have_a_step_that_fits_into_hours(noa: Browser, terms: dict[str, Any]) -> None:
    service = next(each for each in noa.get(f"{T}/services").json["items"] if each["kind"] == "session")
    path = f"{T}/services/{service['id']}"
    refused = noa.patch(path, json={"align": "hour", **terms})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["step_minutes"]), refused.text
    assert noa.patch(path, json={"align": "hour", "step_minutes": 30}).status_code == 200
    assert noa.patch(path, json=terms).status_code == 422, "nor does a grid come to it step by step"
    assert noa.patch(path, json={"align": "window", **terms}).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2201-01-01", "9999-12-31"])
def test_dates_that_nobody_means_are_refused_by_their_field(noa: Browser, day: str) -> None:
    service, schedule = first(noa.get(f"{T}/services").json)["id"], first(noa.get(f"{T}/schedules").json)["id"]
    for path, body in ((f"services/{service}", {"bookable_from": day}), (f"services/{service}", {"bookable_until": day})):
        assert noa.patch(f"{T}/{path}", json=body).json["errors"] == {next(iter(body)): ["Give a date between 2000 and 2200."]}
    for path, body in (
        ("leaving", {"last_day": day, "reason": "other"}),
        ("time-off", {"first_day": day, "last_day": day}),
        (f"schedules/{schedule}/overrides", {"days": [{"day": day, "windows": []}]}),
        (f"schedules/{schedule}/zone-changes", {"changes": [{"day": day, "zone": "Europe/Berlin"}]}),
    ):
        answer = (noa.put if path.startswith("schedules") else noa.post)(f"{T}/{path}", json=body)
        assert (answer.status_code, "Give a date between 2000 and 2200." in answer.text) == (422, True), (path, answer.text)
    assert noa.get(f"/api/v1/payments/statement.pdf?since={day}&until={day}").status_code == 422
    assert noa.get(f"/payments/statement?since={day}&until={day}").status_code == 422


def test_calendars_of_holidays_can_be_looked_up(noa: Browser) -> None:
    found = {each["country"]: each["subdivisions"] for each in noa.get(f"{T}/holiday-calendars").json["items"]}
    assert "BY" in found["DE"]
