"""Counts beside the list are the list's own: each facet, and how many are verified, in a mixed company with lapses, bars and compacts."""

import random
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.clock import FixedClock
from core.db import db, transaction
from core.money import Money
from matching.counts import FACETS, facet_counts, not_shown, verified_count
from matching.directory import Entry, directory
from matching.directory_filters import Filters
from tests.factories.accounts import a_person
from tests.factories.checks import UNDATED, signed
from therapists.check_models import PracticeCheck
from therapists.models import Credential, OfferedModality, Service, SpokenLanguage, Therapist, TreatedConcern, VerificationRecord
from therapists.schedule_models import TherapistSchedule, WorkingHours

GB = ["GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"]
# register, title, jurisdictions
TITLES = [
    ("bacp", "mbacp", GB),
    ("bacp", "mbacp", ["GB"]),
    ("bacp", "bacp_individual", GB),
    ("hcpc", "practitioner_psychologist", ["GB-ENG"]),
    ("iacp", "iacp_preaccredited", ["IE"]),
    ("us_state_board", "psychologist", ["US-TX"]),
    ("us_state_board", "psychologist", ["US-TX", "US-CO"]),
    ("gottman_institute", "gottman_certified", []),
]
PLACES = (None, "GB-ENG", "GB-SCT", "IE", "US-CO", "US-TX")


def a_company(chance: random.Random, clock: FixedClock, size: int = 48) -> None:
    """Therapists of every kind; some of their credentials end today, ended, are not looked after, or bar."""
    for number in range(size):
        person = a_person(name=None)
        at = clock.now()
        therapist = Therapist(
            person_id=person.id,
            public_id=uuid.uuid4(),
            display_name=f"Company {number}",
            country=chance.choice(("GB", "IE", "US")),
            zone="Europe/London",
            published_at=at - timedelta(minutes=chance.randrange(20)),
            accepting=chance.random() < 0.7,
            accepting_said_at=at - timedelta(days=chance.choice((1, 39, 41))),
            collects=chance.choice((None, "online", "therapist_invoices", "therapist_invoices")),
            units=["individual"],
            works_from=chance.choice((None, "US-TX")),
            created_at=at,
            changed_at=at,
        )
        db.session.add(therapist)
        db.session.flush()
        owner = {"therapist_id": person.id}
        psychologist = ("us_state_board", "psychologist", ["US-TX"])
        held = [psychologist, ("psypact", "apit", ["US-CO"])] if chance.random() < 0.25 else chance.sample(TITLES, chance.choice((1, 1, 2)))
        for register, title, jurisdictions in held:
            credential = _credential(chance, clock, register, title, jurisdictions, person.id)
            db.session.add(credential)
        for kind in ("identity", "insurance", "sanctions", "agreement", *["supervision"] * (chance.random() < 0.8)):
            if chance.random() < 0.97:
                db.session.add(_check(chance, clock, kind, person.id))
        for language in chance.sample(("en", "es", "hi"), 2):
            db.session.add(SpokenLanguage(language=language, level=chance.choice(("native", "working", "basic")), **owner))
        db.session.add_all(TreatedConcern(concern=concern, **owner) for concern in chance.sample(("anxiety", "ocd", "grief"), 2))
        db.session.add_all(OfferedModality(modality=modality, **owner) for modality in chance.sample(("cbt", "emdr"), chance.choice((1, 2))))
        db.session.add_all(_service(chance, person.id) for _ in range(chance.choice((1, 2, 3))))
        hours = [WorkingHours(weekday=0, from_minute=540, to_minute=1020)]
        db.session.add(TherapistSchedule(name="Working hours", is_default=True, hours=hours, **owner))
    db.session.flush()


def _credential(chance: random.Random, clock: FixedClock, register: str, title: str, jurisdictions: list[str], therapist_id: int) -> Credential:
    now, today = clock.now(), clock.now().date()
    looked = chance.choice((1, 10, 20, 20, 44, 46, 80))
    return Credential(
        public_id=uuid.uuid4(),
        therapist_id=therapist_id,
        register=register,
        credential_type=title,
        number=f"N{chance.randrange(10**9)}",
        name_on_register="Company",
        jurisdictions=jurisdictions,
        state=chance.choice(("active",) * 8 + ("expiring", "lapsed", "suspended", "in_review")),
        restricted=chance.random() < 0.05,
        checked_at=now - timedelta(days=looked),
        decided_at=now - timedelta(days=chance.choice((looked, 400, 1094, 1096))),
        expires_on=chance.choice((date(2030, 1, 1),) * 5 + tuple(today + timedelta(days=days) for days in (-1, 0, 1, 2))),
        created_at=now,
    )


