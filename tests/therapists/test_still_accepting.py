"""Whether a therapist still takes new clients is asked every month, and an old answer is none."""

from collections.abc import Callable
from datetime import date

import pytest

from care.capacity import takes_new_clients
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.therapists import a_therapist
from tests.fakes.outbox import Outbox
from therapists.models import Therapist
from therapists.profile import edit_profile, profile_for_edit
from therapists.still_accepting import ask_whether_accepting

PAGE = "/still-accepting"
EMAIL = "ash@example.org"
Work = Callable[[], list[str]]


@pytest.fixture
def therapist_id(database: None) -> int:
    with transaction():
        return a_therapist(email=EMAIL, expires_on=date(2028, 1, 1)).person_id


@pytest.fixture
def later(clock: FixedClock, run_jobs: Work, outbox: Outbox, therapist_id: int) -> Callable[[int], list[str]]:
    """So many days later, after the hourly job and all mails: the subjects that came."""

    def pass_days(days: int) -> list[str]:
        clock.advance(days=days)
        before = len(outbox.to(EMAIL))
        with transaction():
            ask_whether_accepting(now=now())
        run_jobs()
        return [str(mail["Subject"]) for mail in outbox.to(EMAIL)][before:]

    return pass_days


def accepts(therapist_id: int) -> bool:
    with transaction():
        return takes_new_clients([therapist_id])[therapist_id]


def test_asked_reminded_stopped_told_and_back_by_one_press(
    later: Callable[[int], list[str]], therapist_id: int, client: Callable[[], Browser], outbox: Outbox
) -> None:
    assert later(29) == []
    assert later(1) == ["One question about your profile"]
    assert later(4) == []
    assert later(1) == ["Our question about your profile"]
    assert accepts(therapist_id)
    assert later(5) == ["A change in your profile"]
    assert not accepts(therapist_id)
    assert later(60) == []
    browser, token = client(), outbox.token_to(EMAIL)
    assert browser.post(PAGE, data={"token": token, "answer": "yes"}).status_code == 410, "a link does not live for ever"


def test_one_press_answers_without_signing_in_and_looking_at_the_page_does_not(
    later: Callable[[int], list[str]], therapist_id: int, client: Callable[[], Browser], outbox: Outbox
) -> None:
    later(30)
    first = outbox.token_to(EMAIL)
    later(5)
    later(5)
    browser, token = client(), outbox.token_to(EMAIL)
    assert 'name="token"' in browser.get(PAGE).text
    assert not accepts(therapist_id)
    assert browser.post(PAGE, data={"token": first, "answer": "yes"}).status_code == 410
    assert browser.post(PAGE, data={"token": token, "answer": "perhaps"}).status_code == 422
    assert browser.post(PAGE, data={"token": token, "answer": "yes"}).status_code == 200
    assert accepts(therapist_id)
    assert browser.post(PAGE, data={"token": token, "answer": "no"}).status_code == 410
    assert later(29) == []
    assert later(1) == ["One question about your profile"]
    assert browser.post(PAGE, data={"token": outbox.token_to(EMAIL), "answer": "no"}).status_code == 200
    assert not accepts(therapist_id)
    assert later(90) == [], "who has said no is not asked"


def test_an_own_change_is_an_answer_and_ends_the_link(
    later: Callable[[int], list[str]], therapist_id: int, client: Callable[[], Browser], outbox: Outbox
) -> None:
    later(30)
    with transaction():
        edit_profile(profile_for_edit(therapist_id), {"accepting": False}, now=now())
    assert client().post(PAGE, data={"token": outbox.token_to(EMAIL), "answer": "yes"}).status_code == 410
    assert not accepts(therapist_id)
    with transaction():
        edit_profile(profile_for_edit(therapist_id), {"accepting": True}, now=now())
    assert later(29) == []


def test_the_clock_alone_makes_an_old_yes_a_no(therapist_id: int, clock: FixedClock, client: Callable[[], Browser]) -> None:
    clock.advance(days=40)
    assert accepts(therapist_id)
    clock.advance(seconds=1)
    assert not accepts(therapist_id)
    with transaction():
        therapist = db.session.get(Therapist, therapist_id)
        assert therapist is not None
        assert therapist.accepting, "no job has run"
    assert client().get("/api/v1/therapists?accepting=true").json["items"] == []
