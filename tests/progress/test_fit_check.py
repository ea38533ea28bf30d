"""The fit check: when it is asked, what it offers, who reads it, and that it goes away."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from care.pause import is_paused
from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from progress.fit_check.models import FitCheck
from progress.fit_check.questions import OFFERS, QUESTIONS, offers, telling
from tests.booking.practice import a_service, a_therapist, signed_in
from tests.booking.test_letters import mails
from tests.browser import Browser
from tests.matching.desk_of import cases
from tests.progress.conftest import Course, NewBrowser, agree

API = "/api/v1/fit-checks"
FINE = {"topics": 8, "way": 7, "honesty": 9}
LOW = FINE | {"way": 4}
answers = st.fixed_dictionaries({name: st.integers(0, 10) for name in QUESTIONS})


def answer(who: Course | Browser, booking: str, **body: object) -> TestResponse:
    """A course is asked for its client's browser only now: every session signs in again."""
    browser = who.client if isinstance(who, Course) else who
    return browser.post(API, json={"booking_id": booking, **FINE, **body})


def answered(who: Course | Browser, booking: str, **body: object) -> dict:
    told = answer(who, booking, **body)
    assert told.status_code == 201, told.text
    return told.get_json()


def due(browser: Browser) -> list[tuple[str, int]]:
    told = browser.get(f"{API}/due")
    assert told.status_code == 200, told.text
    return [(each["booking_id"], each["session_number"]) for each in told.get_json()["items"]]


def shared(browser: Browser) -> list[dict]:
    told = browser.get("/api/v1/therapist/fit-checks")
    assert told.status_code == 200, told.text
    return told.get_json()["items"]


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        ({"topics": 5, "way": 5, "honesty": 5}, None, ()),
        ({"topics": 4, "way": 5, "honesty": 5}, None, ("topics",)),
        ({"topics": 7, "way": 7, "honesty": 0}, None, ("honesty",)),
        ({"topics": 7, "way": 7, "honesty": 7}, {"topics": 10, "way": 9, "honesty": 7}, ("topics",)),
        ({"topics": 8, "way": 8, "honesty": 8}, {"topics": 10, "way": 10, "honesty": 10}, ()),
        ({"topics": 8, "way": 8, "honesty": 8}, {"topics": 1, "way": 1, "honesty": 1}, ()),
    ],
)
def test_below_five_or_three_less_than_the_last_time_is_telling(now: dict, before: dict | None, expected: tuple[str, ...]) -> None:
    assert telling(now, before) == expected
    assert offers(now, before) == (("talk", "rematch", "help") if expected else ())


@given(answers, answers)
def test_all_three_are_offered_or_nothing_is(now: dict, before: dict) -> None:
    told = any(now[name] < 5 for name in QUESTIONS) or any(before[name] - now[name] >= 3 for name in QUESTIONS)
    assert offers(now, before) == (tuple(OFFERS) if told else ())


def test_asked_after_each_of_the_first_four_sessions_and_not_after_the_fifth(agreed: Course) -> None:
    assert due(agreed.client) == []
    for number in range(1, 5):
        booking = agreed.session()
        assert due(agreed.client) == [(booking, number)]
        told = answered(agreed.client, booking)
        assert (told["session_number"], told["answers"], told["shared_at"], told["offers"]) == (number, FINE, None, [])
        assert due(agreed.client) == []
    assert answer(agreed, agreed.session()).get_json()["code"] == "not_asked"
    assert due(agreed.client) == []
    listed = agreed.client.get(API, query_string={"limit": 3}).get_json()
    rest = agreed.client.get(API, query_string={"limit": 3, "cursor": listed["next"]}).get_json()
    assert [each["session_number"] for each in listed["items"] + rest["items"]] == [4, 3, 2, 1]
    assert rest["next"] is None


def test_only_the_latest_session_is_asked_about_and_only_for_a_month(agreed: Course, clock: FixedClock) -> None:
    first, second = agreed.session(), agreed.session()
    assert due(agreed.client) == [(second, 2)]
    assert answer(agreed.client, first).get_json()["code"] == "not_asked"
    clock.advance(days=31)
    agreed.sign_in_again()
    assert due(agreed.client) == []
    assert answer(agreed.client, second).status_code == 409


def test_a_session_that_did_not_take_place_and_a_first_talk_are_not_asked_about(agreed: Course, clock: FixedClock) -> None:
    booked = agreed.practice.book().get_json()["id"]
    assert answer(agreed.client, booked).get_json()["code"] == "not_asked"
    talk = agreed.practice.ask().get_json()["id"]
    agreed.therapist.post(f"/api/v1/bookings/{talk}/confirm")
    clock.advance(days=3)
    agreed.sign_in_again()
    with transaction():
        db.session.execute(text("UPDATE bookings SET state = 'completed' WHERE kind = 'consultation'"))
        db.session.execute(text("UPDATE bookings SET state = 'no_show' WHERE kind = 'session'"))
    assert due(agreed.client) == []


