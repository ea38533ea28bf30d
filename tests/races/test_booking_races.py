"""Many callers, several real web processes, one winner; and a control that shows the race when the guards are off."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from core.clock import now
from core.db import PERSON_LOCKS, db, transaction
from tests.booking.practice import a_consultation, a_service, a_therapist
from tests.races.arena import CROWD, Arena, Runner, a_crowd, opened, take_the_constraint_away

pytestmark = [pytest.mark.races, pytest.mark.xdist_group("races")]
ROUNDS = 20
CONTROL_ROUNDS = 20  # at most: the first one that goes wrong is enough


class Field:
    """An arena with one therapist who works around the clock, and their services by public id."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        with arena.app.app_context(), transaction():
            therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")
            self.service = str(a_service(therapist).public_id)
            self.dense = str(a_service(therapist, step_minutes=5).public_id)
            self.consultation = str(a_consultation(therapist, request_blocks=False).public_id)
            self.therapist = arena.enter(therapist.person_id)
            self.crowd = a_crowd(arena)
            self.first = (now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)

    def opening(self, number: int) -> datetime:
        return self.first + timedelta(hours=number)

    def booking(self, runner: Runner, start: datetime, service: str | None = None, **headers: str) -> tuple:
        return runner, "/api/v1/bookings", {"service_id": service or self.service, "start": start.isoformat()}, headers

    def hold(self, runner: Runner, start: datetime, service: str | None = None, **headers: str) -> tuple:
        return runner, "/api/v1/holds", {"service_id": service or self.service, "start": start.isoformat()}, headers

    def move(self, runner: Runner, booking: str, start: datetime, seen: datetime) -> tuple:
        return runner, f"/api/v1/bookings/{booking}/move", {"start": start.isoformat(), "from": seen.isoformat(), "reason": "time"}, {}

    def booked(self, runner: Runner, start: datetime) -> str:
        (answer,) = self.arena.race([self.booking(runner, start)])
        assert answer.status == 201, answer
        return str(answer.body["id"])

    def everybody_books(self, number: int) -> Counter[int]:
        answers = self.arena.race([self.booking(runner, self.opening(number)) for runner in self.crowd])
        # On a machine that is busy with other things somebody may wait longer for the lock than is right, and is told so.
        assert {answer.code for answer in answers if answer.status == 409} <= {"taken", "busy"}, answers
        return Counter(answer.status for answer in answers)


@pytest.fixture(scope="module")
def place(new_database: Callable[[], str]) -> Iterator[Field]:
    with opened(new_database) as arena:
        yield Field(arena)


def test_D1_R01_one_opening_and_32_clients_over_two_processes_is_one_booking_in_each_of_20_rounds(place: Field):
    counts = [place.everybody_books(number) for number in range(ROUNDS)]
    assert counts == [Counter({201: 1, 409: CROWD - 1})] * ROUNDS
    fought_for = "b.starts_at >= :low AND b.starts_at < :high"
    span = {"low": place.opening(0), "high": place.opening(ROUNDS)}
    assert place.arena.ask(f"SELECT count(*) FROM bookings b WHERE {fought_for}", **span) == ROUNDS
    assert place.arena.ask(f"SELECT count(*) FROM claims c JOIN bookings b ON b.id = c.booking_id WHERE blocks AND {fought_for}", **span) == 2 * ROUNDS
    assert place.arena.ask(f"SELECT count(*) FROM booking_events e JOIN bookings b ON b.id = e.booking_id WHERE {fought_for}", **span) == ROUNDS
    told = place.arena.ask("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'booking.tell'")
    assert told == place.arena.ask("SELECT count(*) FROM booking_events")
    assert place.arena.overlaps == 0


def test_M39_fifty_people_who_book_one_opening_at_once_make_one_booking(place: Field):
    with place.arena.app.app_context(), transaction():
        fifty = [*place.crowd, *a_crowd(place.arena, 50 - CROWD, first=CROWD)]
    answers = place.arena.race([place.booking(runner, place.opening(600)) for runner in fifty])
    assert Counter(answer.status for answer in answers) == Counter({201: 1, 409: 49})
    assert place.arena.overlaps == 0


def test_R02_with_the_guards_off_the_same_race_books_an_opening_twice(new_database: Callable[[], str]):
    with opened(new_database, wsgi="tests.races.unguarded:app") as arena:
        field = Field(arena)
        # The lock is off, and the database still lets only one through; it is slower, because people now wait for each other crosswise.
        assert field.everybody_books(-1) == Counter({201: 1, 409: CROWD - 1})
        assert arena.overlaps == 0
        take_the_constraint_away(arena.app)
        won_twice = any(field.everybody_books(number)[201] > 1 for number in range(CONTROL_ROUNDS))
        assert won_twice
        assert arena.overlaps > 0
        # Nor does anybody count what the others are doing.
        assert any(sum(each.status == 201 for each in arena.race(ten_holds(field, runner, 900))) > 3 for runner in field.crowd[:CONTROL_ROUNDS])


