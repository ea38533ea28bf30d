"""The public directory: each filter, names and texts, law by place, pages without gaps, nothing hidden within reach, and plans without sequential scans."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.pool import NullPool

from app.assembly import create_app
from core import jobs
from core.clock import FixedClock, now
from core.db import db, transaction
from core.money import Money
from matching.directory import directory
from matching.directory_filters import Filters, conditions
from tests.browser import Browser
from tests.conftest import NOW, settings_for
from tests.factories.checks import pass_checks
from tests.factories.crowd import a_crowd
from tests.factories.therapists import a_claim, a_service, a_therapist, an_unverified_therapist, verify
from therapists.models import Therapist
from therapists.profile import edit_profile, profile_for_edit
from therapists.profile_models import ProfileReview
from therapists.publication import publish
from therapists.statements import set_formats, set_identities

PATH = "/api/v1/therapists"


def found(browser: Browser, query: str = "") -> list[str]:
    answer = browser.get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.json
    return [item["display_name"] for item in answer.json["items"]]


@pytest.fixture
def listed(client: Callable[[], Browser], clock: FixedClock) -> Browser:
    """Zoë Müller and Bea Brown in Britain, Ola in Ireland: published in this order."""
    with transaction():
        zoe = a_therapist(
            name="Zoë Müller",
            languages=("en", "es"),
            modalities=("emdr",),
            core=("ptsd",),
            insurers=["aetna"],
            about="Grief and crème brûlée.",
            populations=["students"],
        )
        clock.advance(minutes=1)
        bea = a_therapist(name="Bea Brown", units=("individual", "couple"), accepting=False)
        set_identities(
            profile_for_edit(bea.person_id),
            [
                {"kind": "gender", "value": "woman", "relation": "shares", "audience": "public"},
                {"kind": "faith", "value": "muslim", "relation": "shares", "audience": "nobody"},
            ],
            now=now(),
        )
        terms = [{"name": "Reduced", "fee": Money(2000, "GBP")}]
        a_service(bea, kind="session", unit="couple", mode="phone", minutes=50, fee=Money(9000, "GBP"), booking_mode="instant", concessions=terms)
        clock.advance(minutes=1)
        ola = an_unverified_therapist(name="Ola Irish", country="IE", zone="Europe/Dublin")
        verify(a_claim(ola, register="iacp", credential_type="iacp_accredited", number="IE12345"), jurisdictions=("IE",))
        set_formats(profile_for_edit(ola.person_id), units=["individual"], age_bands=["adult", "age_65_plus"], access=["captions"], locations=[], now=now())
        db.session.add(ProfileReview(therapist_id=ola.person_id, approved_at=now()))
        pass_checks(ola)
        publish(profile_for_edit(ola.person_id), now=now())
        assert zoe.published_at
    return client()


EACH_FILTER = {
    "": ["Zoë Müller", "Bea Brown", "Ola Irish"],
    "place=GB-SCT": ["Zoë Müller", "Bea Brown"],
    "place=IE": ["Ola Irish"],
    "place=US-CA": [],
    "language=es": ["Zoë Müller"],
    "concern=ptsd": ["Zoë Müller"],
    "modality=emdr": ["Zoë Müller"],
    "unit=couple": ["Bea Brown"],
    "mode=phone": ["Bea Brown"],
    "unit=individual&mode=phone": [],
    "age=age_65_plus": ["Ola Irish"],
    "ceiling=6000&currency=GBP&unit=couple": [],
    "ceiling=6000&currency=GBP&unit=couple&concession=true": ["Bea Brown"],
    "ceiling=6000&currency=EUR": [],
    "concession=true": ["Bea Brown"],
    "insurer=aetna": ["Zoë Müller"],
    "access=captions": ["Ola Irish"],
    "population=students": ["Zoë Müller"],
    "identity=gender:woman": ["Bea Brown"],
    "identity=faith:muslim": [],
    "accepting=false": ["Bea Brown"],
    "accepting=true": ["Zoë Müller", "Ola Irish"],
    "within_days=1": ["Zoë Müller", "Bea Brown", "Ola Irish"],
    "name=zo": ["Zoë Müller"],
    "name=muller": ["Zoë Müller"],
    "name=Mullre": ["Zoë Müller"],
    "name=xqzvkw": [],
    "text=creme%20brulee": ["Zoë Müller"],
    "text=grief&language=en": ["Zoë Müller"],
    "text=nothing": [],
}
HIDDEN_OR_WRONG = (
    *("style_led=1", "order=fee", "sponsored=true", "places=3", "held_reason=complaint", "youth_checked_at=x", "place=US-XX", "language=xx", "concern=vip"),
    *("ceiling=100", "currency=GBP", "identity=gender", "within_days=99", "cursor=abc", "limit=0", "population=vip", "age=old", "accepting=maybe"),
)


def test_each_filter_leaves_those_who_published_it(listed: Browser) -> None:
    assert {query: found(listed, query) for query in EACH_FILTER} == EACH_FILTER


def test_nothing_hidden_can_be_asked_for_and_a_slip_is_refused(listed: Browser) -> None:
    assert {query: listed.get(f"{PATH}?{query}").status_code for query in HIDDEN_OR_WRONG} == dict.fromkeys(HIDDEN_OR_WRONG, 422)


def test_a_card_asks_for_the_place_and_shows_the_next_opening_and_both_kinds_of_hours(listed: Browser) -> None:
    with transaction():
        person_id = db.session.scalar(select(Therapist.person_id).where(Therapist.display_name == "Zoë Müller"))
        edit_profile(profile_for_edit(person_id or 0), {"hours_declared": 1200}, now=now())
    card = listed.get(PATH).json["items"][0]
    assert card["may_treat"] == {"may": None, "supervised": False, "words": "Tell us where you are to see whether this therapist may treat you."}
    assert card["next_opening"] is not None
    assert card["hours"] == {"delivered_here": 0, "declared": 1200}
    assert listed.get(f"{PATH}?place=GB-ENG").json["items"][0]["may_treat"]["may"] is True


def test_M07_M08_who_lapses_is_gone_from_list_facets_and_count_without_a_write(listed: Browser, clock: FixedClock) -> None:
    assert listed.get(f"{PATH}/verified").json["words"].startswith("3 verified therapists in 2 countries, as of 22 November 2026")
    assert listed.get(f"{PATH}/facets").json["counts"]["languages"] == {"en": 3, "es": 1}
    clock.advance(days=400)
    assert found(listed) == []
    answer = listed.get(f"{PATH}/verified").json
    assert (answer["therapists"], answer["countries"]) == (0, 0)
    assert listed.get(f"{PATH}/facets").json["counts"]["languages"] == {}


def test_facets_count_within_the_filters(listed: Browser) -> None:
    counts = listed.get(f"{PATH}/facets?language=es").json["counts"]
    assert counts["modalities"] == {"emdr": 1}
    assert counts["modes"] == {"video": 1}


@pytest.fixture(scope="module")
def crowded(new_database: Callable[[], str]) -> Iterator[Flask]:
    """An application on a database of its own with 5,000 invented therapists, and the statistics that only an owner may gather."""
    before, name = jobs._application, new_database()
    owner = create_engine(settings_for(name).migration_database_url, poolclass=NullPool)
    with owner.begin() as connection:
        a_crowd(connection.execute, 5000, now=NOW)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    application = create_app(settings_for(name))
    yield application
    with application.app_context():
        db.engine.dispose()
    owner.dispose()
    if before is not None:
        jobs.init_app(before)


@pytest.fixture
def crowd(crowded: Flask) -> Iterator[datetime]:
    with crowded.app_context(), transaction():
        assert db.session.scalar(text("SELECT reltuples FROM pg_class WHERE relname = 'therapists'")) == 5000, "plans are made from statistics"
        yield NOW


def test_pages_of_a_filter_have_no_gap_and_no_double(crowd: datetime) -> None:
    filters = Filters(language="hi", concern="depression")
    whole, cursor = [], None
    while True:
        page = directory(filters, limit=7, now=crowd, cursor=cursor)
        whole += [entry.therapist.person_id for entry in page.items]
        if (cursor := page.next) is None:
            break
    rules, given = conditions(filters, now=crowd)
    expected = db.session.scalars(select(Therapist.person_id).where(*rules).order_by(Therapist.published_at, Therapist.public_id), given)
    assert whole == list(expected)
    assert len(whole) > 14


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


HOT = {
    "whole": Filters(),
    "language and concern": Filters(language="hi", concern="anxiety"),
    "text and filter": Filters(words="burnout", modality="cbt"),
    "fee and unit": Filters(unit="individual", mode="video", ceiling=Money(4500, "GBP")),
    "insurer": Filters(insurer="aetna", accepting=True),
    "place": Filters(place="GB-ENG", language="en"),
}


# Of a table of few pages PostgreSQL may rightly read all.
LARGE = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages > 100")


@contextmanager
def statements_with_values() -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *rest: Any) -> None:
        seen.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def read_whole(filters: Filters, *, at: datetime) -> list[str]:
    """Large tables that the statements of a page, and of the page after it, read from end to end."""
    with statements_with_values() as seen:
        first = directory(filters, limit=20, now=at)
        directory(filters, limit=20, now=at, cursor=first.next)
    assert len(seen) >= 6, "lines, credentials, checks, services, hours, claims"
    large = set(db.session.scalars(LARGE))
    assert {"therapists", "credentials", "services", "working_hours", "practice_checks"} <= large
    found = []
    for statement, values in seen:
        plan = db.session.connection().exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()[0]["Plan"]
        found += [node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    return sorted(large.intersection(found))


@pytest.mark.parametrize("name", HOT)
def test_no_sequential_scan_on_a_hot_path(crowd: datetime, name: str) -> None:
    assert read_whole(HOT[name], at=crowd) == []


def test_an_opening_too_far_away_does_not_count(listed: Browser, clock: FixedClock) -> None:
    clock.advance(days=-1)
    saturday = clock.now()
    assert saturday.weekday() == 5
    assert directory(Filters(opening_within=timedelta(days=1)), limit=9, now=saturday).items == []
