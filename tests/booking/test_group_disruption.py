"""The therapist of a group cannot be there: each client takes a seat in another session of it, or leaves free of charge; nobody moves for anybody else."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from booking.models import Booking, LateFee
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.conftest import overlaps, states
from tests.booking.practice import a_service, signed_in
from tests.booking.test_disruption import DAY_OFF, T
from tests.booking.test_groups import NEXT_MONDAY_TEN, Group, group
from tests.booking.test_leaving import address, ok
from tests.fakes.outbox import Outbox, text_of
from therapists.models import Service, Therapist

__all__ = ("group",)  # the fixture


def test_clients_of_a_group_choose_among_its_other_sessions_or_leave_free_of_charge(
    group: Group, run_jobs: Callable[[], list[str]], outbox: Outbox, clock: FixedClock
) -> None:
    off, _ = (group.joined(number) for number in (0, 1))
    there = group.joined(2, NEXT_MONDAY_TEN)
    run_jobs()
    clock.advance(hours=1)  # within what is late for the first of them, and after the grace of the second
    therapist = signed_in(group.new_browser, group.therapist_id)
    ok(therapist.post(f"{T}/disruptions", json={**DAY_OFF, "reason": "unwell", "choice": "offer_new_times"}))
    run_jobs()

    def press(number: int, answer: str) -> Any:
        return group.new_browser().post("/appointment-changed", data={"token": outbox.token_to(address(group.ids[number])), "answer": answer})

    letter = text_of(outbox.last_to(address(group.ids[0])))
    assert "Monday 30 November 2026, 10:00" in letter, "the session of the group that stands"
    assert letter.count("\n- ") == 1, "and no other while one stands"
    page = press(0, "read")
    assert NEXT_MONDAY_TEN in page.text
    assert NEXT_MONDAY_TEN in press(1, "read").text
    moved = press(0, NEXT_MONDAY_TEN)
    assert (moved.status_code, "has a new time" in moved.text) == (200, True)
    assert press(0, "read").text.count("has a new time") == 1, "also when it is looked at again"
    # That was its last seat: where no session has one, the openings of the group.
    late = press(1, NEXT_MONDAY_TEN)
    assert (late.status_code, states()) == (409, ["confirmed", "confirmed"]), "nothing was given up for nothing"
    shown = press(1, "read").text
    assert NEXT_MONDAY_TEN not in shown
    assert "2026-11-24T09:00:00Z" in shown
    assert "called off" in press(1, "cancel").text
    assert (states(), overlaps(), db.session.scalars(select(LateFee)).all()) == (["cancelled", "confirmed"], 0, [])
    group.sign_in_again()
    assert [group.people[number].get(f"/api/v1/bookings/{there}").status_code for number in range(3)] == [200, 404, 200]
    answer = group.people[0].get(f"/api/v1/bookings/{off}/disruption").get_json()
    assert (answer["state"], answer["starts_at"]) == ("moved", NEXT_MONDAY_TEN)


def test_the_last_of_a_group_begins_another_session_and_the_old_one_is_called_off(group: Group, run_jobs: Callable[[], list[str]], outbox: Outbox) -> None:
    group.joined(0)
    ok(group.therapist.post(f"{T}/disruptions", json={**DAY_OFF, "reason": "unwell", "choice": "offer_new_times"}))
    run_jobs()
    sent = {"token": outbox.token_to(address(group.ids[0])), "answer": "2026-11-24T09:00:00Z"}
    assert "has a new time" in group.new_browser().post("/appointment-changed", data=sent).text
    assert (states(), overlaps()) == (["cancelled", "confirmed"], 0)


def test_another_session_has_the_length_and_the_fee_that_were_agreed_and_what_lapsed_is_not_in_its_way(
    group: Group, run_jobs: Callable[[], list[str]], outbox: Outbox, clock: FixedClock
) -> None:
    group.joined(0)
    with transaction():
        db.session.execute(update(Service).values(minutes=75, fee_amount=9900))
        alone = str(a_service(db.session.get_one(Therapist, group.therapist_id)).public_id)
    ok(group.therapist.post(f"{T}/disruptions", json={**DAY_OFF, "reason": "unwell", "choice": "offer_new_times"}))
    run_jobs()
    ok(group.people[1].post("/api/v1/holds", json={"service_id": alone, "start": "2026-11-24T09:00:00Z"}))
    clock.advance(minutes=11)  # the hold is over, and nobody has ended it yet
    sent = {"token": outbox.token_to(address(group.ids[0])), "answer": "2026-11-24T09:00:00Z"}
    moved = group.new_browser().post("/appointment-changed", data=sent)
    assert (moved.status_code, "has a new time" in moved.text) == (200, True)
    began = db.session.scalars(select(Booking).where(Booking.state == "confirmed")).one()
    assert ((began.ends_at - began.starts_at).total_seconds() / 60, began.fee_amount, overlaps()) == (50, 6000, 0)
    assert states() == ["cancelled", "expired", "confirmed"]