def test_D2_overlapping_starts_leave_a_set_that_is_pairwise_disjoint(place: Field):
    start = place.opening(100)
    starts = [start + timedelta(minutes=5 * (number % 12)) for number in range(CROWD)]
    answers = place.arena.race([place.booking(runner, at, place.dense) for runner, at in zip(place.crowd, starts, strict=True)])
    won = [at for answer, at in zip(answers, starts, strict=True) if answer.status == 201]
    assert {answer.status for answer in answers} == {201, 409}
    assert 1 <= len(won) <= 2
    assert place.arena.overlaps == 0


def test_D4_a_request_confirmed_and_taken_back_at_once_has_one_outcome_and_one_event(place: Field):
    for number in range(4):
        asked = place.arena.race([place.booking(place.crowd[number], place.opening(200 + number), place.consultation)])[0]
        path = f"/api/v1/bookings/{asked.body['id']}"
        calls = [(place.therapist, f"{path}/confirm", None, {})] * 3 + [(place.crowd[number], f"{path}/withdraw", None, {})] * 3
        answers = place.arena.race(calls)
        assert Counter(answer.status for answer in answers) == {200: 1, 409: 5}
        won = next(answer.body["state"] for answer in answers if answer.status == 200)
        events = place.arena.ask(
            "SELECT string_agg(e.to_state, ' ' ORDER BY e.id) FROM booking_events e JOIN bookings b ON b.id = e.booking_id WHERE b.public_id = :id",
            id=asked.body["id"],
        )
        assert events == f"requested {won}"


def test_R06_D3_two_requests_for_one_opening_confirmed_in_parallel_is_one_appointment(place: Field):
    for number in range(4):
        start = place.opening(300 + number)
        asked = place.arena.race([place.booking(runner, start, place.consultation) for runner in place.crowd[16 + 2 * number :][:2]])
        assert [answer.status for answer in asked] == [201, 201]
        answers = place.arena.race([(place.therapist, f"/api/v1/bookings/{each.body['id']}/confirm", None, {}) for each in asked])
        assert sorted(answer.status for answer in answers) == [200, 409]
        states = place.arena.ask("SELECT string_agg(state, ' ' ORDER BY state) FROM bookings WHERE starts_at = :at", at=start)
        assert states == "confirmed declined"


def test_R12_one_key_sent_20_times_at_once_is_one_booking_and_20_equal_answers(place: Field):
    call = place.booking(place.crowd[0], place.opening(400), **{"Idempotency-Key": "sent-often"})
    answers = place.arena.race([call] * 20)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1
    assert all(answer.body == answers[0].body for answer in answers)
    assert place.arena.ask("SELECT count(*) FROM bookings WHERE starts_at = :at", at=place.opening(400)) == 1


def test_one_client_who_books_two_therapists_at_once_is_in_one_place(place: Field):
    with place.arena.app.app_context(), transaction():
        other = str(a_service(a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC", name="Toni Brook")).public_id)
    for number in range(4):
        start, runner = place.opening(500 + number), place.crowd[number]
        answers = place.arena.race([place.booking(runner, start), place.booking(runner, start, other)] * 4)
        assert Counter(answer.status for answer in answers) == {201: 1, 409: 7}
    assert place.arena.overlaps == 0


def test_whoever_waits_too_long_for_a_lock_is_told_to_try_again(place: Field):
    with place.arena.app.app_context(), db.engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PERSON_LOCKS + place.therapist.person_id})
        (answer,) = place.arena.race([place.booking(place.crowd[0], place.opening(450))])
    assert (answer.status, answer.code, answer.retry_after) == (409, "busy", "1")
    (answer,) = place.arena.race([place.booking(place.crowd[0], place.opening(450))])
    assert answer.status == 201


def test_the_last_place_of_a_therapist_is_given_once(place: Field):
    with place.arena.app.app_context(), transaction():
        therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC", name="Kit Small", places=1)
        service = str(a_service(therapist).public_id)
    answers = place.arena.race([place.booking(runner, place.opening(600 + n), service) for n, runner in enumerate(place.crowd[:8])])
    assert Counter((answer.status, answer.code) for answer in answers) == {(201, None): 1, (409, "not_accepting"): 7}


