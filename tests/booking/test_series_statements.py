"""How many statements what is done with a whole series costs: as many for a year as for a few dates, so that the locks of two people are held briefly."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, func, select, text, update

from accounts.models import Person
from booking.models import Booking
from booking.proposals.models import Proposal
from care.relation import begin_care
from core import jobs
from core.clock import FixedClock, now
from core.db import db, transaction
from core.jobs import doorstep
from tests.booking.conftest import Practice, overlaps, states
from tests.booking.practice import a_client, signed_in
from tests.booking.test_series import allow_series, booked, preview
from tests.browser import Browser
from therapists.models import Service

FEW, MANY = 4, 40
# Rows of many bookings go in, or change, in as many statements as a batch needs.
BATCHES = 4


def statements(act: Callable[[], Any]) -> int:
    """How many statements it costs, those of jobs among them."""
    seen: list[str] = []
    listening = (db.engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: seen.append(statement))
    queued = doorstep.job_manager._defer_jobs_query_kwargs

    def note(**given: Any) -> Any:
        seen.append("jobs")
        return queued(**given)

    event.listen(*listening)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(doorstep.job_manager, "_defer_jobs_query_kwargs", note)
            act()
    finally:
        event.remove(*listening)
    return len(seen)


def test_a_series_of_a_year_costs_no_more_statements_than_one_of_four_dates(practice: Practice) -> None:
    allow_series(practice, most=52)
    with transaction():
        # Everything that can be set is set: limits are read too.
        db.session.execute(update(Service).values(day_sessions=5, client_gap_days=3))
    preview(practice, 4, start="2026-11-24T12:00:00Z")
    looked = [statements(lambda count=count: preview(practice, count, start="2026-11-24T12:00:00Z", on_conflict="skip")) for count in (4, 52)]  # type: ignore[misc]
    assert looked[0] == looked[1] <= 24
    made = []
    for count, start in ((4, "2026-11-24T13:00:00Z"), (52, "2026-11-24T14:00:00Z")):
        practice.client = practice.another_client()
        made.append(statements(lambda count=count, start=start: booked(practice, count, start=start)))  # type: ignore[misc]
    # Rows of 52 bookings go in as many statements as a batch of inserts needs.
    assert made[1] <= made[0] + 4, made
    assert made[0] <= 56, made
    assert len(states()) == 56
    assert overlaps() == 0


def lengths(
    practice: Practice,
    act: Callable[[Browser, dict[str, Any]], Any],
    made: Callable[[Browser, str, int], dict[str, Any]],
    *,
    counts: tuple[int, int] = (FEW, MANY),
) -> list[int]:
    """What the act costs of a few dates and of many, each the series of a new client."""
    counted = []
    for hour, count in zip((12, 13), counts, strict=True):
        with transaction():
            person_id = a_client(name="Kim Wood").person_id
        client = signed_in(practice.new_browser, person_id)
        series = made(client, f"2026-11-24T{hour}:00:00Z", count)
        counted.append(statements(lambda client=client, series=series: act(client, series)))  # type: ignore[misc]
    return counted


def of_series(practice: Practice, client: Browser, start: str, count: int, path: str = "series") -> dict[str, Any]:
    answer = client.post(f"/api/v1/{path}", json={"service_id": practice.service, "start": start, "count": count})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def proposed(practice: Practice, client: Browser, start: str, count: int) -> dict[str, Any]:
    with transaction():
        person = db.session.scalars(select(Person).order_by(Person.id.desc()).limit(1)).one()
        begin_care(practice.therapist_id, [person.id], unit="individual", origin="directory", accepted=True, now=now())
        person_id = str(person.public_id)
    body = {"client_id": person_id, "service_id": practice.service, "start": start, "series": {"every_weeks": 1, "count": count}}
    answer = practice.therapist.post("/api/v1/therapist/proposals", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def done(answer: Any) -> None:
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("what", ["confirm", "decline", "withdraw"])
def test_one_answer_to_a_requested_series_costs_the_same_whatever_its_length(practice: Practice, what: str) -> None:
    allow_series(practice, most=52, booking_mode="request")
    body = {"reason": "time"} if what == "decline" else None

    def answer(client: Browser, series: dict[str, Any]) -> None:
        done((client if what == "withdraw" else practice.therapist).post(f"/api/v1/series/{series['id']}/{what}", json=body))

    few, many = lengths(practice, answer, lambda *asked: of_series(practice, *asked))
    assert many <= few + BATCHES, (few, many)
    assert set(states()) == {{"confirm": "confirmed", "decline": "declined", "withdraw": "withdrawn"}[what]}


@pytest.mark.parametrize("side", ["client", "therapist"])
def test_calling_off_this_and_all_that_follow_costs_the_same_whatever_their_number(practice: Practice, side: str) -> None:
    allow_series(practice, most=52, late_fee_percent=50)

    def call_off(client: Browser, series: dict[str, Any]) -> None:
        body = {"booking_id": series["dates"][0]["id"], "reason": "time"}
        done((client if side == "client" else practice.therapist).post(f"/api/v1/series/{series['id']}/cancel", json=body))

    few, many = lengths(practice, call_off, lambda *asked: of_series(practice, *asked))
    assert many <= few + BATCHES, (few, many)
    assert states() == ["cancelled"] * (FEW + MANY)


def test_moving_this_and_all_that_follow_costs_the_same_whatever_their_number(practice: Practice) -> None:
    allow_series(practice, most=52)

    def move(client: Browser, series: dict[str, Any]) -> None:
        first = series["dates"][0]
        later = first["starts_at"].replace("2026-11-24", "2026-11-25")
        done(client.post(f"/api/v1/series/{series['id']}/move", json={"booking_id": first["id"], "start": later}))

    few, many = lengths(practice, move, lambda *asked: of_series(practice, *asked))
    assert many <= few + BATCHES, (few, many)
    moved = db.session.execute(text("SELECT count(*) FROM bookings WHERE moves_made = 1 AND extract(dow FROM starts_at) = 3")).scalar_one()
    assert (moved, overlaps()) == (FEW + MANY, 0)


@pytest.mark.parametrize("what", ["accept", "decline", "withdraw"])
def test_one_answer_to_a_proposed_series_costs_the_same_whatever_its_length(practice: Practice, what: str) -> None:
    allow_series(practice, most=52)

    def answer(client: Browser, proposal: dict[str, Any]) -> None:
        whose, path = (practice.therapist, "therapist/proposals") if what == "withdraw" else (client, "proposals")
        done(whose.post(f"/api/v1/{path}/{proposal['id']}/{what}"))

    few, many = lengths(practice, answer, lambda *asked: proposed(practice, *asked))
    assert many <= few + BATCHES, (few, many)
    assert set(states()) == {"confirmed" if what == "accept" else "released"}


@pytest.mark.parametrize("what", ["book", "release"])
def test_what_becomes_of_a_held_series_costs_the_same_whatever_its_length(practice: Practice, what: str) -> None:
    allow_series(practice, most=52, fee_amount=0)
    held = lambda *asked: of_series(practice, *asked, "series/holds")  # noqa: E731
    few, many = lengths(practice, lambda client, series: done(client.post(f"/api/v1/series/{series['id']}/{what}")), held)
    assert many <= few + BATCHES, (few, many)
    assert set(states()) == {"confirmed" if what == "book" else "released"}


@pytest.mark.parametrize("mode", ["request", "hold", "proposal"])
def test_the_end_of_a_clock_costs_the_same_whatever_the_length_of_the_series(practice: Practice, mode: str, clock: FixedClock) -> None:
    allow_series(practice, most=52, booking_mode="request", fee_amount=0)

    def made(*asked: Any) -> dict[str, Any]:
        return proposed(practice, *asked) if mode == "proposal" else of_series(practice, *asked, "series" if mode == "request" else "series/holds")

    def clock_runs_out(*_: Any) -> None:
        clock.advance(hours=49)
        if mode == "proposal":
            jobs.registry["booking.end_proposal"].run(proposal_id=newest(Proposal))
        else:
            jobs.registry["booking.expire"].run(booking_id=newest(Booking))
        clock.advance(hours=-49)

    # The short one last: it is the second that goes unanswered, which stops new clients and costs what that costs.
    many, few = lengths(practice, clock_runs_out, made, counts=(MANY, FEW))
    assert many <= few + BATCHES, (few, many)
    assert states() == ["expired"] * (FEW + MANY)


def newest(model: type[Booking | Proposal]) -> int:
    return db.session.execute(select(func.max(model.id))).scalar_one()
