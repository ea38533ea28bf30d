"""What the hourly job does to credentials, and that the doors do not wait for it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.clock import FixedClock, now
from core.db import db, transaction
from desk.models import Case
from tests.factories.accounts import a_person
from tests.factories.checks import look_again_at_checks
from tests.factories.therapists import a_check, a_therapist, verify
from tests.fakes.outbox import Outbox, text_of
from therapists.badges import badges_of
from therapists.credentials import withdraw_credential
from therapists.freshness import follow_dates, prepare_looks
from therapists.models import Credential, Therapist
from therapists.profile import own_profile, profile_for_edit
from therapists.publication import is_listed, listed_therapist
from therapists.rechecks import EntryRead, confirm_unchanged, due_looks
from therapists.verification import begin_review, record_check
from therapists.verification_queue import queue

RunJobs = Callable[[], list[str]]


def credential_of(therapist: Therapist) -> Credential:
    return own_profile(therapist.person_id).credentials[0]


def every_hour() -> None:
    with transaction():
        follow_dates(now=now())
        prepare_looks(now=now())


def test_warnings_go_out_at_90_60_30_and_7_days_under_a_neutral_subject(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    last_day = date(2026, 11, 22) + timedelta(days=91)
    with transaction():
        therapist = a_therapist(expires_on=last_day)
    told = []
    for day in range(92):
        for _ in range(2):
            every_hour()
        run_jobs()
        told += [(91 - day, subject) for subject in outbox.subjects()[len(told) :]]
        clock.advance(days=1)
    assert told == [(days, "A date in your profile") for days in (90, 60, 30, 7)]
    assert credential_of(therapist).state == "expiring"


def test_a_renewal_starts_the_warnings_anew(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        therapist = a_therapist(expires_on=date(2026, 11, 27))
    every_hour()
    run_jobs()
    assert len(outbox.sent) == 1
    with transaction():
        verify(credential_of(therapist), expires_on=date(2026, 12, 27))
        assert credential_of(therapist).state == "active"
    every_hour()
    run_jobs()
    assert len(outbox.sent) == 2


def test_M08_the_state_follows_the_midnight_of_the_register(database: None, clock: FixedClock, outbox: Outbox, run_jobs: RunJobs) -> None:
    with transaction():
        therapist = a_therapist(expires_on=date(2026, 11, 24))
    every_hour()
    assert credential_of(therapist).state == "expiring"
    clock.advance(days=2, hours=8)
    every_hour()
    assert credential_of(therapist).state == "expiring", "23:00 in London"
    clock.advance(hours=1)
    every_hour()
    assert (credential_of(therapist).state, credential_of(therapist).state_reason) == ("expired", "date_passed")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "therapists.expired")).one()
    assert (entry.actor_person_id, entry.reason, entry.facts) == (None, "date_passed", {"before": "expiring", "after": "expired"})
    assert [(case.priority, case.state) for case in open_cases()] == [("high", "open")]
    run_jobs()
    every_hour()
    run_jobs()
    assert ["That day is over" in text_of(mail) for mail in outbox.sent] == [False, True], "one warning, and once that it is over"


def open_cases() -> list[Case]:
    return list(db.session.scalars(select(Case).where(Case.kind == "verification", Case.state != "closed").execution_options(populate_existing=True)))


def test_a_monthly_look_becomes_work_a_week_ahead_and_presses_when_it_is_late(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist, verifier = a_therapist(), a_person().id
    seen = []
    for days in (23, 1, 7, 1, 14):
        clock.advance(days=days)
        every_hour()
        every_hour()
        seen.append([(case.priority, case.due_at <= now()) for case in open_cases()])
    assert seen == [[], [("normal", False)], [("normal", True)], [("high", True)], [("urgent", True)]]
    with transaction():
        waiting = queue(by=verifier, limit=5).items
        assert [(each.work(now=now()), each.case.priority) for each in waiting] == [("recheck", "urgent")]
        assert begin_review(waiting[0].credential.public_id, by=verifier, now=now()).state == "active", "it stays what it is while it is looked at"
        credential = credential_of(therapist)
        assert record_check(credential.public_id, a_check(credential, scope="recheck"), by=verifier, now=now()).took_effect
    every_hour()
    assert open_cases() == []


def test_a_late_look_takes_the_list_first_then_the_page_and_never_shows_a_fresh_date(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist()
    first = badges_of(own_profile(therapist.person_id), now=now())[0]
    assert (first.checked_on, first.next_check_on) == (date(2026, 11, 22), date(2026, 12, 23))
    clock.advance(days=32)
    every_hour()
    late = badges_of(own_profile(therapist.person_id), now=now())[0]
    assert (late.checked_on, late.next_check_on) == (date(2026, 11, 22), None)
    assert is_listed(own_profile(therapist.person_id), now=now())
    clock.advance(days=14)
    assert not is_listed(own_profile(therapist.person_id), now=now())
    assert listed_therapist(therapist.public_id, now=now()).person_id == therapist.person_id
    clock.advance(days=31)
    assert badges_of(own_profile(therapist.person_id), now=now()) == []
    with transaction():
        verify(credential_of(therapist))
        look_again_at_checks(therapist)
    assert is_listed(own_profile(therapist.person_id), now=now())


def test_rechecks_do_not_put_off_the_full_verification(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist, verifier = a_therapist(expires_on=date(2035, 1, 1)), a_person().id
    for _ in range(36):
        clock.advance(days=30)
        with transaction():
            credential = credential_of(therapist)
            record_check(credential.public_id, a_check(credential, scope="recheck", expires_on=date(2035, 1, 1)), by=verifier, now=now())
    every_hour()
    with transaction():
        assert [waiting.work(now=now()) for waiting in queue(by=verifier, limit=5).items] == ["full"]
        look_again_at_checks(therapist)
        assert is_listed(own_profile(therapist.person_id), now=now())
    clock.advance(days=20)
    assert not is_listed(own_profile(therapist.person_id), now=now())
    with transaction():
        verify(credential_of(therapist), expires_on=date(2035, 1, 1))
        assert is_listed(own_profile(therapist.person_id), now=now())


def an_entry(credential: Credential, **changes: object) -> EntryRead:
    shown = {"number": credential.number, "name_found": credential.name_on_register, "status_text": "Registered", "expires_on": credential.expires_on}
    return EntryRead(credential_id=credential.public_id, **{**shown, **changes})  # type: ignore[arg-type]


def bring_back(*entries: EntryRead, by: int, register: str = "bacp") -> list[tuple[str, ...]]:
    with transaction():
        return [outcome.differs for outcome in confirm_unchanged(register, entries, register_address="https://register.example/", by=by, now=now())]


def test_what_is_exactly_as_it_was_is_confirmed_in_bulk(database: None, clock: FixedClock) -> None:
    with transaction():
        therapists, verifier = [a_therapist() for _ in range(3)], a_person().id
    clock.advance(days=30)
    every_hour()
    with transaction():
        looks = due_looks("bacp", by=verifier, now=now())
        assert due_looks("hcpc", by=verifier, now=now()) == []
    assert [look.therapist_id for look in looks] == [therapist.person_id for therapist in therapists]
    assert bring_back(*[an_entry(look) for look in looks], by=verifier) == [(), (), ()]
    assert open_cases() == []
    credential = credential_of(therapists[0])
    assert (credential.checked_at, credential.decided_at) == (now(), now() - timedelta(days=30))
    assert (credential.records[-1].scope, credential.records[-1].checked_by) == ("recheck", verifier)


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"number": "999999"}, "number"),
        ({"name_found": "Ash Exampel"}, "name_found"),
        ({"status_text": "Registered with conditions"}, "status_text"),
        ({"expires_on": date(2028, 10, 31)}, "expires_on"),
        ({"expires_on": None}, "expires_on"),
    ],
)
def test_what_differs_in_anything_waits_for_a_single_look(database: None, clock: FixedClock, change: dict[str, object], differs: str) -> None:
    with transaction():
        therapist, verifier = a_therapist(), a_person().id
    clock.advance(days=30)
    every_hour()
    before = credential_of(therapist).checked_at
    assert bring_back(an_entry(credential_of(therapist), **change), by=verifier) == [(differs,)]
    assert credential_of(therapist).checked_at == before
    assert [case.priority for case in open_cases()] == ["high"]


def test_nothing_else_is_confirmed_in_bulk(database: None, clock: FixedClock) -> None:
    with transaction():
        own, restricted, gone, verifier = a_therapist(), a_therapist(), a_therapist(), a_person().id
        verify(credential_of(restricted), restricted=True)
        withdraw_credential(profile_for_edit(gone.person_id), credential_of(gone).public_id, now=now())
    assert bring_back(an_entry(credential_of(own)), by=own.person_id) == [("self_approval",)]
    assert bring_back(an_entry(credential_of(restricted)), an_entry(credential_of(gone)), by=verifier) == [("restricted",), ("not_on_list",)]
    assert bring_back(an_entry(credential_of(own)), by=verifier, register="hcpc") == [("not_on_list",)]
