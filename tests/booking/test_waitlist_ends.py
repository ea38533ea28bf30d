"""How a place in the line ends: after three lapses, without an answer to whether one is still looking, or when its dates are over."""

from sqlalchemy import text

from booking.jobs import sweep_waitlists
from booking.waitlist.still_looking import ask_waiting
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.test_waitlist import Line, RunJobs, change, code, line
from tests.fakes.outbox import Outbox, text_of

__all__ = ("line",)  # the fixture


def test_three_lapses_end_a_place_kindly_and_nobody_is_written_to_on_the_day_after_one(line: Line, run_jobs: RunJobs, clock: FixedClock, outbox: Outbox):
    change(line.therapist_id, waitlist_open=True)
    with transaction():
        db.session.execute(text("UPDATE services SET window_days = 60"))
    waiting = line.waits()
    for lapses in (1, 2, 3):
        run_jobs()
        assert waiting.state == "offered"
        clock.advance(minutes=40)
        run_jobs()
        assert waiting.sees()["lapses"] == lapses
        assert waiting.state == ("waiting" if lapses < 3 else "removed")
        clock.advance(days=1, minutes=1)
        with transaction():
            sweep_waitlists.work()
    assert waiting.sees()["end_reason"] == "lapsed_often"
    assert "three offers went by" in text_of(outbox.last_to(waiting.email))
    assert code(waiting.does("leave")) == (409, "not_waiting")
    assert line.joins(waiting.browser).status_code == 201, "they can join again"


def test_still_looking_is_asked_every_14_days_and_silence_ends_the_place(line: Line, run_jobs: RunJobs, clock: FixedClock, outbox: Outbox):
    line.books(line.somebody()[0])
    waiting, gone = line.waits(), line.waits()
    with transaction():
        db.session.execute(text("UPDATE services SET active = false"))  # so that nothing is offered meanwhile

    def hourly() -> None:
        with transaction():
            ask_waiting.work()
        run_jobs()

    clock.advance(days=13, hours=23)
    hourly()
    assert "Are you still looking?" not in outbox.subjects()
    clock.advance(hours=1)
    hourly()
    assert waiting.sees()["is_asked"]
    guest, token = line.new_browser(), outbox.token_to(waiting.email)
    assert guest.get("/still-looking").status_code == 200
    assert waiting.sees()["is_asked"], "following a link answers nothing"
    assert "keep your place" in guest.post("/still-looking", data={"token": token, "answer": "yes"}).text
    assert not waiting.sees()["is_asked"]
    clock.advance(days=5)
    hourly()
    assert (waiting.state, gone.sees()["end_reason"]) == ("waiting", "unanswered")
    assert "did not hear" in text_of(outbox.last_to(gone.email))
    clock.advance(days=9)
    hourly()
    assert outbox.subjects().count("Are you still looking?") == 3
    again = outbox.token_to(waiting.email)
    assert guest.post("/still-looking", data={"token": token, "answer": "yes"}).status_code == 410, "the newest link counts"
    assert "off the waitlist" in guest.post("/still-looking", data={"token": again, "answer": "no"}).text
    assert waiting.state == "left"


def test_a_place_whose_dates_are_over_ends(line: Line, run_jobs: RunJobs, clock: FixedClock):
    line.books(line.somebody()[0])
    browser, person_id = line.somebody()
    place = line.place_of(person_id, line.joins(browser, latest="2026-11-25"))
    clock.advance(days=5)
    with transaction():
        ask_waiting.work()
    assert place.sees()["end_reason"] == "dates_over"
