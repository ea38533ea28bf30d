"""Late looks are told to those whose work they are: from the first day on, in one letter a day, without a name."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from accounts.roles import grant_role
from core.clock import FixedClock, now
from core.db import db, transaction
from desk.cases import claim_case, open_case_about
from tests.factories.accounts import an_account
from tests.factories.therapists import a_therapist, verify
from tests.fakes.outbox import Outbox, text_of
from therapists.check_freshness import prepare_screens
from therapists.check_models import PracticeCheck
from therapists.check_records import check_of, subject_of
from therapists.credentials import withdraw_credential
from therapists.freshness import prepare_looks
from therapists.models import Therapist
from therapists.overdue_alarm import tell_overdue
from therapists.profile import own_profile, profile_for_edit
from therapists.verification import begin_review

RunJobs = Callable[[], list[str]]


def screened_now() -> None:
    """Every list was read today."""
    with transaction():
        for check in db.session.scalars(select(PracticeCheck)):
            check.checked_at = now()


def every_hour(run_jobs: RunJobs) -> None:
    with transaction():
        prepare_looks(now=now())
        prepare_screens(now=now())
        tell_overdue(now=now())
    run_jobs()


def test_the_owner_is_told_of_their_own_and_every_verifier_of_what_is_nobodys(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        vera, _ = (an_account(email=f"{name}@example.org", roles=("verifier",)).person_id for name in ("vera", "vito"))
        an_account(email="admin@example.org", roles=("admin",))
        taken, other = a_therapist(name="Ash Example"), a_therapist(name="Kim Sample")
    clock.advance(days=30)
    screened_now()
    every_hour(run_jobs)
    with transaction():
        begin_review(taken.credentials[0].public_id, by=vera, now=now())
    clock.advance(days=1)
    every_hour(run_jobs)
    assert outbox.sent == [], "due is not late"
    clock.advance(hours=1)
    for _ in range(3):
        every_hour(run_jobs)
    assert sorted(outbox.subjects()) == ["Looks that are late"] * 2, "once a day each"
    hers, his = text_of(outbox.last_to("vera@example.org")), text_of(outbox.last_to("vito@example.org"))
    assert "taken on: 1." in hers
    assert "nobody: 1." in hers
    assert "taken on: " not in his
    assert "nobody: 1." in his
    assert "late by 1 day." in his
    assert not any(name in mail for mail in (hers, his) for name in ("Ash", "Kim"))
    clock.advance(days=1)
    every_hour(run_jobs)
    assert len(outbox.sent) == 4
    with transaction():
        for therapist in (taken, other):
            verify(own_profile(therapist.person_id).credentials[0], by=vera)
    clock.advance(days=1)
    every_hour(run_jobs)
    assert len(outbox.sent) == 4, "what was looked at alarms nobody"


def test_a_late_screen_of_a_list_alarms_its_owner_from_the_first_day(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        vera, _ = (an_account(email=f"{name}@example.org", roles=("verifier",)).person_id for name in ("vera", "vito"))
        ash, kim = a_therapist(name="Ash Example"), a_therapist(name="Kim Sample")
    clock.advance(days=30)
    every_hour(run_jobs)
    with transaction():
        for therapist in (ash, kim):
            verify(own_profile(therapist.person_id).credentials[0], by=vera)
        case = open_case_about("verification", subject_of(check_of(ash.person_id, "sanctions", zone="UTC")))
        assert case is not None
        claim_case(case.public_id, by=vera, kinds=("verification",), now=now())
    clock.advance(days=1)
    every_hour(run_jobs)
    assert outbox.sent == [], "due is not late"
    clock.advance(hours=1)
    every_hour(run_jobs)
    hers, his = text_of(outbox.last_to("vera@example.org")), text_of(outbox.last_to("vito@example.org"))
    assert "taken on: 1." in hers
    assert "nobody: 1." in hers
    assert "taken on: " not in his
    assert "nobody: 1." in his
    assert "late by 1 day." in his
    screened_now()
    clock.advance(days=1)
    every_hour(run_jobs)
    assert len(outbox.sent) == 2, "what was looked at alarms nobody"


def test_a_full_verification_that_is_late_alarms_although_the_monthly_looks_were_made(
    database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs
) -> None:
    with transaction():
        an_account(email="vera@example.org", roles=("verifier",))
        credential = a_therapist().credentials[0]
        credential.decided_at = now() - timedelta(days=3 * 365, hours=1)
    every_hour(run_jobs)
    assert "late by 1 day." in text_of(outbox.last_to("vera@example.org"))


def test_where_no_verifier_may_look_the_admins_are_told(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        an_account(email="admin@example.org", roles=("admin",))
        therapist = a_therapist(email="both@example.org")
        grant_role(therapist.person_id, "verifier", now=now())
    clock.advance(days=33)
    every_hour(run_jobs)
    assert [str(mail["To"]) for mail in outbox.sent] == ["admin@example.org"]


def test_whoever_has_no_entry_any_more_is_screened_no_more(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        an_account(email="vera@example.org", roles=("verifier",))
        therapist = a_therapist()
        withdraw_credential(profile_for_edit(therapist.person_id), therapist.credentials[0].public_id, now=now())
    clock.advance(days=33)
    with transaction():
        prepare_screens(now=now())
    every_hour(run_jobs)
    assert outbox.sent == []
    with transaction():
        assert open_case_about("verification", subject_of(check_of(therapist.person_id, "sanctions", zone="UTC"))) is None


def test_nobody_is_told_of_their_own_entry(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        therapist: Therapist = a_therapist(email="both@example.org")
        grant_role(therapist.person_id, "verifier", now=now())
    clock.advance(days=33)
    every_hour(run_jobs)
    assert outbox.sent == []
