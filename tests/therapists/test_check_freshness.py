"""What the hourly job does about required checks."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.clock import FixedClock, now
from core.db import db, transaction
from desk.models import Case
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.factories.checks import pass_checks
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist
from tests.fakes.outbox import Outbox
from therapists.check_freshness import prepare_screens, warn_of_last_days
from therapists.check_models import PracticeCheck
from therapists.check_records import CheckSeen, record_seen

RunJobs = Callable[[], list[str]]
CLEAR = CheckSeen("sanctions", "passed", "not_on_any_list", "Fitness to practise decisions")


def every_hour() -> None:
    with transaction():
        warn_of_last_days(now=now())
        prepare_screens(now=now())


def open_cases() -> list[Case]:
    wanted = select(Case).where(Case.subject_kind == "check", Case.state != "closed").order_by(Case.id)
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


@pytest.mark.parametrize("kind", ["insurance", "identity"])
def test_a_document_is_warned_of_at_90_60_30_and_7_days_under_a_neutral_subject(
    database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs, kind: str
) -> None:
    with transaction():
        pass_checks(an_unverified_therapist(), [kind], until=date(2026, 11, 22) + timedelta(days=91))
    told = []
    for day in (0, 1, 2, 30, 31, 32, 61, 62, 83, 84, 85, 91, 92, 95):
        clock.advance(days=day - (clock.now().date() - date(2026, 11, 22)).days)
        every_hour()
        every_hour()
        run_jobs()
        told += [(91 - day, subject) for subject in outbox.subjects()[len(told) :]]
    assert told == [(days, "A date in your profile") for days in (90, 60, 30, 7, -1)], "and once when it is over"
    assert "Send" in str(outbox.sent[0]), "it says what to do next"


def test_a_new_document_starts_the_warnings_anew(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        therapist, verifier = an_unverified_therapist(), a_person().id
        seen = CheckSeen("insurance", "passed", "document_seen", "Example Mutual", valid_until=date(2026, 11, 27))
        record_seen(therapist.public_id, seen, by=verifier, now=now())
    every_hour()
    with transaction():
        again = CheckSeen("insurance", "passed", "document_seen", "Example Mutual", valid_until=date(2026, 12, 20))
        record_seen(therapist.public_id, again, by=verifier, now=now())
    every_hour()
    run_jobs()
    assert len(outbox.sent) == 2


def test_who_claims_a_credential_is_screened_once_and_then_monthly(database: None, clock: FixedClock) -> None:
    with transaction():
        claiming, nobody, verifier = an_unverified_therapist(), an_unverified_therapist(), a_person().id
        a_claim(claiming)
    every_hour()
    every_hour()
    assert [(case.person_id, case.priority) for case in open_cases()] == [(claiming.person_id, "normal")]
    with transaction():
        record_seen(claiming.public_id, CLEAR, by=verifier, now=now())
    assert open_cases() == []
    seen = []
    for days in (23, 1, 7, 1, 14):
        clock.advance(days=days)
        every_hour()
        every_hour()
        seen.append([(case.priority, case.due_at <= now()) for case in open_cases()])
    assert seen == [[], [("normal", False)], [("normal", True)], [("high", True)], [("urgent", True)]]
    with transaction():
        record_seen(claiming.public_id, CLEAR, by=verifier, now=now())
        assert db.session.scalars(select(PracticeCheck).where(PracticeCheck.therapist_id == nobody.person_id)).all() == []
    every_hour()
    assert open_cases() == []


def test_the_screens_that_are_due_are_listed_for_verifiers_and_claimed_at_the_desk(client: Callable[[], Browser], clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist()
        an_account(email="vera@example.org", roles=("verifier",))
    clock.advance(days=25)
    every_hour()
    vera = client()
    vera.sign_in("vera@example.org", PASSWORD)
    [waiting] = vera.get("/api/v1/verification/checks?kind=sanctions").json["items"]
    assert (waiting["kind"], waiting["therapist_id"], waiting["owner_id"]) == ("sanctions", str(therapist.public_id), None)
    assert vera.get("/api/v1/verification/checks?overdue=true").json["items"] == []
    assert vera.get("/api/v1/verification/checks?kind=insurance").json["items"] == []
    assert vera.post(f"/api/v1/cases/{waiting['case_id']}/claim").json["state"] == "owned"
    assert vera.get("/api/v1/verification/checks").json["items"][0]["owner_id"]
    assert vera.post(f"/api/v1/cases/{waiting['case_id']}/release").json["state"] == "open"
    seen = {"kind": "sanctions", "result": "failed", "reason": "found_on_a_list", "body": "LEIE"}
    assert vera.post(f"/api/v1/verification/therapists/{therapist.public_id}/checks", json=seen).json["state"] == "failed"
    assert vera.get("/api/v1/verification/checks").json["items"] == []
    assert client().get(f"/api/v1/therapists/{therapist.public_id}").status_code == 404
