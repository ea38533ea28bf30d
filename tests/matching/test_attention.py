"""Who was shown is counted without anybody's name; demand comes from real requests, holds and days that are over."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from booking.models import Booking
from core.clock import FixedClock, now
from core.db import db, transaction
from matching.attention.count import count_days, demand_of
from matching.attention.models import Exposure, ShownSlate
from matching.kept_facts import facts_named
from matching.models import Shortlist
from matching.replay import replay
from matching.slate import attention
from taxonomy.vocabulary import vocabulary
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.care import a_client
from tests.matching import personas
from tests.matching.visits import API, Visit
from therapists.models import Therapist

Visiting = Callable[[], Visit]


def counted(clock: FixedClock) -> dict[int, Exposure]:
    with transaction():
        count_days(now=clock.now())
    return {row.therapist_id: row for row in db.session.scalars(select(Exposure).execution_options(populate_existing=True))}


def rows(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_slate_is_counted_once_an_intake_and_day_and_only_once_its_day_is_over(visit: Visiting, therapists: dict[str, Therapist], clock: FixedClock) -> None:
    here = visit().answer(personas.P01)
    for _ in range(3):
        shown = here.shortlist()
    visit().answer(personas.P01).shortlist()
    assert (rows(Shortlist), rows(ShownSlate)) == (4, 2), "asking again and again takes no more attention"
    pia = therapists["T16"].person_id
    assert counted(clock) == {}, "today does not count"
    with transaction():
        assert demand_of([pia], now=clock.now()) == {}
    clock.advance(days=1)
    exposure = counted(clock)
    assert (exposure[pia].shown, exposure[pia].given) == (2, pytest.approx(2 * attention(1)))
    assert sum(each.given for each in exposure.values()) == pytest.approx(sum(each.deserved for each in exposure.values()))
    assert counted(clock).keys() == exposure.keys(), "counting again changes nothing"
    with transaction():
        owed = demand_of([each.person_id for each in therapists.values()], now=clock.now())
    assert owed[pia].owed < 0 < max(each.owed for each in owed.values()), "whoever was shown first is owed less"
    assert len(shown["cards"]) == 5
    clock.advance(days=14)
    with transaction():
        assert demand_of([pia], now=clock.now()) == {}, "beyond the 14 days before today"


def test_M42_clearing_answers_leaves_nothing_about_the_person_in_the_log_and_the_counts_as_they_were(
    visit: Visiting, therapists: dict[str, Therapist], clock: FixedClock
) -> None:
    here = visit().answer(personas.P01)
    here.shortlist()
    visit().answer(personas.P09).shortlist()
    kept = db.session.scalars(select(ShownSlate).limit(1)).one()
    assert here.browser.delete(here.path).status_code == 204
    assert rows(Shortlist) == 1, "what was kept of the slate went with the answers"
    everything = " ".join(str(row) for table in ("shown_slates", "exposures", "shortlists") for row in db.session.execute(text(f"SELECT * FROM {table}")))
    assert here.id not in everything
    assert rows(ShownSlate) == 2, "whom it showed is still counted"
    assert {column.name for column in ShownSlate.__table__.columns} == {
        *("id", "shown_on", "weights_version", "taxonomy_version"),
        *("therapist_ids", "places", "roles", "propensities", "given", "deserved"),
    }
    assert kept.shown_on == clock.now().date()
    clock.advance(days=1)
    slates = db.session.execute(select(ShownSlate.therapist_ids, ShownSlate.places)).all()
    listed = Counter(person for ids, places in slates for person, place in zip(ids, places, strict=True) if place is not None)
    assert listed[therapists["T16"].person_id] >= 1, "she stood on the list that was cleared"
    assert Counter({person: row.shown for person, row in counted(clock).items()}) == listed


def test_M43_a_stored_slate_is_made_again_identically_also_when_the_therapists_have_changed(visit: Visiting, therapists: dict[str, Therapist]) -> None:
    here = visit().answer(personas.P01)
    shown = here.shortlist()
    with transaction():
        db.session.execute(text("UPDATE therapists SET style_led = -1, style_past = -1"))
        db.session.execute(text("UPDATE services SET fee_amount = 100"))
    row = db.session.scalars(select(Shortlist)).one()
    again = replay(row.shown, facts_named(row.shown), vocabulary=vocabulary())
    assert again.is_identical, again.differences
    assert [card["key"] for card in again.cards] == [card["therapist_id"] for card in shown["cards"]]
    assert [card["score"] for card in again.cards] == [card["score"] for card in shown["cards"]]


def test_waiting_requests_are_demand_and_holds_are_not(
    visit: Visiting, therapists: dict[str, Therapist], client: Callable[[], Browser], clock: FixedClock
) -> None:
    pia = therapists["T16"].person_id
    with transaction():
        service = str(db.session.execute(text(f"SELECT public_id FROM services WHERE therapist_id = {pia} AND kind = 'consultation'")).scalar_one())
        db.session.execute(text("UPDATE services SET booking_mode = 'request'"))
        asking = a_client().person_id
    answer = signed_in(client, asking).post(f"{API}/bookings", json={"service_id": service, "start": "2026-11-24T18:00:00Z"})
    assert answer.status_code == 201, answer.text
    with transaction():
        assert demand_of([pia], now=now())[pia].pending == 1
    clock.advance(hours=49)
    with transaction():
        assert demand_of([pia], now=now()) == {}, "its clock has run out, whatever jobs do"


def test_P37_ten_copies_within_an_hour_find_T16_as_long_as_there_is_a_place_and_again_when_a_hold_is_over(
    visit: Visiting, therapists: dict[str, Therapist], client: Callable[[], Browser], clock: FixedClock
) -> None:
    pia = therapists["T16"]
    with transaction():
        service = str(db.session.execute(text(f"SELECT public_id FROM services WHERE therapist_id = {pia.person_id} AND kind = 'session'")).scalar_one())
        people = [a_client().person_id for _ in range(10)]
    saw: list[str] = []

    def hold_with_pia(person_id: int) -> bool:
        cards = visit().answer(personas.P01).shortlist()["cards"]
        saw.append(cards[0]["display_name"])
        if cards[0]["display_name"] != "Pia":
            return False
        (start,) = (each["next_openings"][0] for each in cards[0]["services"] if each["service_id"] == service)
        answer = signed_in(client, person_id).post(f"{API}/holds", json={"service_id": service, "start": start})
        assert answer.status_code == 201, answer.text
        return True

    held = []
    for person_id in people:
        clock.advance(seconds=20)
        held.append(hold_with_pia(person_id))
    assert held == [True, True] + [False] * 8, "holds are taken places"
    assert "Pia" not in saw[2:]
    clock.advance(minutes=11)
    assert hold_with_pia(people[9]), "the holds are over"
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 3