def _check(chance: random.Random, clock: FixedClock, kind: str, therapist_id: int) -> PracticeCheck:
    today = clock.now().date()
    looked = chance.choice((1, 20, 30, 44, 46) if chance.random() < 0.2 else (1,))
    last_day = chance.choice((date(2030, 1, 1),) * 20 + tuple(today + timedelta(days=days) for days in (-1, 0, 1, 2)))
    return PracticeCheck(
        therapist_id=therapist_id,
        kind=kind,
        passed=chance.random() < 0.98,
        checked_at=clock.now() - timedelta(days=looked),
        valid_until=None if kind in UNDATED else last_day,
        zone=chance.choice(("Europe/London", "Pacific/Auckland", "America/Los_Angeles")),
        version=signed(kind),
    )


def _service(chance: random.Random, therapist_id: int) -> Service:
    return Service(
        public_id=uuid.uuid4(),
        therapist_id=therapist_id,
        kind=chance.choice(("session", "session", "consultation")),
        unit=chance.choice(("individual", "couple")),
        mode=chance.choice(("video", "phone", "in_person")),
        minutes=50,
        fee_amount=chance.choice((4000, 6000, 8000)),
        fee_currency="GBP",
        booking_mode="instant",
        active=chance.random() < 0.9,
    )


def some_filters(chance: random.Random) -> Filters:
    def perhaps(*words: str) -> str | None:
        return chance.choice(words) if chance.random() < 0.3 else None

    return Filters(
        place=chance.choice(PLACES),
        language=perhaps("en", "es"),
        concern=perhaps("anxiety", "ocd"),
        modality=perhaps("cbt"),
        unit=perhaps("individual", "couple"),
        mode=perhaps("video", "phone", "in_person"),
        ceiling=chance.choice((None, None, Money(6000, "GBP"))),
        accepting=chance.choice((None, None, True)),
    )


def whole_list(filters: Filters, clock: FixedClock) -> list[Entry]:
    page = directory(filters, limit=100, now=clock.now())
    assert page.next is None
    return list(page.items)


@pytest.mark.parametrize("seed", range(3))
def test_each_facet_counts_whom_the_list_shows_with_that_word(database: None, clock: FixedClock, seed: int) -> None:
    chance = random.Random(seed)
    with transaction():
        a_company(chance, clock)
        counted = 0
        for _ in range(5):
            filters = some_filters(chance)
            for name, words in facet_counts(filters, now=clock.now()).items():
                for word in {"languages": ("en", "es", "hi"), "units": ("individual", "couple"), "modes": ("video", "phone")}.get(name, tuple(words)[:2]):
                    shown = whole_list(replace(filters, **{FACETS[name].parameter: word}), clock)
                    assert words.get(word, 0) == len(shown), (filters, name, word)
                    counted += len(shown)
        assert counted > 20, "an empty company proves nothing"


def test_verified_is_counted_from_those_who_are_listed(database: None, clock: FixedClock) -> None:
    with transaction():
        a_company(random.Random(7), clock)
        listed = whole_list(Filters(), clock)
        assert not_shown(Filters(), now=clock.now()), "some of this company have lapsed in their own zone, or are barred"
        assert verified_count(now=clock.now()) == (len(listed), len({entry.therapist.country for entry in listed}))
        clock.advance(days=60)
        assert verified_count(now=clock.now()) == (0, 0)


def test_no_badge_or_line_of_the_list_comes_from_an_older_record(database: None, clock: FixedClock) -> None:
    with transaction():
        a_company(random.Random(11), clock, size=24)
        entry = whole_list(Filters(), clock)[0]
        credential = db.session.query(Credential).filter_by(therapist_id=entry.therapist.person_id).order_by(Credential.id).all()
        verifier = a_person(name="Verifier")
        for each in credential:
            for decision, took_effect in (("rejected", True), ("active", True), ("rejected", False)):
                db.session.add(_record(each, verifier.id, decision, took_effect=took_effect, clock=clock))
        db.session.flush()
        [again] = [each for each in whole_list(Filters(), clock) if each.therapist.person_id == entry.therapist.person_id]
        assert again.badges, "the last record that took effect says active"
        for each in credential:
            db.session.add(_record(each, verifier.id, "lapsed", took_effect=True, clock=clock))
        db.session.flush()
        [again] = [each for each in whole_list(Filters(), clock) if each.therapist.person_id == entry.therapist.person_id]
        assert again.badges == []


def _record(credential: Credential, by: int, decision: str, *, took_effect: bool, clock: FixedClock) -> VerificationRecord:
    return VerificationRecord(
        public_id=uuid.uuid4(),
        credential_id=credential.id,
        checked_by=by,
        checked_at=clock.now(),
        register_address="https://register.example.org/",
        number=credential.number,
        status_text="Registered",
        name_found="Company",
        decision=decision,
        reason="checked",
        took_effect=took_effect,
    )
