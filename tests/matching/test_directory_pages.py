"""A page of the directory: its shape, its cost, nothing hidden in it, and pages that hold while profiles change."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from booking.advance import advance, begin
from booking.lifecycle import State
from booking.models import Booking
from core.clock import FixedClock, now
from core.db import db, transaction
from core.encoding import encoded
from matching.directory import directory
from matching.directory_card import card
from matching.directory_filters import Filters
from matching.directory_routes import DirectoryPageSchema
from tests.browser import Browser
from tests.factories.accounts import a_person
from tests.factories.therapists import a_therapist, an_unverified_therapist
from therapists.models import Service, Therapist
from therapists.profile import edit_profile, profile_for_edit
from therapists.publication import publish, unpublish

PATH = "/api/v1/therapists"


def test_what_is_encoded_directly_is_what_the_schema_would_say(database: None, clock: FixedClock) -> None:
    with transaction():
        a_therapist(name="Full", hours_declared=800)
        bare = a_therapist(name="Bare")
        db.session.execute(text("UPDATE services SET active = false WHERE therapist_id = :id"), {"id": bare.person_id})
        for filters in (Filters(), Filters(place="GB-ENG")):
            page = directory(filters, limit=10, now=now())
            answer = {"items": [card(entry, now=now()) for entry in page.items], "next": page.next}
            assert len(page.items) == 2
            assert encoded(answer).get_data(as_text=True) == json.dumps(DirectoryPageSchema().dump(answer), separators=(",", ":"), ensure_ascii=False)


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection, cursor, statement, *rest):  # type: ignore[no-untyped-def]
        seen.append(statement)

    engine = db.engines[None].engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_page_costs_the_same_statements_whatever_its_length(client: Callable[[], Browser], clock: FixedClock) -> None:
    with transaction():
        for number in range(6):
            a_therapist(name=f"Nobody {number}", hours=[(day, 540, 1020) for day in range(7)])
    counts = []
    for limit in (1, 6):
        with statements() as seen:
            assert len(client().get(f"{PATH}?limit={limit}").json["items"]) == limit
        counts.append(len([each for each in seen if not each.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]))
    assert counts[0] == counts[1] <= 10


HIDDEN = """UPDATE therapists SET style_led = 1, style_intensity = -1, style_past = 1, style_warmth = -1, places = 1, works_from = 'US-TX',
    held_reason = 'conduct', verified_competences = '{suicidality}', revision = revision + 7, created_at = now() - interval '9 years',
    waitlist_open = true
    WHERE person_id = :id"""


def test_nothing_hidden_moves_anybody_on_any_list(client: Callable[[], Browser], clock: FixedClock) -> None:
    with transaction():
        people = []
        for number in range(3):
            people.append(a_therapist(name=f"Person {number}").person_id)
            clock.advance(minutes=1)
    queries = ("", "place=GB-ENG", "language=en&text=person", "name=person", "unit=individual&mode=video", "identity=faith:muslim", "age=adult&accepting=true")
    browser = client()
    before = [browser.get(f"{PATH}?{query}").json for query in queries] + [browser.get(f"{PATH}/facets?{query}").json for query in queries]
    with transaction():
        db.session.execute(text(HIDDEN), {"id": people[1]})
        hidden = {"id": people[1]}
        db.session.execute(text("INSERT INTO therapist_identities (therapist_id, kind, value, audience) VALUES (:id, 'faith', 'muslim', 'nobody')"), hidden)
        db.session.execute(
            text("UPDATE credentials SET number = 'X1', name_on_register = 'Somebody Else', first_checked_by = :id WHERE therapist_id = :id"), hidden
        )
        db.session.expire_all()
    after = [browser.get(f"{PATH}?{query}").json for query in queries] + [browser.get(f"{PATH}/facets?{query}").json for query in queries]
    assert after == before
    assert len(before[0]["items"]) == 3


def test_pages_hold_while_profiles_change(database: None, clock: FixedClock) -> None:
    with transaction():
        people = []
        for number in range(6):
            people.append(a_therapist(name=f"Person {number}", services=True).person_id)
            clock.advance(minutes=1)
        first = directory(Filters(), limit=2, now=now())
        unpublish(profile_for_edit(people[1]), now=now())  # the one that the cursor names
        unpublish(profile_for_edit(people[0]), now=now())
        publish(profile_for_edit(people[0]), now=now())  # comes again at the end, as the newest
        edit_profile(profile_for_edit(people[3]), {"accepting": False}, now=now())
        unpublish(profile_for_edit(people[4]), now=now())
        db.session.flush()
        second = directory(Filters(), limit=2, now=now(), cursor=first.next)
        third = directory(Filters(), limit=9, now=now(), cursor=second.next)
        assert [entry.therapist.person_id for entry in first.items] == people[:2]
        assert [entry.therapist.person_id for entry in second.items] == people[2:4]
        assert [entry.therapist.person_id for entry in third.items] == [people[5], people[0]]
        assert third.next is None


def a_booking(therapist: Therapist, service: Service, *, days_ago: int, minutes: int, kind: str = "session") -> Booking:
    client = a_person()
    starts = now() - timedelta(days=days_ago)
    booking = Booking(
        therapist_id=therapist.person_id,
        service_id=service.id,
        state="confirmed",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=minutes),
        wall_start=f"{starts:%Y-%m-%dT%H:%M}",
        zone="Europe/London",
        tzdata="2026f",
        kind=kind,
        unit="individual",
        mode="video",
        fee_amount=6000,
        fee_currency="GBP",
        cancel_free_hours=24,
        calendar_uid=f"{days_ago}-{therapist.person_id}@example.org",
        booked_by=client.id,
        created_at=starts,
        changed_at=starts,
        participants=[],
    )
    return begin([(booking, [])], by=client.id, now=now())[0]


@pytest.mark.parametrize("state", [State.COMPLETED, State.NO_SHOW, State.CANCELLED, None])
def test_hours_delivered_here_are_those_of_completed_sessions(client: Callable[[], Browser], clock: FixedClock, state: State | None) -> None:
    with transaction():
        therapist = a_therapist(name="Has Worked", hours_declared=1500)
        a_therapist(name="Has Not")
        service = db.session.scalars(select(Service).where(Service.therapist_id == therapist.person_id, Service.kind == "session")).one()
        for days_ago in (3, 10, 17):
            booking = a_booking(therapist, service, days_ago=days_ago, minutes=50)
            if state is not None:
                advance(booking, state, by=None, now=now())
        if state is not None:
            advance(a_booking(therapist, service, days_ago=24, minutes=480, kind="consultation"), state, by=None, now=now())
    cards = client().get(PATH).json["items"]
    hours = {item["display_name"]: item["hours"] for item in cards}
    pages = {item["display_name"]: client().get(f"{PATH}/{item['id']}").json["hours_of_practice"] for item in cards}
    assert pages == hours, "the page of a therapist says the same"
    assert hours["Has Worked"] == {"delivered_here": 2 if state is State.COMPLETED else 0, "declared": 1500}
    assert hours["Has Not"] == {"delivered_here": 0, "declared": None}


def test_a_visitor_without_a_place_sees_everybody_and_is_asked_where_they_are(client: Callable[[], Browser], clock: FixedClock) -> None:
    with transaction():
        a_therapist(name="Here")
        a_therapist(name="There", jurisdictions=("GB-SCT",))
        an_unverified_therapist(name="Not Yet")
    said = {item["display_name"]: item["may_treat"] for item in client().get(PATH).json["items"]}
    assert set(said) == {"Here", "There"}
    assert {each["words"] for each in said.values()} == {"Tell us where you are to see whether this therapist may treat you."}
    assert [item["display_name"] for item in client().get(f"{PATH}?place=GB-ENG").json["items"]] == ["Here"]
