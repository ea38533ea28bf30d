"""The same questions over HTTP from the columns and from the specification, after every kind of change that makes a candidate another one."""

import random
import runpy
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update

import matching.live.held
import matching.view
from app.demo.load import load_cast
from booking.hold import hold_opening
from booking.openings.availability import openings_between
from booking.outside.models import OutsideCalendar, OutsideInterval
from care.models import CareRelation, ReservedPlace
from core.clock import FixedClock, now
from core.db import db, transaction
from matching.live.held import Held, live
from matching.live.reading import Known
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.care import a_client
from tests.matching import personas
from tests.matching.visits import Visit
from therapists.changes import forget_changes
from therapists.models import Credential, IdentityStatement, Service, SpokenLanguage, Therapist, VerificationRecord
from therapists.schedule_models import TherapistLimits, TherapistSchedule, TimeOff, WorkingHours

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]
Change = Callable[["World"], None]
CHANGING = frozenset({"id", "made_at"})
# Everybody fits, so that whoever changes is seen to change.
ANYBODY = {"for_whom": "self", "place": "GB-ENG", "age_band": "adult", **personas.SAFE, "main_concern": "depression", "confirmed": True}


class World:
    """Real commits, a clock that the test moves, two guests and a client who ask."""

    def __init__(self, app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.clock, self.monkeypatch = app, clock, monkeypatch
        self.ids: dict[str, int] = {}
        self.client_id, self.other_id = 0, 0
        self.visits: list[Visit] = []

    def begin(self) -> "World":
        with self.committing():
            verifier = an_account(roles=("verifier",))
            cast = load_cast(now=now(), verifier_id=verifier.person_id, password_hash="nobody signs in with this")
            self.ids = {each.display_name: each.person_id for each in cast.values()}
            self.other_id = a_client().person_id
            self.client_id = a_client(email="client@example.org").person_id
        return self.come_in()

    def come_in(self) -> "World":
        """Guests' answers close after an hour, and nobody stays signed in for weeks."""
        own = self.app.test_client()
        own.sign_in("client@example.org", PASSWORD)  # type: ignore[attr-defined]
        asked = [(self.app.test_client(), personas.P01), (self.app.test_client(), ANYBODY), (own, ANYBODY)]
        self.visits = [Visit(browser).begin().answer(answers) for browser, answers in asked]  # type: ignore[arg-type]
        return self

    @contextmanager
    def committing(self) -> Iterator[None]:
        with self.app.app_context(), transaction():
            yield

    def service(self, name: str, kind: str = "session") -> Service:
        wanted = select(Service).where(Service.therapist_id == self.ids[name], Service.kind == kind, Service.unit == "individual", Service.active)
        return db.session.scalars(wanted.order_by(Service.id).limit(1)).one()

    def set(self, name: str, **facts: Any) -> None:
        db.session.execute(update(Therapist).where(Therapist.person_id == self.ids[name]).values(**facts))

    def first_openings(self, name: str, most: int = 3) -> list[datetime]:
        service = self.service(name)
        return openings_between([service.id], now(), now() + timedelta(days=28), now=now(), limit=most)[service.id]

    def told(self) -> list[Json]:
        """What everybody is shown: a list made, read again, and everybody in pages."""
        found = []
        for visit in self.visits:
            found.append({name: value for name, value in visit.shortlist().items() if name not in CHANGING})
            read = visit.read()
            assert read.status_code == 200, read.text
            found.append({name: value for name, value in read.get_json().items() if name not in CHANGING})
            page = visit.browser.get(f"{visit.path}/eligible?limit=4").get_json()
            found.append(page)
            if page["next"]:
                found.append(visit.browser.get(f"{visit.path}/eligible?limit=4&cursor={page['next']}").get_json())
        return found

    def both_ways(self) -> list[Json]:
        """The same, whether it comes from columns (nobody reads everybody) or from the specification alone."""
        with self.monkeypatch.context() as patched:
            patched.setattr(matching.view, "market_for", _nobody_reads_everybody)
            columns = self.told()
        with self.monkeypatch.context() as patched:
            patched.setattr(matching.view, "columns_view", lambda *_, **__: None)
            specification = self.told()
        assert columns == specification
        return columns


def _nobody_reads_everybody(*_: Any, **__: Any) -> Any:
    raise AssertionError("the columns were to answer")


def suspended(world: World) -> None:
    world.set("Pia", held_at=now(), held_reason="complaint")


def free_again(world: World) -> None:
    world.set("Pia", held_at=None, held_reason=None)


def fee_changed(world: World) -> None:
    world.service("Uma").fee_amount += 1500


def hold_taken(world: World) -> None:
    """Somebody takes the first opening, and with it a place."""
    hold_opening(world.other_id, world.service("Ravi").public_id, world.first_openings("Ravi")[0], now=now())


def full(world: World) -> None:
    world.set("Quinn", places=0, waitlist_open=True)


def last_place_reserved(world: World) -> None:
    taken = db.session.scalar(select(func.count()).select_from(CareRelation).where(CareRelation.therapist_id == world.ids["Jay"]))
    world.set("Jay", places=(taken or 0) + 1, waitlist_open=True)
    db.session.execute(delete(ReservedPlace).where(ReservedPlace.therapist_id == world.ids["Jay"]))
    db.session.add(ReservedPlace(therapist_id=world.ids["Jay"], client_id=world.other_id, until=now() + timedelta(minutes=10)))


def limits_set(world: World) -> None:
    db.session.merge(TherapistLimits(therapist_id=world.ids["Ravi"], day_sessions=1, week_start=0, count_requests=True))


def hours_cut(world: World) -> None:
    own = select(TherapistSchedule.id).where(TherapistSchedule.therapist_id == world.ids["Farid"])
    db.session.execute(delete(WorkingHours).where(WorkingHours.schedule_id.in_(own), WorkingHours.weekday < 3))


def away(world: World) -> None:
    first = now().date()
    db.session.add(TimeOff(therapist_id=world.ids["Uma"], first_day=first, last_day=first + timedelta(days=3), from_minute=0, to_minute=1440, created_at=now()))


def busy_outside(world: World) -> None:
    start, *_ = world.first_openings("Pia") or [now()]
    calendar = OutsideCalendar(
        public_id=uuid.uuid4(),
        therapist_id=world.ids["Pia"],
        tentative_blocks=True,
        created_at=now(),
        due_at=now() + timedelta(days=90),
        tried_at=now(),
        good_at=now(),
        read_as="",
        read_until=now(),
        skipped={},
    )
    calendar.address = "https://calendar.example/own.ics"
    db.session.add(calendar)
    db.session.flush()
    db.session.add(OutsideInterval(calendar_id=calendar.id, therapist_id=world.ids["Pia"], starts_at=start, ends_at=start + timedelta(hours=2)))


def speaks_no_english(world: World) -> None:
    db.session.execute(delete(SpokenLanguage).where(SpokenLanguage.therapist_id == world.ids["Quinn"], SpokenLanguage.language == "en"))


def stated_for_clients(world: World) -> None:
    """What is for signed-in people alone: the client's list may know it, the guests' may not."""
    own = (IdentityStatement.therapist_id == world.ids["Pia"], IdentityStatement.kind == "gender")
    db.session.execute(update(IdentityStatement).where(*own).values(audience="clients"))


def unpublished(world: World) -> None:
    world.set("Sara", published_at=None)


def credential_suspended(world: World) -> None:
    db.session.execute(update(Credential).where(Credential.therapist_id == world.ids["Quinn"]).values(state="suspended"))


def ends_tomorrow(world: World) -> None:
    """The clock alone ends it, at midnight."""
    expires_on = now().date() + timedelta(days=1)
    db.session.execute(update(Credential).where(Credential.therapist_id == world.ids["Uma"]).values(expires_on=expires_on))


def leaves(world: World) -> None:
    world.set("Farid", leaves_at=now() + timedelta(days=2))


def headline_changed(world: World) -> None:
    world.set("Uma", headline="Now also in the evening")


def register_looked_at_again(world: World) -> None:
    """Only the date of a badge is another one."""
    of_hers = select(VerificationRecord).join(Credential, Credential.id == VerificationRecord.credential_id).where(Credential.therapist_id == world.ids["Uma"])
    last = db.session.scalars(of_hers.order_by(VerificationRecord.id.desc()).limit(1)).one()
    kept = {each.key: getattr(last, each.key) for each in VerificationRecord.__table__.columns if each.key not in ("id", "public_id", "checked_at")}
    db.session.add(VerificationRecord(checked_at=now(), **kept))


def talk_is_longer(world: World) -> None:
    world.service("Uma", "consultation").minutes += 5


def client_books(world: World) -> None:
    """The client who asks has a hold of their own: time that is theirs, and a therapist whom they know."""
    hold_opening(world.client_id, world.service("Ravi").public_id, world.first_openings("Ravi")[-1], now=now())


CHANGES: tuple[Change, ...] = (
    suspended,
    free_again,
    fee_changed,
    hold_taken,
    full,
    last_place_reserved,
    hours_cut,
    away,
    busy_outside,
    speaks_no_english,
    stated_for_clients,
    unpublished,
    ends_tomorrow,
    leaves,
    limits_set,
    client_books,
)
# What nobody is ranked by: only cards show it.
ON_CARDS: tuple[Change, ...] = (headline_changed, register_looked_at_again, talk_is_longer)


@pytest.fixture
def world(committed_app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(committed_app, clock, monkeypatch).begin()


def test_columns_and_specification_give_identical_answers_after_every_change(world: World) -> None:
    """Changes in a random order, the same each run; after each, or a few, everybody asks. Then the clock alone moves."""
    world.monkeypatch.setattr("matching.live.held.MOST_BESIDE", 3)  # again and again they are put behind those who are left
    seen = [world.both_ways()]
    for change in ON_CARDS:
        world.clock.advance(seconds=1)
        with world.committing():
            change(world)
        seen.append(world.both_ways())
    drawn = random.Random(26).sample(CHANGES, len(CHANGES))
    for at, change in enumerate(drawn):
        with world.committing():
            change(world)
        if at % 2:
            seen.append(world.both_ways())
    assert all(one != other for one, other in pairwise(seen)), "each pair of changes is seen"
    entered = world.clock.now()
    # A hold that lapses, lead times that pass, a midnight, a registration that ends, weeks of nobody saying anything.
    for duration in ({"minutes": 11}, {"hours": 3, "seconds": 17}, {"hours": 40}, {"days": 8}, {"days": 40}):
        world.clock.advance(**duration)
        seen.append((world.come_in() if world.clock.now() - entered > timedelta(minutes=50) else world).both_ways())
        entered = world.clock.now()
    assert len({str(each) for each in seen[-6:]}) >= 5, "the clock is seen to move"


def test_what_is_rolled_back_or_only_about_to_be_committed_is_in_no_columns(world: World) -> None:
    before = world.both_ways()
    with pytest.raises(RuntimeError, match="changed their mind"), world.committing():
        suspended(world)
        assert live().as_new_as_the_database(now=now()) is None, "a transaction that changes somebody asks the specification"
        raise RuntimeError("changed their mind")
    assert world.both_ways() == before
    # The order of commits is another one than that of the numbers of transactions: the later writer is seen first, the earlier one is not lost.
    with world.app.app_context(), db.engine.connect() as early, db.engine.connect() as late:
        change = text("UPDATE therapists SET places = 0 WHERE person_id = :id")
        early.execute(change, {"id": world.ids["Pia"]})
        late.execute(change, {"id": world.ids["Uma"]})
        late.commit()
        between = world.both_ways()
        assert between != before
        early.commit()
    after = world.both_ways()
    assert after != between
    assert "Pia" not in str(after[0]["cards"])


def test_only_whoever_changed_is_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.told()

    def held() -> Held:
        with world.app.app_context(), transaction():
            found = live().as_new_as_the_database(now=now())
            assert found is not None
            return found

    columns = held().columns
    with world.committing():
        fee_changed(world)
        credential_suspended(world)
    again = held()
    assert again.columns is columns
    assert set(again.beside) == {world.ids["Uma"], world.ids["Quinn"]}
    world.clock.advance(hours=25)
    assert held().columns is not columns, "after a day of silence everybody is read anew"


def test_where_what_is_shown_is_not_as_the_columns_say_the_specification_makes_the_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = world.told()
    looks: list[str] = []
    monkeypatch.setattr("matching.live.columns_view.isclose", lambda *_, **__: looks.append("no"))  # nothing agrees
    assert world.told() == expected
    assert len(looks) >= 2 * len(world.visits), "at least a list that is made, and everybody on it"


def test_whoever_is_kept_whole_is_read_again_when_the_clock_alone_changes_them(world: World) -> None:
    """A first talk opens further at a midnight of its own, of which no column knows."""
    world.told()
    with world.app.app_context(), transaction(read_only=True):
        held, pia = live().as_new_as_the_database(now=now()), world.ids["Pia"]
        assert held is not None
        kept = held.known([pia], now=now())[pia]
        assert held.known([pia], now=kept.good_until - timedelta(microseconds=1))[pia] is kept
        assert held.known([pia], now=kept.good_until)[pia] is not kept


def test_a_process_reads_everybody_as_soon_as_it_serves_and_before_the_first_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the server's own configuration does it; a thread of its own goes by the true clock."""
    world.clock.instant = datetime.now(UTC)
    world.come_in()
    reading, begun = matching.live.held.everybody, list[str]()

    def noted(*, now: datetime) -> Iterator[Known]:
        begun.append(threading.current_thread().name)
        return reading(now=now)

    monkeypatch.setattr("matching.live.held.everybody", noted)
    serving = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    serving["post_worker_init"](SimpleNamespace(wsgi=world.app))
    for thread in threading.enumerate():
        if thread.name == "columns":
            thread.join(timeout=60)
    world.told()
    assert begun == ["columns"]


def test_a_log_line_goes_after_two_days(world: World) -> None:
    with world.committing():
        suspended(world)
    with world.committing():
        count = text("SELECT count(*) FROM candidate_changes")
        assert db.session.execute(count).scalar_one() > 0
        forget_changes(now=datetime.now(UTC) + timedelta(days=3))
        assert db.session.execute(count).scalar_one() == 0
