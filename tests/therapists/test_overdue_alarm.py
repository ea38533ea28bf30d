"""Late looks are told to those whose work they are: from the first day on, in one letter a day, without a name."""

from collections.abc import Callable

from accounts.roles import grant_role
from core.clock import FixedClock, now
from core.db import transaction
from tests.factories.accounts import an_account
from tests.factories.therapists import a_therapist, verify
from tests.fakes.outbox import Outbox, text_of
from therapists.freshness import prepare_looks
from therapists.models import Therapist
from therapists.overdue_alarm import tell_overdue
from therapists.profile import own_profile
from therapists.verification import begin_review

RunJobs = Callable[[], list[str]]


def every_hour(run_jobs: RunJobs) -> None:
    with transaction():
        prepare_looks(now=now())
        tell_overdue(now=now())
    run_jobs()


def test_the_owner_is_told_of_their_own_and_every_verifier_of_what_is_nobodys(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        vera, _ = (an_account(email=f"{name}@example.org", roles=("verifier",)).person_id for name in ("vera", "vito"))
        an_account(email="admin@example.org", roles=("admin",))
        taken, other = a_therapist(name="Ash Example"), a_therapist(name="Kim Sample")
    clock.advance(days=30)
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


def test_nobody_is_told_of_their_own_entry(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        therapist: Therapist = a_therapist(email="both@example.org")
        grant_role(therapist.person_id, "verifier", now=now())
    clock.advance(days=33)
    every_hour(run_jobs)
    assert outbox.sent == []
