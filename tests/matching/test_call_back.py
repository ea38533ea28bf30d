"""Calls that people ask for, from the form to the desk and to the day on which the number is forgotten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from accounts.consent import current_text, has_consent
from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from desk.call_backs.forget import KEPT_FOR
from desk.call_backs.jobs import forget_numbers
from desk.call_backs.models import CallBack
from desk.call_backs.topics import TOPICS
from desk.models import Case
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.care import a_client
from tests.factories.desk import a_responder
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.visits import Visit

API = "/api/v1"
PHONE = "+44 20 7946 0123"
NewBrowser = Callable[[], Browser]
Visiting = Callable[[], Visit]
pytestmark = pytest.mark.usefixtures("database")


def body(**changes: Any) -> dict[str, Any]:
    """A call on weekday evenings in New York."""
    asked = {
        "phone": PHONE,
        "zone": "America/New_York",
        "windows": [{"weekday": day, "from_minute": 1080, "to_minute": 1260} for day in range(5)],
        "voicemail_safe": False,
        "consent_text_version": current_text("call_back").version,
    }
    return {name: value for name, value in (asked | changes).items() if value is not None}


def signed_in(client: NewBrowser, *roles: str) -> Browser:
    with transaction():
        email = an_account(roles=("client", *roles)).email
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def a_caller(client: NewBrowser) -> tuple[Browser, int]:
    with transaction():
        account = a_client()
        email, person_id = account.email, account.person_id
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser, person_id


def asked(browser: Browser, **changes: Any) -> dict[str, Any]:
    answer = browser.post(f"{API}/call-back", json=body(**changes))
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def queue(browser: Browser) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = browser.get(f"{API}/call-backs").get_json()["items"]
    return items


def call_of(person_id: int) -> CallBack:
    return db.session.scalars(select(CallBack).where(CallBack.person_id == person_id).execution_options(populate_existing=True)).one()


def test_a_guest_asks_and_the_desk_sees_the_time_where_they_are_but_no_number(visit: Visiting, client: NewBrowser, clock: FixedClock) -> None:
    here = visit().answer(personas.P22)
    told = asked(here.browser, topic="choosing")
    assert (told["state"], told["topic_text"], told["voicemail_safe"]) == ("waiting", TOPICS["choosing"], False)
    assert "cannot promise" in told["text"]
    assert told["crisis_help"]["country"] == "GB"
    assert here.browser.get(f"{API}/call-back").get_json() == told
    (call,) = queue(signed_in(client, "matchmaker"))
    assert (call["state"], call["case_kind"], call["owner_id"]) == ("open", "call_back", None)
    assert call["local_time"] == "Sunday 22 November 2026, 10:00 (America/New_York)"
    assert call["next_window"]["local_start"] == "Monday 23 November 2026, 18:00 (America/New_York)"
    assert call["due_at"] == "2026-11-24T02:00:00Z", "the clock runs out when the first window does"
    assert call["may_call_now"] is False
    assert "phone" not in call
    clock.advance(hours=32, minutes=30)
    assert queue(signed_in(client, "matchmaker"))[0]["may_call_now"] is True


def test_the_number_is_sealed_and_in_no_row_log_or_audit_entry(client: NewBrowser) -> None:
    browser, person_id = a_caller(client)
    asked(browser)
    with transaction():
        dump = "".join(db.session.execute(text(f"SELECT t::text FROM {table} t")).scalars().all()[-1] for table in ("call_backs", "cases", "audit_entries"))
        assert call_of(person_id).phone == "+442079460123"
    assert "7946" not in dump


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "020 7946 0123"}, "phone"),
        ({"phone": None}, "phone"),
        ({"phone": 7}, "phone"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"windows": []}, "windows"),
        ({"windows": [{"weekday": 7, "from_minute": 0, "to_minute": 60}]}, "windows.0.weekday"),
        ({"windows": [{"weekday": 1, "from_minute": 600, "to_minute": 600}]}, "windows"),
        ({"windows": [{"weekday": 1, "from_minute": 600, "to_minute": 610}]}, "windows"),
        ({"voicemail_safe": None}, "voicemail_safe"),
        ({"voicemail_safe": "perhaps"}, "voicemail_safe"),
        ({"topic": "my depression"}, "topic"),
        ({"consent_text_version": "2020-01-01"}, "text_version"),
        ({"words": "I feel low"}, "words"),
    ],
)
def test_bad_input_names_its_field_and_keeps_nothing(client: NewBrowser, changes: dict[str, Any], field: str) -> None:
    browser, person_id = a_caller(client)
    answer = browser.post(f"{API}/call-back", json=body(**changes))
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field]), answer.text
    assert db.session.scalar(select(func.count()).select_from(CallBack)) == 0
    assert not has_consent(person_id, "call_back")


def test_consent_comes_first_and_is_kept_with_its_text(client: NewBrowser) -> None:
    browser, person_id = a_caller(client)
    refused = browser.post(f"{API}/call-back", json=body(consent_text_version=None))
    assert (refused.status_code, refused.get_json()["code"]) == (403, "consent_required")
    questions = browser.get(f"{API}/call-back/questions").get_json()
    assert refused.get_json()["text_version"] == questions["consent"]["version"]
    assert f"{['thirty'][KEPT_FOR.days - 30]} days after" in questions["consent"]["text"], "the text and the rule say the same"
    asked(browser)
    assert has_consent(person_id, "call_back")
    assert call_of(person_id).consent_text_version == questions["consent"]["version"]


def test_withdrawing_the_consent_ends_the_call_and_forgets_the_number(client: NewBrowser) -> None:
    browser, person_id = a_caller(client)
    asked(browser)
    assert browser.delete(f"{API}/consents/call_back").status_code == 204
    call = call_of(person_id)
    assert (call.outcome, call.phone, call.windows) == ("withdrawn", None, None)
    assert cases("call_back") == []


def test_one_open_call_for_each_person_and_another_once_it_was_taken_back(client: NewBrowser) -> None:
    browser, person_id = a_caller(client)
    asked(browser)
    again = browser.post(f"{API}/call-back", json=body())
    assert (again.status_code, again.get_json()["code"]) == (409, "already_asked")
    assert browser.delete(f"{API}/call-back").status_code == 204
    assert call_of(person_id).phone is None, "at once"
    assert browser.delete(f"{API}/call-back").status_code == 404
    assert browser.get(f"{API}/call-back").get_json()["state"] == "ended"
    asked(browser)
    assert len(cases("call_back")) == 1


def test_two_open_calls_of_one_person_cannot_exist_whoever_writes_them(client: NewBrowser) -> None:
    browser, person_id = a_caller(client)
    asked(browser)
    call = call_of(person_id)
    columns = "person_id, case_id, topic, zone, windows, phone_sealed, voicemail_safe, consent_text_version, asked_at"
    with pytest.raises(Exception, match="uq_call_backs_one_open"), transaction():
        db.session.execute(text(f"INSERT INTO call_backs (public_id, {columns}) SELECT gen_random_uuid(), {columns} FROM call_backs WHERE id = {call.id}"))


def test_asking_too_often_is_refused(client: NewBrowser) -> None:
    browser, _ = a_caller(client)
    for _ in range(5):
        asked(browser)
        browser.delete(f"{API}/call-back")
    assert browser.post(f"{API}/call-back", json=body()).status_code == 429


def test_somebody_without_intake_or_account_is_told_nothing(client: NewBrowser) -> None:
    for answer in (client().post(f"{API}/call-back", json=body()), client().get(f"{API}/call-back"), client().delete(f"{API}/call-back")):
        assert answer.status_code == 404


def test_a_guide_takes_a_call_on_reads_the_number_and_says_how_it_went(client: NewBrowser) -> None:
    browser, _ = a_caller(client)
    asked(browser)
    first, second = signed_in(client, "matchmaker"), signed_in(client, "matchmaker")
    path = f"{API}/call-backs/{queue(first)[0]['id']}"
    assert first.get(f"{path}/number").get_json()["code"] == "not_owned"
    assert first.post(f"{path}/done", json={"outcome": "reached"}).get_json()["code"] == "not_owned"
    assert first.post(f"{path}/claim").get_json()["state"] == "owned"
    assert second.post(f"{path}/claim").get_json()["code"] == "owned_by_somebody_else"
    assert second.get(f"{path}/number").get_json()["code"] == "owned_by_somebody_else"
    assert first.get(f"{path}/number").get_json() == {"phone": "+442079460123", "name": "Robin Example", "voicemail_safe": False}
    read = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "desk.number_read")).all()
    assert [each.subject_id for each in read] == [path.rpartition("/")[2]]
    assert first.post(f"{path}/release").get_json()["owner_id"] is None
    assert first.get(f"{path}/number").status_code == 409
    second.post(f"{path}/claim")
    assert [each["id"] for each in second.get(f"{API}/call-backs?mine=true").get_json()["items"]] == [path.rpartition("/")[2]]
    assert second.post(f"{path}/done", json={"outcome": "gossip"}).status_code == 422
    done = second.post(f"{path}/done", json={"outcome": "not_reached", "note": "Rang twice."}).get_json()
    assert (done["state"], done["outcome"]) == ("ended", "not_reached")
    assert queue(second) == []
    assert second.get(f"{path}/number").get_json()["code"] == "call_ended"
    assert second.post(f"{path}/done", json={"outcome": "reached"}).get_json()["code"] == "call_ended"
    (case,) = db.session.scalars(select(Case).where(Case.kind == "call_back")).all()
    assert (case.state, case.outcome) == ("closed", "not_reached")
    assert "reached nobody" in browser.get(f"{API}/call-back").get_json()["text"]


def test_a_case_is_not_closed_over_somebody_who_waits_for_a_call(client: NewBrowser) -> None:
    browser, _ = a_caller(client)
    asked(browser)
    guide = signed_in(client, "matchmaker")
    case = f"{API}/cases/{queue(guide)[0]['case_id']}"
    guide.post(f"{case}/claim")
    refused = guide.post(f"{case}/close", json={"outcome": "resolved"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "call_still_open")


def test_the_number_is_forgotten_after_thirty_days_and_not_before(client: NewBrowser, clock: FixedClock) -> None:
    browser, person_id = a_caller(client)
    asked(browser)
    guide = signed_in(client, "matchmaker")
    path = f"{API}/call-backs/{queue(guide)[0]['id']}"
    guide.post(f"{path}/claim")
    assert guide.post(f"{path}/done", json={"outcome": "reached"}).status_code == 200
    clock.instant += KEPT_FOR - timedelta(seconds=1)
    forget_numbers.run()
    assert call_of(person_id).phone is not None
    clock.advance(seconds=1)
    forget_numbers.run()
    call = call_of(person_id)
    assert (call.phone, call.windows, call.outcome, call.forgotten_at) == (None, None, "reached", clock.now())


def test_a_call_that_nobody_made_is_never_forgotten_by_the_clock(client: NewBrowser, clock: FixedClock) -> None:
    browser, person_id = a_caller(client)
    asked(browser)
    clock.instant += timedelta(days=90)
    forget_numbers.run()
    assert call_of(person_id).phone is not None


@pytest.mark.parametrize("roles", [(), ("therapist",), ("admin",), ("verifier",)])
def test_nobody_else_sees_the_queue(client: NewBrowser, roles: tuple[str, ...]) -> None:
    browser = signed_in(client, *roles)
    assert browser.get(f"{API}/call-backs").status_code == 403
    assert browser.get("/desk/calls").status_code == 403
    nobody = client().get("/desk/calls")
    assert (nobody.status_code, nobody.headers["Location"]) == (303, "/sign-in?next=/desk/calls")


def test_whoever_is_paused_for_safety_is_called_by_those_who_are_trained_for_it(visit: Visiting, client: NewBrowser) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", thoughts="yes", others="no", home="no", intent="yes", plan="yes", safe_now="no")
    told = asked(here.browser)
    assert "safety" not in told["text"]
    guide = signed_in(client, "matchmaker")
    assert queue(guide) == []
    with transaction():
        email = a_responder().email
    responder = client()
    responder.sign_in(email, PASSWORD)
    (call,) = queue(responder)
    (case,) = cases("safety")
    assert (call["case_kind"], call["case_id"]) == ("safety", str(case.public_id))
    path = f"{API}/call-backs/{call['id']}"
    assert guide.get(path).status_code == guide.get(f"{path}/number").status_code == guide.post(f"{path}/claim").status_code == 404
    responder.post(f"{path}/claim")
    assert responder.get(f"{path}/number").get_json()["phone"] == "+442079460123"
    assert responder.post(f"{path}/done", json={"outcome": "reached", "note": "We spoke."}).get_json()["state"] == "ended"
    (case,) = cases("safety")
    assert case.state == "owned", "the call is over, the case is not"
    steps = responder.get(f"{API}/cases/{case.public_id}").get_json()["steps"]
    assert [(each["action"], each["note"]) for each in steps][-1] == ("spoke", "We spoke.")


def test_a_call_that_waits_goes_along_when_danger_is_said_afterwards(visit: Visiting, client: NewBrowser) -> None:
    here = visit().answer(personas.P01)
    asked(here.browser)
    guide = signed_in(client, "matchmaker")
    path = f"{API}/call-backs/{queue(guide)[0]['id']}"
    assert guide.post(f"{path}/claim").status_code == 200
    here.put("safety", thoughts="yes", others="no", home="no", intent="yes", plan="yes", safe_now="no")
    assert queue(guide) == []
    assert guide.get(f"{path}/number").status_code == 404, "also for whoever had taken it on"
    with transaction():
        email = a_responder().email
    responder = client()
    responder.sign_in(email, PASSWORD)
    (call,) = queue(responder)
    assert (call["case_kind"], call["state"]) == ("safety", "open")
    assert [(each.state, each.outcome) for each in db.session.scalars(select(Case).where(Case.kind == "call_back"))] == [("closed", "handed_over")]
    assert here.browser.get(f"{API}/call-back").get_json()["state"] == "waiting", "for the person nothing has changed"
    here.put("safety", **personas.SAFE)
    assert len(queue(responder)) == 1


def test_a_guests_call_becomes_the_accounts_and_of_two_open_ones_one_stays(visit: Visiting, client: NewBrowser) -> None:
    here = visit().answer(personas.P22)
    asked(here.browser)
    with transaction():
        account = an_account()
        email, person_id = account.email, account.person_id
    here.browser.sign_in(email, PASSWORD)
    assert here.browser.post(f"{here.path}/adopt", json={"these_answers_are_mine": True}).status_code == 200
    assert call_of(person_id).ended_at is None
    assert [each.person_id for each in cases("call_back")] == [person_id]
    other = visit().answer(personas.P22)
    asked(other.browser)
    other.browser.sign_in(email, PASSWORD)
    assert other.browser.post(f"{other.path}/adopt", json={"these_answers_are_mine": True}).status_code == 200
    ended = db.session.scalars(select(CallBack.outcome).where(CallBack.person_id == person_id).order_by(CallBack.id)).all()
    assert ended == [None, "merged"]
    assert len(cases("call_back")) == 1


def test_no_topic_says_anything_about_health(client: NewBrowser) -> None:
    told = client().get(f"{API}/call-back/questions").get_json()["topics"]
    assert [each["topic"] for each in told] == list(TOPICS)
    words = " ".join(TOPICS.values()).lower()
    assert not [each for each in ("health", "symptom", "diagnos", "depress", "anxi", "crisis", "trauma", "medic", "suicid") if each in words]


FORM = {"phone": PHONE, "zone": "Europe/London", "topic": "price", "voicemail_safe": "yes", "window": ["0-540-720", "2-1080-1260"]}


def test_the_page_takes_a_call_without_a_script_and_takes_it_back(visit: Visiting, client: NewBrowser) -> None:
    here = visit().answer(personas.P22).browser
    page = here.get("/speak-to-a-guide")
    assert page.status_code == 200
    assert all(words in page.text for words in ("no clinician", TOPICS["price"], "Monday"))
    wrong = here.post("/speak-to-a-guide", data=FORM | {"phone": "7946", "consent_text_version": current_text("call_back").version})
    assert (wrong.status_code, "country code" in wrong.text) == (422, True)
    assert wrong.text.count(" checked") == 4, "whether a message is safe, both times and the consent need not be ticked again"
    refused = here.post("/speak-to-a-guide", data=FORM)
    assert (refused.status_code, "One thing first" in refused.text) == (403, True), "not agreed"
    odd = FORM | {"window": "today", "consent_text_version": current_text("call_back").version}
    assert here.post("/speak-to-a-guide", data=odd).status_code == 422
    done = here.post("/speak-to-a-guide", data=FORM | {"consent_text_version": current_text("call_back").version})
    assert (done.status_code, TOPICS["price"] in done.text) == (200, True)
    assert PHONE not in done.text
    assert "do not want a call" in here.get("/speak-to-a-guide").text
    assert "Your number is deleted" in here.post("/speak-to-a-guide", data={"act": "take_back"}).text
    nobody = client()
    assert "One step before" in nobody.get("/speak-to-a-guide").text, "no form that leads nowhere"
    assert nobody.post("/speak-to-a-guide", data=FORM | {"consent_text_version": current_text("call_back").version}).status_code == 404


def test_the_page_of_somebody_paused_has_help_first_and_says_who_really_calls(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", thoughts="yes", others="no", home="no", intent="yes", plan="no", safe_now="yes")
    page = here.browser.get("/speak-to-a-guide").text
    assert 0 < page.index("tel:999") < page.index("trained for it calls you") < page.index('name="phone"')
    assert not [word for word in ("guide helps", "They are no clinician", "share_text_version") if word in page]
    done = here.browser.post("/speak-to-a-guide", data=FORM | {"consent_text_version": current_text("call_back").version})
    assert (done.status_code, [each.kind for each in cases("safety")], cases("matchmaking")) == (200, ["safety"], [])


def test_the_desks_page_works_a_call_to_its_end(client: NewBrowser) -> None:
    browser, person_id = a_caller(client)
    asked(browser, topic="nobody_fits")
    guide, other = signed_in(client, "matchmaker"), signed_in(client, "matchmaker")
    page = guide.get("/desk/calls")
    assert (page.status_code, TOPICS["nobody_fits"] in page.text, "(America/New_York)" in page.text, "7946" in page.text) == (200, True, True, False)
    assert "must not be left" in page.text
    path = f"/desk/calls/{queue(guide)[0]['id']}"

    def press(who: Browser, act: str) -> Any:
        return who.post(path, data={"act": act, "csrf_token": who.csrf_token})

    assert press(guide, "number").status_code == 409
    assert "Show the number" in press(guide, "claim").text
    assert press(other, "claim").status_code == 409
    assert "+442079460123" in press(guide, "number").text
    assert press(guide, "dance").status_code == 422
    assert "I call" in press(guide, "release").text
    press(guide, "claim")
    assert "Nobody waits for a call" in press(guide, "left_no_message").text
    assert call_of(person_id).outcome == "left_no_message"
    assert guide.post(path, data={"act": "claim"}, headers={"X-CSRF-Token": ""}).status_code == 403
