"""Seats of a group whose therapist is paid by card: no door gives one away unpaid, and nothing is charged for one."""

import pytest
from sqlalchemy import func, select

from booking.models import Booking
from core.clock import FixedClock
from core.db import db, transaction
from payments.models import Payment
from tests.booking.conftest import MONDAY_NINE
from tests.booking.paying.conftest import collect_online
from tests.booking.test_groups import Group, group

__all__ = ["group"]
DOORS = {
    "a seat": ("/api/v1/bookings", {}, 409, "group_not_paid_here"),
    "a hold": ("/api/v1/holds", {}, 422, "group_booked_at_once"),
    "a series": ("/api/v1/series/holds", {"count": 2}, 409, "no_series"),
}


@pytest.fixture
def by_card(group: Group, clock: FixedClock) -> Group:
    with transaction():
        collect_online(group.therapist_id, clock)
    return group


@pytest.mark.parametrize("door", DOORS)
def test_a_seat_that_is_paid_by_card_is_given_away_at_no_door(by_card: Group, door: str) -> None:
    address, more, status, code = DOORS[door]
    answer = by_card.people[0].post(address, json={"service_id": by_card.service, "start": MONDAY_NINE, **more})
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    _nothing_is_written()


def test_so_no_opening_of_it_is_shown_and_the_reason_is_said(group: Group, clock: FixedClock) -> None:
    browser, path = group.people[0], f"/api/v1/services/{group.service}/openings"
    week = {"start": "2026-11-22T00:00:00Z", "end": "2026-11-29T00:00:00Z"}
    assert browser.get(path, query_string=week).get_json()["items"]
    assert browser.get(f"{path}/why-not", query_string={"start": MONDAY_NINE}).get_json()["offered"]
    with transaction():
        collect_online(group.therapist_id, clock)
    assert browser.get(path, query_string=week).get_json()["items"] == []
    said = browser.get(f"{path}/why-not", query_string={"start": MONDAY_NINE}).get_json()
    assert (said["offered"], [each["code"] for each in said["reasons"]]) == (False, ["group_not_paid_here"])


def test_nor_is_it_in_a_cart(by_card: Group) -> None:
    items = [{"service_id": by_card.service, "start": start} for start in (MONDAY_NINE, "2026-11-23T11:00:00Z")]
    answer = by_card.people[0].post("/api/v1/carts", json={"items": items})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "group_booked_at_once")
    _nothing_is_written()


def test_who_has_a_seat_already_keeps_it_when_their_therapist_chooses_cards(group: Group, clock: FixedClock) -> None:
    booking = group.joined(0)
    with transaction():
        collect_online(group.therapist_id, clock)
    assert group.people[0].get(f"/api/v1/bookings/{booking}").get_json()["state"] == "confirmed"
    assert group.join(1).get_json()["code"] == "group_not_paid_here"
    with transaction():
        assert db.session.scalar(select(func.count()).select_from(Payment)) == 0


def _nothing_is_written() -> None:
    with transaction():
        assert [db.session.scalar(select(func.count()).select_from(model)) for model in (Booking, Payment)] == [0, 0]
