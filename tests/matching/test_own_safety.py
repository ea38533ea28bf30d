"""The question that comes up again, what is kept with the person, and what they see: for every intake and every text, never a score, in no mail or log."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.consent import has_consent
from care.attendance import attendances_of
from care.doors import attendees_of
from care.pause import is_paused
from care.places import place_of
from core.clock import FixedClock
from core.db import db, transaction
from matching.models import Intake
from tests.booking.practice import a_consultation, a_therapist
from tests.browser import Browser
from tests.factories.accounts import PASSWORD
from tests.factories.care import a_client
from tests.factories.desk import a_responder, at_the_safety_desk
from tests.fakes.outbox import Outbox
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.visits import Visit

Visiting = Callable[[], Visit]
SAFETY = "/api/v1/safety"
NO_INTENT = {"thoughts": "yes", "others": "no", "home": "no", "intent": "no", "plan": "no", "safe_now": "yes"}
PLAIN_NO = {"thoughts": "no"}
THE_REST = {"intent": "no", "plan": "no", "safe_now": "yes"}
CRISIS_WORDS = {
    "en": "zqxword I do not want to live anymore",
    "es": "zqxword ya no quiero vivir",
    "de": "zqxword ich will nicht mehr leben",
}


def person_of(visit: Visit) -> int:
    return db.session.scalars(select(Intake.person_id).where(Intake.public_id == visit.id)).one()


def two_of_one_guest(visit: Visiting, client: Callable[[], Browser]) -> tuple[Visit, Visit]:
    """Somebody in danger who begins anew in the same browser: the earlier answers, which are open on another device, and the later ones."""
    later = visit().answer(personas.P01)
    later.put("safety", **{**NO_INTENT, "plan": "yes"})
    earlier, cookie = Visit(client()), later.browser.get_cookie("intake", domain="attune.test")
    assert cookie is not None
    earlier.id = later.id
    earlier.browser.set_cookie("intake", cookie.value, domain="attune.test")
    later.begin().answer(personas.P22 | {"place": "US-NY", "main_concern": "self_harm"})
    assert person_of(earlier) == person_of(later)
    return earlier, later


def an_account_at(client: Callable[[], Browser]) -> tuple[Browser, int]:
    with transaction():
        account = a_client()
        email, person_id = account.email, account.person_id
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser, person_id


def ready_to_cancel(browser: Browser) -> str:
    with transaction():
        service = str(a_consultation(a_therapist()).public_id)
    body = {"service_id": service, "start": "2026-11-24T09:00:00Z"}
    answer = browser.post("/api/v1/bookings", json=body, headers={"Idempotency-Key": "a"})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


@pytest.mark.usefixtures("therapists")
class TestIntake:
    @pytest.mark.parametrize("words", CRISIS_WORDS.values(), ids=CRISIS_WORDS.keys())
    def test_words_raise_the_plain_question_and_its_answer_decides(self, words: str, visit: Visiting) -> None:
        here = visit().answer(personas.P01)
        answered = here.put("main_concern", main_concern="grief", words=words).get_json()
        assert answered["gate"] == {"outcome": "ask", "ask": ["thoughts"]}
        assert answered["crisis_help"]["emergency_number"] == "999"
        assert here.browser.post(f"{here.path}/shortlist").get_json()["code"] == "direct_questions"
        assert is_paused(person_of(here)), "an unanswered question stays in the highest class"
        assert here.put("price", ceiling={"amount": 9000, "currency": "GBP"}).get_json()["gate"]["outcome"] == "ask", "another screen is no answer"
        assert here.put("safety", **personas.SAFE).get_json()["gate"] == {"outcome": "proceed", "ask": []}
        assert not is_paused(person_of(here))
        assert here.shortlist()["cards"]

    @pytest.mark.parametrize(
        ("screen", "answers", "status"),
        [
            ("format_and_times", {"town": "anywhere, I want to kill myself"}, 200),
            ("musts", {"identity": [{"kind": "ethnicity", "any_of": ["quiero suicidarme"], "relation": "shares", "strength": "nice"}]}, 200),
            ("main_concern", {"main_concern": "grief", "words": "ich will nicht mehr leben " + "x" * 2000}, 422),
            ("main_concern", {"main_concern": "no such thing", "words": "I want to kill myself"}, 422),
            ("history", {"what_helped": "I want to kill myself\u0007"}, 422),
            ("price", {"insurer": "I want to kill myself"}, 422),
        ],
        ids=["a town", "an own word", "too long", "beside a wrong answer", "untidy", "where no text belongs"],
    )
    def test_whatever_can_be_written_is_heard_also_where_it_is_refused(self, screen: str, answers: dict[str, object], status: int, visit: Visiting) -> None:
        here = visit().answer(personas.P01)
        assert here.put(screen, **answers).status_code == status
        assert here.intake()["gate"] == {"outcome": "ask", "ask": ["thoughts"]}
        assert is_paused(person_of(here))
        assert len(cases("safety")) == 1

    def test_M36_beginning_anew_in_the_same_browser_ends_neither_a_pause_nor_what_thoughts_restrict(self, visit: Visiting) -> None:
        paused = visit().answer(personas.P01)
        paused.put("safety", **{**NO_INTENT, "plan": "yes"})
        paused.begin().answer(personas.P01)
        assert paused.browser.post(f"{paused.path}/shortlist").get_json()["code"] == "direct_questions", "thoughts are not taken back"
        paused.put("safety", **NO_INTENT)
        assert paused.browser.post(f"{paused.path}/shortlist").get_json()["code"] == "paused"
        assert len(cases("safety")) == 1
        restricted = visit().answer(personas.P01)
        restricted.put("safety", **NO_INTENT)
        restricted.begin().answer({name: value for name, value in personas.P01.items() if name not in personas.SAFE})
        restricted.put("safety", **NO_INTENT)
        assert restricted.intake()["gate"]["outcome"] == "follow_up"
        plain = visit().answer(personas.P01)
        before = person_of(plain)
        assert person_of(plain.begin()) != before, "without anything of that kind somebody new begins"

    def test_clearing_one_of_two_sets_of_answers_of_a_guest_leaves_the_other_whole(
        self, visit: Visiting, client: Callable[[], Browser], clock: FixedClock
    ) -> None:
        first, second = two_of_one_guest(visit, client)
        person_id = person_of(second)
        assert first.browser.delete(first.path).status_code == 204
        assert second.intake()["answers"]["place"] == "US-NY"
        place = place_of(person_id, at=clock.now())
        assert place is not None
        assert place.jurisdiction == "US-NY"
        assert attendances_of([person_id])[person_id].needs == ["self_harm"]
        assert has_consent(person_id, "matching")
        assert second.browser.delete(second.path).status_code == 204
        assert place_of(person_id, at=clock.now()) is None
        assert attendances_of([person_id]) == {}
        assert not has_consent(person_id, "matching")

    def test_adopting_one_of_two_sets_of_answers_of_a_guest_leaves_the_other_its_consent_its_pause_and_a_case(
        self, visit: Visiting, client: Callable[[], Browser], clock: FixedClock
    ) -> None:
        first, second = two_of_one_guest(visit, client)
        guest = person_of(second)
        with transaction():
            account = a_client()
            email, person_id = account.email, account.person_id
        first.browser.sign_in(email, PASSWORD)
        adopted = first.browser.post(f"{first.path}/adopt", json={"these_answers_are_mine": True})
        assert adopted.status_code == 200, adopted.text
        assert (person_of(first), person_of(second)) == (person_id, guest)
        assert has_consent(guest, "matching")
        assert has_consent(person_id, "matching")
        assert is_paused(guest)
        assert is_paused(person_id)
        case_of = {case.person_id: case for case in cases("safety")}
        assert set(case_of) == {guest, person_id}
        assert (case_of[guest].facts or {})["was_together_with"] == str(case_of[person_id].public_id)
        assert case_of[guest].priority == case_of[person_id].priority
        places = [place_of(each, at=clock.now()) for each in (guest, person_id)]
        assert [each.jurisdiction for each in places if each] == ["US-NY", "GB-ENG"]

    def test_a_guest_who_asks_for_a_person_in_a_form_that_is_refused_is_heard(self, visit: Visiting) -> None:
        here = visit().answer(personas.P01)
        asked = {"reach_by": "mail", "message_is_safe": True}
        assert here.browser.post(f"{here.path}/person", json={**asked, "words": "my brother killed himself"}).status_code == 422
        assert cases("safety") == []
        assert here.browser.post(f"{here.path}/person", json={**asked, "words": "I want to kill myself"}).status_code == 422
        assert here.intake()["gate"]["outcome"] == "ask"
        assert len(cases("safety")) == 1

    def test_words_again_after_the_answer_ask_again(self, visit: Visiting) -> None:
        here = visit().answer(personas.P01)
        for _ in range(2):
            here.put("history", what_helped=CRISIS_WORDS["en"])
            assert here.intake()["gate"]["outcome"] == "ask"
            here.put("safety", **personas.SAFE)
            assert here.intake()["gate"]["outcome"] == "proceed"

    def test_a_yes_to_the_plain_question_leads_to_the_direct_ones(self, visit: Visiting) -> None:
        here = visit().answer(personas.P01)
        here.put("main_concern", main_concern="grief", words=CRISIS_WORDS["en"])
        asked = here.browser.post(f"{SAFETY}/answers", json={"thoughts": "yes"}).get_json()
        assert (asked["state"], asked["ask"]) == ("question", ["intent", "plan", "safe_now"])
        answered = here.browser.post(f"{SAFETY}/answers", json=THE_REST).get_json()
        assert (answered["state"], answered["ask"]) == ("restricted", [])
        assert here.intake()["gate"]["outcome"] == "follow_up"
        assert len(cases("safety")) == 1

    def test_the_words_stand_in_no_case_log_or_mail(self, visit: Visiting, run_jobs: Callable[[], list[str]], outbox: Outbox, caplog: pytest.LogCaptureFixture):
        caplog.set_level(logging.DEBUG)
        here = visit().answer(personas.P01)
        here.put("main_concern", main_concern="grief", words=CRISIS_WORDS["en"])
        run_jobs()
        (case,) = cases("safety")
        assert (case.facts or {})["reasons"] == ["words"]
        assert "zqxword" not in str(case.facts) + caplog.text + "".join(str(mail) for mail in outbox.sent)

    def test_what_follows_from_thoughts_is_kept_with_the_person_and_not_with_one_intake(self, client: Callable[[], Browser], clock: FixedClock) -> None:
        browser, person_id = an_account_at(client)
        first = Visit(browser).begin().answer(personas.P01)
        first.put("safety", **NO_INTENT)
        second = Visit(browser).begin().answer(personas.P01)
        assert second.intake()["gate"] == {"outcome": "ask", "ask": ["intent", "plan", "safe_now"]}, "a new intake does not begin without it"
        second.put("safety", **NO_INTENT)
        assert second.shortlist()["kind"] == "empty"
        assert browser.delete(second.path).status_code == 204
        (who,) = attendees_of([person_id], at=clock.now(), now=clock.now())
        assert who.needs == {"suicidality"}, "at every door, also without a list"

    def test_somebody_trained_ends_what_answers_restrict(self, visit: Visiting, client: Callable[[], Browser], clock: FixedClock) -> None:
        here = visit().answer(personas.P01)
        here.put("safety", **NO_INTENT)
        clock.advance(minutes=5)
        with transaction():
            email = a_responder().email
        responder = client()
        responder.sign_in(email, PASSWORD)
        path = f"/api/v1/cases/{cases('safety')[0].public_id}"
        responder.post(f"{path}/claim")
        ending = {"note": "We spoke; no such thoughts any more."}
        assert responder.post(f"{path}/end-restriction", json=ending).get_json()["code"] == "no_contact_record"
        responder.post(f"{path}/steps", json={"action": "spoke", "note": "Twenty minutes."})
        assert responder.post(f"{path}/end-restriction", json=ending).status_code == 204
        shown = here.shortlist()
        assert shown["cards"]
        assert shown["crisis_help"], "help stays in view"
        here.put("price", ceiling={"amount": 9000, "currency": "GBP"})
        assert here.intake()["gate"]["outcome"] == "proceed"
        clock.advance(minutes=5)
        here.put("safety", **NO_INTENT)
        assert here.intake()["gate"]["outcome"] == "follow_up", "said again"

    @pytest.mark.parametrize("name", [name for name in dir(personas) if name.startswith("P") and name[1:].isdigit()])
    def test_M36_with_the_crisis_flag_on_there_is_no_list_for_any_persona(self, name: str, visit: Visiting) -> None:
        here = visit().answer(getattr(personas, name))
        here.put("safety", **{**NO_INTENT, "intent": "yes"})
        assert here.browser.post(f"{here.path}/shortlist").get_json()["code"] == "paused"
        assert here.browser.get(f"{here.path}/eligible").get_json()["code"] == "paused"
        assert here.browser.post(f"{SAFETY}/mistake").get_json()["state"] == "paused", "no word of theirs takes it off"


class TestEveryText:
    def test_a_note_to_a_therapist_raises_the_question_and_the_booking_is_cancelled_all_the_same(self, client: Callable[[], Browser]) -> None:
        browser, person_id = an_account_at(client)
        booking = ready_to_cancel(browser)
        assert browser.post(f"/api/v1/bookings/{booking}/withdraw").status_code == 200
        body = {"reason": "other", "note": CRISIS_WORDS["en"]}
        assert browser.post(f"/api/v1/bookings/{booking}/cancel", json=body).status_code == 409, "refused, and heard all the same"
        assert is_paused(person_id)
        stands = browser.get(SAFETY).get_json()
        assert (stands["state"], stands["ask"]) == ("question", ["thoughts"])
        assert browser.post(f"{SAFETY}/answers", json=PLAIN_NO).get_json()["state"] == "open"
        assert not is_paused(person_id)

    def test_a_title_of_an_own_calendar_is_a_text_like_any_other(self, client: Callable[[], Browser]) -> None:
        browser, person_id = an_account_at(client)
        with transaction():
            service = str(a_consultation(a_therapist()).public_id)
        body = {"service_id": service, "start": "2026-11-24T09:00:00Z", "title": "before I kill myself"}
        assert browser.post("/api/v1/bookings", json=body, headers={"Idempotency-Key": "a"}).status_code == 201
        assert is_paused(person_id)

    def test_who_works_here_writes_about_others_and_is_not_asked(self, client: Callable[[], Browser]) -> None:
        with transaction():
            responder = a_responder()
            email, person_id = responder.email, responder.person_id
            browser_of, client_id = client(), a_client().person_id
            from care.safety_case import tell_responders

            case_id = tell_responders(client_id, "ask", ["words"], now=responder.created_at).public_id
        browser_of.sign_in(email, PASSWORD)
        browser_of.post(f"/api/v1/cases/{case_id}/claim")
        step = {"action": "spoke", "note": "They said that they want to die."}
        assert browser_of.post(f"/api/v1/cases/{case_id}/steps", json=step).status_code == 201
        assert not is_paused(person_id)

    def test_words_without_a_person_are_answered_with_the_question(self, client: Callable[[], Browser]) -> None:
        found = client().post("/api/v1/taxonomy/suggestions", json={"text": CRISIS_WORDS["en"]}).get_json()
        assert found["ask_about_safety"] is True
        assert client().post("/api/v1/taxonomy/suggestions", json={"text": "my brother died by suicide"}).get_json()["ask_about_safety"] is False


@pytest.mark.usefixtures("therapists")
class TestStatus:
    def test_nothing_is_known_of_somebody_without_an_account_or_an_intake(self, client: Callable[[], Browser]) -> None:
        assert client().get(SAFETY).status_code == 404
        assert client().post(f"{SAFETY}/mistake").status_code == 404

    def test_the_paused_person_sees_help_first_and_can_say_that_it_was_a_mistake(self, visit: Visiting, clock: FixedClock) -> None:
        here = visit().answer(personas.P01)
        assert here.browser.post(f"{SAFETY}/mistake").get_json()["code"] == "not_paused"
        here.put("safety", **{**NO_INTENT, "plan": "yes"})
        stands = here.browser.get(SAFETY).get_json()
        assert next(iter(stands)) == "crisis_help"
        assert (stands["state"], stands["ask"], stands["said_mistake"]) == ("paused", [], False)
        assert here.browser.post(f"{SAFETY}/mistake").get_json()["said_mistake"] is True
        assert is_paused(person_of(here)), "it lifts nothing by itself"
        (case,) = cases("safety")
        assert "answered_by_mistake" in (case.facts or {})["reasons"]
        assert (case.facts or {})["outcome"] == "pause", "the gravest of what was said stays"

    def test_nothing_promises_contact_while_nobody_is_on_duty(self, visit: Visiting, clock: FixedClock) -> None:
        here = visit().answer(personas.P01)
        alone = here.put("safety", **{**NO_INTENT, "intent": "yes"}).get_json()["crisis_help"]
        assert (alone["desk_on_duty"], "Nobody is at our desk" in alone["desk_text"]) == (False, True)
        with transaction():
            from tests.factories.accounts import an_account

            at_the_safety_desk(an_account().person_id, hours=[[6, 840, 960]], languages=("de", "en"))
        there = here.browser.get(SAFETY).get_json()["crisis_help"]
        assert (there["desk_on_duty"], there["desk_languages"]) == (True, ["German", "English"])
        clock.advance(hours=1)
        here.browser.get(SAFETY)
        later = visit().answer(personas.P01).put("safety", **NO_INTENT).get_json()["crisis_help"]
        assert later["desk_on_duty"] is False
        for promise in ("we will call", "will contact you", "within"):
            assert promise not in later["desk_text"]

    def test_the_page_shows_help_first_asks_and_takes_the_answer(self, visit: Visiting) -> None:
        here = visit().answer(personas.P01)
        here.put("main_concern", main_concern="grief", words=CRISIS_WORDS["de"])
        page = here.browser.get("/how-things-stand").text
        assert 0 < page.index("999") < page.index("Where it stands") < page.index("thoughts of ending your life") < page.index("I answered by mistake")
        assert here.browser.post("/how-things-stand", data={"thoughts": "perhaps"}).status_code == 422
        assert here.browser.post("/how-things-stand", data={}).status_code == 422
        assert "Nothing is paused" in here.browser.post("/how-things-stand", data={"answer": "given", "thoughts": "no"}).text
        here.put("safety", **{**NO_INTENT, "intent": "yes"})
        assert "answered by mistake" in here.browser.post("/how-things-stand", data={"answer": "mistake"}).text

    def test_after_an_hour_a_guests_pages_tell_nothing_of_it_and_only_what_is_true_of_the_way_back(self, visit: Visiting, clock: FixedClock) -> None:
        here = visit().answer(personas.P01)
        here.put("safety", **{**NO_INTENT, "plan": "yes"})
        clock.advance(minutes=60)
        for path in ("/how-things-stand", "/speak-to-a-guide", "/find"):
            page = here.browser.get(path)
            assert "cannot be opened again here" in page.text, path
            assert "link by mail" not in page.text, "no address was named"
            assert not {"paused", "trained"} & set(page.text.split()), path
        assert 'href="/find"' in here.browser.get("/how-things-stand").text
        refused = here.browser.post("/how-things-stand", data={"answer": "mistake"})
        assert (refused.status_code, "Find a therapist" in refused.text, "Links in mails" in refused.text) == (410, True, False)

    def test_help_now_is_help_near_the_guest_and_near_nobody_once_the_answers_are_closed(self, visit: Visiting, clock: FixedClock) -> None:
        here = visit().answer(personas.P01)
        assert "tel:999" in here.browser.get("/help-now").text
        assert "tel:911" in here.browser.get("/help-now?place=US-NY").text
        clock.advance(minutes=60)
        assert "tel:" not in here.browser.get("/help-now").text

    def test_bad_answers_name_their_field(self, visit: Visiting) -> None:
        here = visit().answer(personas.P01)
        assert here.browser.post(f"{SAFETY}/answers", json={}).status_code == 422
        assert list(here.browser.post(f"{SAFETY}/answers", json={"thoughts": "perhaps"}).get_json()["errors"]) == ["thoughts"]
        assert list(here.browser.post(f"{SAFETY}/answers", json={"others": "no"}).get_json()["errors"]) == ["others"]

    def test_a_question_open_with_the_guest_is_open_with_the_account_and_can_be_answered_there(self, visit: Visiting, clock: FixedClock) -> None:
        here = visit().answer(personas.P01)
        here.put("main_concern", main_concern="grief", words=CRISIS_WORDS["es"])
        clock.advance(minutes=5)
        with transaction():
            account = a_client()
            email, person_id = account.email, account.person_id
        here.browser.sign_in(email, PASSWORD)
        assert here.browser.post(f"{here.path}/adopt", json={"these_answers_are_mine": True}).status_code == 200
        assert is_paused(person_id)
        assert here.browser.post(f"{SAFETY}/answers", json=PLAIN_NO).get_json()["state"] == "open"
        assert not is_paused(person_id)


def test_the_follow_up_of_thoughts_is_due_within_a_day(visit: Visiting, clock: FixedClock) -> None:
    here = visit().answer(personas.P01)
    here.put("safety", **NO_INTENT)
    assert cases("safety")[0].due_at <= clock.now() + timedelta(days=1)
