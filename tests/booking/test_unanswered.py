"""Requests that a therapist leaves unanswered come before a person at the desk, once each, and leave by themselves."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import db, transaction
from desk.models import Case
from tests.booking.conftest import Practice
from tests.booking.practice import a_service, signed_in
from tests.booking.test_series import allow_series, booked
from tests.factories.accounts import an_account
from therapists.models import Therapist

RunJobs = Callable[[], list[str]]


def chases() -> list[Case]:
    wanted = select(Case).where(Case.kind == "request").order_by(Case.id)
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def wait_unanswered(practice: Practice, clock: FixedClock, run_jobs: RunJobs, *, hours: float = 36) -> str:
    """A request asked for now, and so many of its 48 hours later; sessions of browsers end meanwhile."""
    asked = str(practice.ask("2026-11-30T09:00:00Z").get_json()["id"])
    run_jobs()
    pass_time(practice, clock, run_jobs, hours=hours)
    return asked


def pass_time(practice: Practice, clock: FixedClock, run_jobs: RunJobs, *, hours: float) -> None:
    for _ in range(int(hours * 4)):
        clock.advance(minutes=15)
        run_jobs()
    practice.client, practice.therapist = (signed_in(practice.new_browser, each) for each in (practice.client_id, practice.therapist_id))


def test_a_silent_therapist_comes_to_the_desk_at_three_quarters_of_the_time_and_not_before(practice: Practice, clock: FixedClock, run_jobs: RunJobs) -> None:
    asked = wait_unanswered(practice, clock, run_jobs, hours=35.75)
    assert chases() == []
    pass_time(practice, clock, run_jobs, hours=0.25)
    (case,) = chases()
    assert (case.state, case.subject_kind, case.subject_id) == ("open", "unanswered_request", asked)
    assert (case.person_id, case.facts) == (practice.therapist_id, None), "about the therapist; nothing about the client"
    assert case.due_at.isoformat() == "2026-11-24T15:00:00+00:00", "its clock is the request's"
    with transaction():
        guide_id = an_account(roles=("client", "matchmaker")).person_id
    guide = signed_in(practice.new_browser, guide_id)
    (listed,) = guide.get("/api/v1/cases?kind=request").get_json()["items"]
    assert guide.post(f"/api/v1/cases/{listed['id']}/claim").status_code == 200
    contact = guide.get(f"/api/v1/cases/{listed['id']}/contact").get_json()
    assert contact["name"] == "Alex Rivers", "whom to chase"


@pytest.mark.parametrize(
    ("answer", "body", "outcome"), [("confirm", None, "answered"), ("decline", {"reason": "full"}, "answered"), ("withdraw", None, "withdrawn")]
)
def test_it_closes_by_itself_when_the_request_is_answered(
    practice: Practice, clock: FixedClock, run_jobs: RunJobs, answer: str, body: dict[str, str] | None, outcome: str
) -> None:
    asked = wait_unanswered(practice, clock, run_jobs)
    assert [each.state for each in chases()] == ["open"]
    who = practice.client if answer == "withdraw" else practice.therapist
    assert who.post(f"/api/v1/bookings/{asked}/{answer}", json=body).status_code == 200
    assert [(each.state, each.outcome) for each in chases()] == [("closed", outcome)]


def test_it_closes_when_time_ran_out_also_for_whoever_was_working_on_it(practice: Practice, clock: FixedClock, run_jobs: RunJobs) -> None:
    wait_unanswered(practice, clock, run_jobs)
    with transaction():
        guide_id = an_account(roles=("client", "matchmaker")).person_id
    guide = signed_in(practice.new_browser, guide_id)
    assert guide.post(f"/api/v1/cases/{chases()[0].public_id}/claim").status_code == 200
    pass_time(practice, clock, run_jobs, hours=12.25)
    (case,) = chases()
    assert (case.state, case.outcome, case.owner_id) == ("closed", "unanswered", guide_id)


def test_what_was_answered_in_time_never_comes_to_the_desk(practice: Practice, clock: FixedClock, run_jobs: RunJobs) -> None:
    asked = wait_unanswered(practice, clock, run_jobs, hours=30)
    assert practice.therapist.post(f"/api/v1/bookings/{asked}/confirm").status_code == 200
    pass_time(practice, clock, run_jobs, hours=20)
    assert chases() == []


def test_a_request_comes_once_even_when_somebody_closed_its_case_and_the_job_runs_again(practice: Practice, clock: FixedClock, run_jobs: RunJobs) -> None:
    from booking.expire import ask_desk
    from booking.models import Booking

    wait_unanswered(practice, clock, run_jobs)
    with transaction():
        guide_id = an_account(roles=("client", "matchmaker")).person_id
    guide = signed_in(practice.new_browser, guide_id)
    path = f"/api/v1/cases/{chases()[0].public_id}"
    guide.post(f"{path}/claim")
    assert guide.post(f"{path}/close", json={"outcome": "no_contact"}).status_code == 200
    ask_desk.run(booking_id=db.session.scalars(select(Booking.id)).one())
    assert [(each.state, each.outcome) for each in chases()] == [("closed", "no_contact")]


def test_a_series_is_one_request_and_waits_until_its_last_date_is_answered(practice: Practice, clock: FixedClock, run_jobs: RunJobs) -> None:
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        practice.service = str(a_service(therapist, instant=False).public_id)
    allow_series(practice)
    series = booked(practice, 3, start="2026-11-30T10:00:00Z")
    run_jobs()
    pass_time(practice, clock, run_jobs, hours=37)
    (case,) = chases()
    assert case.subject_id == series["id"]
    assert practice.therapist.post(f"/api/v1/series/{series['id']}/confirm").status_code == 200
    assert [(each.state, each.outcome) for each in chases()] == [("closed", "answered")]
