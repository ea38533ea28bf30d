"""A decision about a credential is told to the therapist, with what to do, under a subject that says nothing."""

from collections.abc import Callable

import pytest

from core.clock import FixedClock, now
from core.db import transaction
from tests.factories.accounts import a_person
from tests.factories.therapists import a_check, a_claim, a_therapist, an_unverified_therapist
from tests.fakes.outbox import Outbox, text_of
from therapists.credential_states import DECISIONS, REASONS
from therapists.decision_letter import OF_DECISION, WHAT_TO_DO, WHY
from therapists.models import Credential
from therapists.verification import record_check

RunJobs = Callable[[], list[str]]


def decide(credential: Credential, **facts: object) -> None:
    with transaction():
        record_check(credential.public_id, a_check(credential, **facts), by=a_person().id, now=now())


@pytest.mark.parametrize(
    ("decision", "reason", "says"),
    [
        ("rejected", "not_found", "correct number and name"),
        ("suspended", "register_says_suspended", "shows it as suspended"),
        ("lapsed", "not_renewed", "Once it has been renewed there"),
        ("revoked", "register_says_removed", "does not list it any more"),
    ],
)
def test_what_was_decided_is_told_with_its_reason_and_what_to_do(
    database: None, outbox: Outbox, run_jobs: RunJobs, decision: str, reason: str, says: str
) -> None:
    with transaction():
        therapist = a_therapist(email="ash@example.org")
    decide(therapist.credentials[0], decision=decision, reason=reason)
    run_jobs()
    letter = outbox.last_to("ash@example.org")
    assert (letter["Subject"], len(outbox.sent)) == ("News about your profile", 1)
    assert says in text_of(letter)
    assert "\n\n\n" not in text_of(letter)


def test_an_approval_is_told_once_when_it_counts_and_a_monthly_look_is_silent(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        credential = a_claim(an_unverified_therapist(email="ash@example.org"))
    decide(credential)
    run_jobs()
    assert outbox.sent == [], "it waits for a second pair of eyes"
    decide(credential)
    run_jobs()
    assert "found it as you told us" in text_of(outbox.last_to("ash@example.org"))
    clock.advance(days=30)
    decide(credential, scope="recheck")
    run_jobs()
    assert len(outbox.sent) == 1


def test_every_reason_has_words_and_something_to_do() -> None:
    for decision in DECISIONS:
        for reason in REASONS[decision]:
            assert decision == "active" or (WHY[reason] and (OF_DECISION.get(decision) or WHAT_TO_DO[reason]))