def test_each_therapist_is_asked_about_by_themselves(agreed: Course) -> None:
    first = agreed.session()
    with transaction():
        other = a_therapist(name="Noa Lake", hours="10:00-17:00")
        other_id, service = other.person_id, str(a_service(other).public_id)
    booked = agreed.practice.book("2026-11-24T11:00:00Z", service=service).get_json()["id"]
    agreed.clock.advance(days=2)
    agreed.sign_in_again()
    ended = signed_in(agreed.practice.new_browser, other_id).post(f"/api/v1/bookings/{booked}/outcome", json={"outcome": "took_place"})
    assert ended.status_code == 200, ended.text
    assert due(agreed.client) == [(booked, 1), (first, 1)]
    answered(agreed.client, first, way=9)
    assert answered(agreed.client, booked, way=5)["telling"] == [], "what was said of somebody else is nothing to compare with"


def test_a_low_answer_or_a_fall_offers_to_talk_to_look_for_somebody_else_and_help(agreed: Course) -> None:
    assert answered(agreed, agreed.session(), topics=9)["offers"] == []
    fell = answered(agreed, agreed.session(), topics=6)
    assert (fell["telling"], [offer["code"] for offer in fell["offers"]]) == (["topics"], ["talk", "rematch", "help"])
    assert answered(agreed, agreed.session(), topics=5)["telling"] == []
    assert answered(agreed, agreed.session(), topics=4)["telling"] == ["topics"]


def test_nothing_is_kept_without_consent_and_all_of_it_goes_with_its_end(course: Course) -> None:
    booking = course.session()
    refused = answer(course.client, booking)
    assert (refused.status_code, refused.get_json()["code"], refused.get_json()["purpose"]) == (403, "consent_required", "progress")
    agree(course.client)
    check = answered(course.client, booking)["id"]
    course.client.put(f"{API}/{check}/sharing")
    assert shared(course.therapist)
    assert course.client.delete("/api/v1/consents/progress").status_code == 204
    assert (course.client.get(API).get_json()["items"], shared(course.therapist)) == ([], [])
    with transaction():
        assert db.session.scalars(select(FitCheck)).all() == []


def test_the_therapist_reads_it_only_while_the_client_chooses_so(agreed: Course) -> None:
    check = answered(agreed, agreed.session(), way=2, words="I hold back")["id"]
    assert shared(agreed.therapist) == []
    assert agreed.therapist.get(f"{API}/{check}").status_code == 404
    told = agreed.client.put(f"{API}/{check}/sharing").get_json()
    assert told["shared_at"] is not None
    assert agreed.client.put(f"{API}/{check}/sharing").get_json()["shared_at"] == told["shared_at"], "again changes nothing"
    (seen,) = shared(agreed.therapist)
    assert (seen["id"], seen["answers"]["way"], seen["words"], seen["client"]["name"]) == (check, 2, "I hold back", "Sam Field")
    assert "offers" not in seen
    assert "telling" not in seen
    assert agreed.client.delete(f"{API}/{check}/sharing").get_json()["shared_at"] is None
    assert shared(agreed.therapist) == []


def test_another_therapist_and_a_stranger_see_nothing(agreed: Course) -> None:
    check = answered(agreed, agreed.session())["id"]
    agreed.client.put(f"{API}/{check}/sharing")
    with transaction():
        other_id = a_therapist(name="Noa Lake").person_id
    other, stranger = signed_in(agreed.practice.new_browser, other_id), agreed.practice.another_client()
    assert shared(other) == []
    assert stranger.get("/api/v1/therapist/fit-checks").status_code == 403
    for browser in (other, stranger, agreed.therapist):
        paths = [("get", ""), ("delete", ""), ("put", "/sharing"), ("delete", "/sharing"), ("post", "/help")]
        for method, more in paths:
            body = {"json": {}} if method == "post" else {}
            assert getattr(browser, method)(f"{API}/{check}{more}", **body).status_code == 404, (method, more)
    assert answer(stranger, agreed.client.get(API).get_json()["items"][0]["booking_id"]).get_json()["code"] == "consent_required"
    agree(stranger)
    assert answer(stranger, agreed.client.get(API).get_json()["items"][0]["booking_id"]).status_code == 404


def test_deleted_is_gone_for_everybody_and_can_be_answered_anew(agreed: Course) -> None:
    booking = agreed.session()
    check = answered(agreed.client, booking)["id"]
    assert answer(agreed.client, booking).get_json()["code"] == "not_asked"
    agreed.client.put(f"{API}/{check}/sharing")
    assert agreed.client.delete(f"{API}/{check}").status_code == 204
    assert (shared(agreed.therapist), agreed.client.get(f"{API}/{check}").status_code) == ([], 404)
    assert answered(agreed.client, booking)["id"] != check


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"topics": 11}, "topics"),
        ({"way": -1}, "way"),
        ({"honesty": "7"}, "honesty"),
        ({"honesty": 7.5}, "honesty"),
        ({"way": None}, "way"),
        ({"words": "x" * 2001}, "words"),
        ({"booking_id": "1"}, "booking_id"),
        ({"mood": 3}, "mood"),
    ],
)
def test_a_wrong_answer_is_422_with_its_field(agreed: Course, wrong: dict[str, object], field: str) -> None:
    told = answer(agreed, agreed.session(), **wrong)
    assert (told.status_code, list(told.get_json()["errors"])) == (422, [field])