def test_an_opening_is_confirmed_once_while_its_request_lapses(place: Field):
    """A clock that runs out and a yes that comes in: whichever is first, the other finds it done."""
    from booking.jobs import expire

    asked = place.arena.race([place.booking(place.crowd[5], place.opening(700), place.consultation)])[0].body["id"]
    with place.arena.app.app_context():
        with transaction():
            booking_id = db.session.execute(db.text("UPDATE bookings SET lapses_at = now() WHERE public_id = :id RETURNING id"), {"id": asked}).scalar_one()
        expire.run(booking_id=booking_id)
    answer = place.arena.race([(place.therapist, f"/api/v1/bookings/{asked}/confirm", None, {})])[0]
    assert (answer.status, answer.code, answer.body["state"]) == (409, "ended", "expired")


def test_R16_ten_requests_of_one_client_at_once_leave_three_open(place: Field):
    calls = [place.booking(place.crowd[9], place.opening(800 + number), place.consultation) for number in range(10)]
    answers = place.arena.race(calls)
    assert {answer.code for answer in answers if answer.status != 201} <= {"too_many_open", "busy"}
    assert sum(answer.status == 201 for answer in answers) == 3


def ten_holds(field: Field, runner: Runner, first: int) -> list[tuple]:
    return [field.hold(runner, field.opening(first + number)) for number in range(10)]


def test_R16_D10_ten_holds_of_one_client_at_once_leave_three_and_replace_none(place: Field):
    answers = place.arena.race(ten_holds(place, place.crowd[10], 900))
    assert {answer.code for answer in answers if answer.status != 201} <= {"too_many_holds", "busy"}
    assert sum(answer.status == 201 for answer in answers) == 3
    live = "SELECT count(*) FROM bookings WHERE booked_by = :id AND state = 'held'"
    assert place.arena.ask(live, id=place.crowd[10].person_id) == 3


def test_R01_D1_one_opening_is_held_once(place: Field):
    for number in range(3):
        start = place.opening(920 + number)
        answers = place.arena.race([place.hold(runner, start) for runner in place.crowd[11:]])
        assert Counter(answer.status for answer in answers) == {201: 1, 409: CROWD - 12}
    assert place.arena.overlaps == 0


def test_R12_D5_one_key_sent_20_times_at_once_is_one_hold(place: Field):
    answers = place.arena.race([place.hold(place.crowd[1], place.opening(940), **{"Idempotency-Key": "held-often"})] * 20)
    assert {(answer.status, answer.body["id"]) for answer in answers} == {(201, answers[0].body["id"])}


def test_R11_D8_a_hold_that_is_over_goes_to_whoever_books_and_its_holder_is_too_late(place: Field):
    for number in range(3):
        start, holder, rivals = place.opening(950 + number), place.crowd[2 + number], place.crowd[20:24]
        (held,) = place.arena.race([place.hold(holder, start)])
        with place.arena.app.app_context(), transaction():
            over = {"id": held.body["id"], "at": now() - timedelta(seconds=1)}
            db.session.execute(text("UPDATE claims SET lapses_at = :at WHERE booking_id = (SELECT id FROM bookings WHERE public_id = :id)"), over)
            db.session.execute(text("UPDATE bookings SET lapses_at = :at WHERE public_id = :id"), over)
        confirm = (holder, f"/api/v1/holds/{held.body['id']}/confirm", {}, {})
        answers = place.arena.race([confirm, confirm, *(place.booking(rival, start) for rival in rivals)])
        assert [(answer.status, answer.code) for answer in answers[:2]] == [(410, "hold_expired")] * 2
        assert Counter(answer.status for answer in answers[2:]) == {201: 1, 409: 3}
    assert place.arena.overlaps == 0


def test_D4_a_hold_confirmed_and_released_at_once_has_one_outcome(place: Field):
    for number in range(3):
        holder = place.crowd[6]
        (held,) = place.arena.race([place.hold(holder, place.opening(960 + number))])
        calls = [(holder, f"/api/v1/holds/{held.body['id']}/{step}", body, {}) for step, body in (("confirm", {}), ("release", None))] * 3
        answers = place.arena.race(calls)
        assert Counter(answer.status for answer in answers) == {200: 1, 409: 5}


def test_R07_client_and_therapist_move_one_appointment_at_once_and_one_of_them_wins(place: Field):
    for number in range(4):
        runner, seen = place.crowd[24 + number], place.opening(1000 + 10 * number)
        booking = place.booked(runner, seen)
        aims = {runner: seen + timedelta(hours=1), place.therapist: seen + timedelta(hours=2)}
        answers = place.arena.race([place.move(who, booking, aim, seen) for who, aim in aims.items()])
        assert sorted((answer.status, answer.code or "") for answer in answers) == [(200, ""), (409, "moved_meanwhile")]
        blocking = "SELECT count(*) FROM claims c JOIN bookings b ON b.id = c.booking_id WHERE b.public_id = :id AND c.blocks AND c.blocks_from = b.starts_at"
        assert place.arena.ask(blocking, id=booking) == 2
    assert place.arena.overlaps == 0


