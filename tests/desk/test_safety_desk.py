"""Who may work on a safety case, and when somebody is there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import FixedClock
from core.db import transaction
from desk.duty import duty_until, refused_hours
from desk.safety_desk import on_duty
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.factories.desk import a_case, a_responder, at_the_safety_desk

NewBrowser = Callable[[], Browser]
DESK = "/api/v1/safety-desk"
# The clock of the tests: a Sunday, 15:00 in London.
SUNDAY = datetime(2026, 11, 22, 15, tzinfo=UTC)
DECLARATION: dict[str, Any] = {
    "qualification": "ASIST",
    "issued_by": "LivingWorks",
    "seen_on": "2026-11-20",
    "valid_until": "2027-11-20",
    "languages": ["en", "es"],
    "zone": "Europe/London",
    "hours": [[6, 840, 1080]],
}


def signed_in(client: NewBrowser, email: str) -> Browser:
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def test_duty_is_read_on_the_wall_clock_and_goes_on_at_midnight() -> None:
    assert duty_until([[6, 900, 960]], "UTC", SUNDAY) == SUNDAY + timedelta(hours=1)
    assert duty_until([[6, 900, 960]], "UTC", SUNDAY + timedelta(hours=1)) is None, "the end is not included"
    assert duty_until([[6, 960, 1020]], "Europe/Madrid", SUNDAY) == SUNDAY + timedelta(hours=1)
    assert duty_until([[6, 600, 1440], [0, 0, 120]], "UTC", SUNDAY) == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert duty_until([], "UTC", SUNDAY) is None


@given(st.integers(0, 7 * 1440 - 1))
def test_somebody_who_is_always_there_is_there(minute: int) -> None:
    until = duty_until([[weekday, 0, 1440] for weekday in range(7)], "America/New_York", SUNDAY + timedelta(minutes=minute))
    assert until is not None


@pytest.mark.parametrize("hours", [[[7, 0, 60]], [[0, 60, 60]], [[0, -1, 60]], [[0, 0, 1441]], [[0, 60]]])
def test_hours_that_cannot_be_are_refused(hours: list[list[int]]) -> None:
    assert refused_hours(hours)


def test_only_who_is_declared_owns_works_on_and_closes_a_safety_case(client: NewBrowser) -> None:
    with transaction():
        with_the_role = an_account(roles=("safety_responder",)).email
        declared = a_responder().email
        case_id = a_case("safety", person_id=a_person().id).public_id
    stranger, owner = signed_in(client, with_the_role), signed_in(client, declared)
    path = f"/api/v1/cases/{case_id}"
    refused = stranger.post(f"{path}/claim")
    assert (refused.status_code, refused.json["code"]) == (403, "not_at_safety_desk")
    assert owner.post(f"{path}/claim").status_code == 200
    assert owner.post(f"{path}/close", json={"outcome": "no_contact"}).status_code == 200


def test_a_qualification_that_ends_stops_the_work_but_not_giving_the_case_back(client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        account = an_account()
        at_the_safety_desk(account.person_id, valid_until=clock.now().date())
        email, case_id = account.email, a_case("safety", person_id=a_person().id).public_id
    path = f"/api/v1/cases/{case_id}"
    assert signed_in(client, email).post(f"{path}/claim").status_code == 200
    clock.advance(days=1)
    owner = signed_in(client, email)
    for act, body in (("steps", {"action": "spoke", "note": "x"}), ("close", {"outcome": "resolved"}), ("lift-pause", {"outcome": "safe_to_continue"})):
        assert owner.post(f"{path}/{act}", json=body).json["code"] == "not_at_safety_desk"
    assert owner.post(f"{path}/release").json["state"] == "open"
    with transaction():
        assert on_duty(now=clock.now()) is None


def test_the_operator_declares_and_removes_and_nobody_declares_themselves(client: NewBrowser) -> None:
    with transaction():
        admin = an_account(roles=("admin", "safety_responder"))
        member = an_account(roles=("safety_responder",))
        bare = an_account()
        ids = {name: str(each.person.public_id) for name, each in (("admin", admin), ("member", member), ("bare", bare))}
        emails = {name: each.email for name, each in (("admin", admin), ("member", member), ("bare", bare))}
        case_id = a_case("safety", person_id=a_person().id).public_id
    operator = signed_in(client, emails["admin"])
    assert signed_in(client, emails["bare"]).put(f"{DESK}/members/{ids['member']}", json=DECLARATION).status_code == 403
    for name in ("admin", "bare"):
        assert list(operator.put(f"{DESK}/members/{ids[name]}", json=DECLARATION).json["errors"]) == ["person_id"]
    assert client().get(f"{DESK}/now").json == {"on_duty": False, "until": None, "languages": []}
    shown = operator.put(f"{DESK}/members/{ids['member']}", json=DECLARATION).json["items"]
    assert [(each["person_id"], each["languages"]) for each in shown] == [(ids["member"], ["en", "es"])]
    assert client().get(f"{DESK}/now").json == {"on_duty": True, "until": "2026-11-22T18:00:00Z", "languages": ["en", "es"]}
    responder = signed_in(client, emails["member"])
    responder.post(f"/api/v1/cases/{case_id}/claim")
    assert operator.delete(f"{DESK}/members/{ids['member']}").status_code == 204
    assert operator.delete(f"{DESK}/members/{ids['member']}").status_code == 404
    assert responder.get(f"/api/v1/cases/{case_id}").json["state"] == "open", "back in the queue"
    assert responder.get(DESK).json == {"items": []}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hours": [[0, 60, 30]]}, "hours"),
        ({"hours": []}, "hours"),
        ({"languages": ["klingon"]}, "languages"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"valid_until": "2026-11-01"}, "valid_until"),
        ({"seen_on": "2026-12-01"}, "seen_on"),
        ({"qualification": ""}, "qualification"),
    ],
)
def test_bad_declarations_name_their_field(client: NewBrowser, wrong: dict[str, Any], field: str) -> None:
    with transaction():
        admin, member = an_account(roles=("admin",)), an_account(roles=("safety_responder",))
        email, member_id = admin.email, member.person.public_id
    answer = signed_in(client, email).put(f"{DESK}/members/{member_id}", json=DECLARATION | wrong)
    assert (answer.status_code, [each.split(".")[0] for each in answer.json["errors"]]) == (422, [field])