def test_help_opens_one_case_without_the_answers_and_says_what_help_there_is_now(agreed: Course) -> None:
    check = answered(agreed, agreed.session(), way=1, words="zqxword")["id"]
    told = agreed.client.post(f"{API}/{check}/help", json={"words": "Please call me", "contact": "020 7946 0000", "message_is_safe": False})
    assert told.status_code == 202, told.text
    assert told.get_json()["crisis_help"]["emergency_number"] == "999"
    assert "Nobody is at our desk" in told.get_json()["crisis_help"]["desk_text"]
    agreed.client.post(f"{API}/{check}/help", json={"words": "Rather write"})
    with transaction():
        (case,) = cases("matchmaking")
        assert case.facts == {"asked_for_a_person": {"words": "Rather write"}}
        assert "zqxword" not in json.dumps(case.facts)


def test_crisis_words_raise_the_plain_question_and_nothing_else(agreed: Course) -> None:
    answered(agreed, agreed.session(), words="I do not want to live anymore")
    with transaction():
        assert is_paused(agreed.practice.client_id)


def test_the_mail_asks_only_whoever_agreed_to_such_mail_and_says_nothing_of_the_answers(course: Course, run_jobs) -> None:
    course.session()
    run_jobs()
    assert "fit_check" not in {mail.kind for mail in mails()}
    agree(course.client, "contact_by_mail")
    course.session()
    run_jobs()
    (mail,) = [mail for mail in mails() if mail.kind == "fit_check"]
    assert mail.subject == "About your appointment"
    assert "/how-it-fits" in mail.text
    assert "Alex Rivers" in mail.text


def test_no_answer_stands_in_an_audit_row_a_log_or_in_the_clear(agreed: Course, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    check = answered(agreed, agreed.session(), way=3, words="zqxword")["id"]
    agreed.client.put(f"{API}/{check}/sharing")
    agreed.client.delete(f"{API}/{check}/sharing")
    with transaction():
        rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "fit_check")).all()
        assert [(row.action, row.subject_id, row.facts) for row in rows] == [
            (f"progress.fit_check_{what}", check, {}) for what in ("answered", "shared", "kept_back")
        ]
        assert "zqxword" not in str(db.session.execute(text("SELECT * FROM fit_checks")).all())
    assert "zqxword" not in caplog.text


class TestPage:
    PAGE = "/how-it-fits"

    def test_signed_out_it_leads_to_the_sign_in_page_and_back(self, client: NewBrowser) -> None:
        for told in (client().get(self.PAGE), client().post(self.PAGE, data={"act": "agree"})):
            assert (told.status_code, told.headers["Location"]) == (303, "/sign-in?next=/how-it-fits")

    def test_agree_answer_share_keep_back_ask_for_help_delete(self, course: Course) -> None:
        booking = course.session()
        page = course.client.get(self.PAGE).text
        assert "I agree that Attune keeps" in page
        assert "Keep my answers" not in page
        version = page.partition('name="text_version" value="')[2].partition('"')[0]
        assert self.press(course, "agree", text_version=version).status_code == 303
        assert "Keep my answers" in course.client.get(self.PAGE).text
        wrong = self.press(course, "answer", booking_id=booking, topics="3", way="")
        assert wrong.status_code == 422
        assert "Please answer all three questions." in wrong.text
        assert self.press(course, "answer", booking_id=booking, topics="3", way="8", honesty="10", words="").status_code == 303
        page = course.client.get(self.PAGE).text
        assert "Look for somebody else" in page
        check = page.partition('name="check_id" value="')[2].partition('"')[0]
        self.press(course, "share", check_id=check)
        assert len(shared(course.therapist)) == 1
        assert "can read this" in course.client.get(self.PAGE).text
        self.press(course, "keep_back", check_id=check)
        assert shared(course.therapist) == []
        assert "Emergency: 999" in self.press(course, "help", check_id=check).text
        self.press(course, "delete", check_id=check)
        assert "3 of 10" not in course.client.get(self.PAGE).text

    def test_what_is_not_theirs_and_what_is_no_button_is_refused(self, agreed: Course) -> None:
        booking = agreed.session()
        check = answered(agreed.client, booking)["id"]
        stranger = agreed.practice.another_client()
        form = {"csrf_token": stranger.csrf_token, "check_id": check, "act": "share"}
        assert stranger.post(self.PAGE, data=form).status_code == 404
        assert self.press(agreed, "burn").status_code == 422
        assert self.press(agreed, "share", check_id="x").status_code == 404
        assert shared(agreed.therapist) == []

    def press(self, course: Course, act: str, **form: str) -> TestResponse:
        return course.client.post(self.PAGE, data={"csrf_token": course.client.csrf_token, "act": act, **form})