def test_D20_R08_of_eight_who_move_to_one_opening_one_gets_it_and_the_others_keep_theirs(place: Field):
    runners, aim = place.crowd[12:20], place.opening(1110)
    before = {runner: place.opening(1100 + number) for number, runner in enumerate(runners)}
    bookings = {runner: place.booked(runner, start) for runner, start in before.items()}
    moves = [place.move(runner, bookings[runner], aim, before[runner]) for runner in runners]
    answers = place.arena.race([*moves, place.booking(place.crowd[31], aim)])
    assert sum(answer.status in (200, 201) for answer in answers) == 1
    assert {answer.code for answer in answers if answer.status not in (200, 201)} <= {"taken", "busy"}
    for runner, answer in zip(runners, answers, strict=False):
        kept = place.arena.ask("SELECT starts_at FROM bookings WHERE public_id = :id", id=bookings[runner])
        assert kept == (aim if answer.status == 200 else before[runner])
    assert place.arena.overlaps == 0


def test_B10_one_place_left_in_the_day_and_two_different_openings_is_one_booking(place: Field):
    """The constraint cannot see a limit: only the therapist's lock can."""
    with place.arena.app.app_context(), transaction():
        therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")
        service = str(a_service(therapist, day_sessions=1).public_id)
    for number in range(6):
        day = (place.first + timedelta(days=number + 30)).replace(hour=0)
        starts = [day + timedelta(hours=hour) for hour in (9, 14)]
        answers = place.arena.race([place.booking(runner, start, service) for runner, start in zip(place.crowd[2 * number :], starts, strict=False)])
        assert sorted((answer.status, answer.code) for answer in answers) == [(201, None), (409, "limit")]


def test_R15_whoever_asks_again_after_a_worker_was_killed_reads_what_was_done(place: Field):
    """The booking is committed, nobody reads the answer, the process dies; the same key gives what was done at another process."""
    call = place.booking(place.crowd[30], place.opening(1200), **{"Idempotency-Key": "killed"})
    place.arena.send_and_hang_up(call)
    made = place.arena.wait_until("SELECT public_id::text FROM bookings WHERE starts_at = :at", at=place.opening(1200))
    place.arena.kill_a_worker()
    place.arena.ports.append(place.arena.ports.pop(0))  # the other process answers
    (again,) = place.arena.race([call])
    assert (again.status, again.body["id"]) == (201, made)
    assert place.arena.ask("SELECT count(*) FROM bookings WHERE starts_at = :at", at=place.opening(1200)) == 1


def test_D19_three_who_want_whoever_of_two_is_free_get_two_different_ones_and_the_third_is_told(place: Field):
    with place.arena.app.app_context(), transaction():
        hosts = [str(a_service(a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")).public_id) for _ in range(2)]
    for number in range(ROUNDS):
        start = place.opening(1300 + number)
        # Each in another order: whoever locked one after the other would deadlock.
        orders = [hosts, hosts[::-1], hosts]
        calls = [
            (runner, "/api/v1/bookings/first-free", {"service_ids": order, "start": start.isoformat()}, {})
            for runner, order in zip(place.crowd[3 * (number % 10) :], orders, strict=False)
        ]
        answers = place.arena.race(calls)
        assert Counter(answer.status for answer in answers) == {201: 2, 409: 1}, answers
        assert len({answer.body["therapist"]["id"] for answer in answers if answer.status == 201}) == 2
        assert {answer.code for answer in answers if answer.status == 409} <= {"taken", "busy"}
    assert place.arena.overlaps == 0


def test_D15_twenty_people_who_join_an_empty_group_of_eight_get_eight_seats_in_one_session(place: Field):
    with place.arena.app.app_context(), transaction():
        therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")
        therapist.units = ["group"]
        group = str(a_service(therapist, unit="group", seats=8).public_id)
    start = place.opening(700)
    answers = place.arena.race([place.booking(runner, start, group) for runner in place.crowd[:20]])
    assert Counter(answer.status for answer in answers) == {201: 8, 409: 12}
    assert {answer.code for answer in answers if answer.status == 409} <= {"full", "busy"}
    assert len({answer.body["id"] for answer in answers if answer.status == 201}) == 1
    mine = "FROM bookings b JOIN services s ON s.id = b.service_id WHERE s.public_id = :id"
    assert place.arena.ask(f"SELECT count(*) {mine}", id=group) == 1
    counted = f"SELECT count(*) FROM claims WHERE blocks AND role = :role AND booking_id IN (SELECT b.id {mine})"
    assert [place.arena.ask(counted, id=group, role=role) for role in ("client", "therapist")] == [8, 1]
    assert place.arena.ask(f"SELECT count(*) FROM booking_participants WHERE booking_id IN (SELECT b.id {mine})", id=group) == 8
    assert place.arena.overlaps == 0
