"""Taking questionnaires over HTTP: what they come to, the ninth item, who reads a result, and that it goes away."""

import logging
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from care.pause import is_paused
from care.safety_record import competences_needed
from core.audit import AuditEntry
from core.db import db, transaction
from progress.results.models import SharedResult, TakenQuestionnaire
from tests.booking.conftest import Practice
from tests.booking.practice import a_therapist, signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.factories.desk import a_responder, at_the_safety_desk
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.visits import Visit
from tests.progress.conftest import Course, NewBrowser, agree

API, RESULTS = "/api/v1/questionnaires", "/api/v1/questionnaires/results"
SAFETY = "/api/v1/safety"
THE_REST = {"intent": "no", "plan": "no", "safe_now": "yes"}
PHQ9_18 = [3, 2, 2, 3, 2, 2, 2, 2, 0]


@pytest.fixture
def agreed(practice: Practice) -> Practice:
    agree(practice.client)
    return practice


@pytest.fixture
def on_duty(practice: Practice) -> None:
    with transaction():
        a_responder()


def take(browser: Browser, slug: str, answers: list[int | None]) -> dict[str, Any]:
    told = browser.post(RESULTS, json={"questionnaire": slug, "answers": answers})
    assert told.status_code == 201, told.text
    taken: dict[str, Any] = told.get_json()
    return taken


def offered(browser: Browser) -> list[str]:
    return [each["questionnaire"] for each in browser.get(API).get_json()["items"]]


def shared(browser: Browser) -> list[dict[str, Any]]:
    told = browser.get("/api/v1/therapist/questionnaire-results")
    assert told.status_code == 200, told.text
    items: list[dict[str, Any]] = told.get_json()["items"]
    return items


def therapist_of(browser: Browser) -> str:
    return str(browser.get("/api/v1/bookings").get_json()["items"][0]["therapist"]["id"])


class TestNinthItem:
    def test_phq8_stands_in_while_nobody_trained_is_on_duty(self, practice: Practice) -> None:
        assert offered(practice.client) == ["phq-2", "gad-2", "phq-8", "gad-7"]
        assert offered(practice.new_browser()) == offered(practice.client), "also for guests"
        with transaction():
            at_the_safety_desk(an_account().person_id, hours=[[6, 0, 15 * 60]])  # goes at 15:00 of a Sunday, which it is
        assert "phq-9" not in offered(practice.client)
        with transaction():
            a_responder()
        assert offered(practice.client) == ["phq-2", "gad-2", "phq-9", "gad-7"]

    @pytest.mark.usefixtures("on_duty")
    def test_M37_the_same_sum_with_and_without_the_ninth_item_end_to_end(self, agreed: Practice) -> None:
        without = take(agreed.client, "phq-9", [2, 2, 2, 2, 0, 0, 0, 0, 0])
        assert (without["result"]["score"], without["asks_about_safety"], without["crisis_help"]) == (8, False, None)
        assert agreed.client.get(SAFETY).get_json()["state"] == "open"
        with_it = take(agreed.client, "phq-9", [2, 2, 2, 1, 0, 0, 0, 0, 1])
        assert (with_it["result"]["score"], with_it["result"]["band"]) == (8, "mild"), "a low sum does not mask the item"
        assert (with_it["asks_about_safety"], with_it["crisis_help"]["emergency_number"]) == (True, "999")
        state = agreed.client.get(SAFETY).get_json()
        assert (state["state"], state["ask"]) == ("question", ["intent", "plan", "safe_now"])
        assert agreed.book().get_json()["code"] == "paused"
        with transaction():
            (case,) = cases("safety")
            assert case.facts == {"outcome": "ask", "reasons": ["item_9", "thoughts"]}
        after = agreed.client.post(f"{SAFETY}/answers", json=THE_REST).get_json()
        assert after["state"] == "restricted", "thoughts without intent: only checked competence, and somebody follows up"
        with transaction():
            assert not is_paused(agreed.client_id)
            assert competences_needed([agreed.client_id])[agreed.client_id] == {"suicidality"}

    @pytest.mark.usefixtures("on_duty")
    def test_P10_a_total_of_eight_with_the_ninth_item_gives_no_list_before_the_direct_questions(self, agreed: Practice) -> None:
        visit = Visit(agreed.client).begin().answer(personas.P22)
        assert visit.browser.post(f"{visit.path}/shortlist").status_code == 201
        assert take(agreed.client, "phq-9", [2, 2, 2, 1, 0, 0, 0, 0, 1])["result"]["score"] == 8
        refused = visit.browser.post(f"{visit.path}/shortlist")
        assert (refused.status_code, refused.get_json()["code"], refused.get_json()["ask"]) == (409, "direct_questions", ["intent", "plan", "safe_now"])
        assert visit.read().status_code == 409
        agreed.client.post(f"{SAFETY}/answers", json=THE_REST)
        told = visit.shortlist()
        assert told["cards"] == [], "nobody of this practice has the checked competence"
        assert told["crisis_help"]["emergency_number"] == "999"

    @pytest.mark.usefixtures("on_duty")
    @pytest.mark.parametrize("turn", range(9))
    def test_M37_permutations_of_one_sum_ask_exactly_when_the_ninth_item_does(self, agreed: Practice, turn: int) -> None:
        answers = [1, 0, 0, 2, 0, 0, 3, 0, 0]
        answers = answers[turn:] + answers[:turn]
        taken = take(agreed.client, "phq-9", list(answers))
        assert taken["result"]["score"] == 6
        assert taken["asks_about_safety"] == (answers[8] > 0)
        with transaction():
            assert is_paused(agreed.client_id) == (answers[8] > 0)
            assert bool(cases("safety")) == (answers[8] > 0)

    @pytest.mark.usefixtures("on_duty")
    def test_M38_an_open_ninth_item_gives_no_score_and_asks_the_plain_question(self, agreed: Practice) -> None:
        taken = take(agreed.client, "phq-9", [0, 0, 0, 0, 0, 0, 0, 0, None])
        assert (taken["result"]["score"], taken["result"]["band"], taken["result"]["missing"]) == (None, None, [9])
        assert taken["asks_about_safety"]
        assert agreed.client.get(SAFETY).get_json()["ask"] == ["thoughts"], "open is never a no, and never a yes"
        assert agreed.client.post(f"{SAFETY}/answers", json={"thoughts": "no"}).get_json()["state"] == "open"
        with transaction():
            assert not is_paused(agreed.client_id)

    @pytest.mark.usefixtures("on_duty")
    def test_M38_another_open_item_is_incomplete_and_asks_nothing(self, agreed: Practice) -> None:
        taken = take(agreed.client, "phq-9", [3, None, 3, 3, 3, 3, 3, 3, 0])
        assert (taken["result"]["score"], taken["result"]["positive"], taken["result"]["missing"]) == (None, None, [2])
        assert not taken["asks_about_safety"]

    @pytest.mark.usefixtures("on_duty")
    def test_it_asks_again_each_time(self, agreed: Practice) -> None:
        for _ in range(2):
            take(agreed.client, "phq-9", [0] * 8 + [1])
            assert agreed.client.get(SAFETY).get_json()["ask"] == ["intent", "plan", "safe_now"]
            agreed.client.post(f"{SAFETY}/answers", json=THE_REST)

    def test_who_began_while_somebody_was_there_is_heard_all_the_same(self, agreed: Practice) -> None:
        taken = take(agreed.client, "phq-9", [1] * 8 + [2])
        assert (taken["result"]["questionnaire"], taken["result"]["score"], len(taken["result"]["answers"])) == ("phq-8", 8, 8)
        assert taken["asks_about_safety"]
        assert "Nobody is at our desk" in taken["crisis_help"]["desk_text"]
        assert agreed.client.get(SAFETY).get_json()["state"] == "question"

    @pytest.mark.usefixtures("on_duty")
    def test_deleting_the_answers_takes_no_question_back(self, agreed: Practice) -> None:
        taken = take(agreed.client, "phq-9", [0] * 8 + [3])
        assert agreed.client.delete(f"{RESULTS}/{taken['result']['id']}").status_code == 204
        assert agreed.client.get(SAFETY).get_json()["state"] == "question"


def test_scores_bands_and_change_as_published(agreed: Practice) -> None:
    first = take(agreed.client, "gad-7", [2, 2, 2, 2, 2, 1, 1])["result"]
    assert (first["score"], first["highest"], first["band"], first["positive"], first["change"]) == (12, 21, "moderate", True, None)
    take(agreed.client, "gad-7", [0, None, 0, 0, 0, 0, 0])
    assert take(agreed.client, "gad-7", [2, 2, 2, 1, 1, 0, 0])["result"]["change"] == "improved", "12 to 8; what is incomplete is passed over"
    assert take(agreed.client, "gad-7", [2, 2, 2, 2, 1, 0, 0])["result"]["change"] == "unchanged"
    short = take(agreed.client, "phq-2", [1, 2])["result"]
    assert (short["score"], short["band"], short["positive"], short["change"]) == (3, None, True, None)
    assert take(agreed.client, "phq-8", [3] * 8)["result"]["band"] == "severe"


def test_the_list_is_the_persons_own_newest_first_in_pages(agreed: Practice) -> None:
    for answer in range(3):
        take(agreed.client, "phq-2", [answer, 0])
    first = agreed.client.get(RESULTS, query_string={"limit": 2}).get_json()
    rest = agreed.client.get(RESULTS, query_string={"limit": 2, "cursor": first["next"]}).get_json()
    assert [each["score"] for each in first["items"] + rest["items"]] == [2, 1, 0]
    stranger = agreed.another_client()
    assert stranger.get(RESULTS).get_json()["items"] == []
    mine = first["items"][0]["id"]
    for method, path in (("get", ""), ("delete", ""), ("put", f"/sharing/{mine}"), ("delete", f"/sharing/{mine}")):
        assert getattr(stranger, method)(f"{RESULTS}/{mine}{path}").status_code == 404, (method, path)
    assert agreed.client.get(RESULTS, query_string={"cursor": "x"}).status_code == 422


def test_nothing_is_kept_without_consent_and_all_of_it_goes_with_its_end(practice: Practice) -> None:
    refused = practice.client.post(RESULTS, json={"questionnaire": "phq-2", "answers": [0, 0]})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "consent_required")
    agree(practice.client)
    practice.book()
    result = take(practice.client, "phq-2", [0, 0])["result"]["id"]
    practice.client.put(f"{RESULTS}/{result}/sharing/{therapist_of(practice.client)}")
    assert shared(practice.therapist)
    assert practice.client.delete("/api/v1/consents/progress").status_code == 204
    with transaction():
        assert db.session.scalars(select(TakenQuestionnaire)).all() == []
        assert db.session.scalars(select(SharedResult)).all() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"questionnaire": "phq-2", "answers": [0]}, "answers"),
        ({"questionnaire": "phq-2", "answers": [0, 0, 0]}, "answers"),
        ({"questionnaire": "phq-2", "answers": [0, 4]}, "answers.1"),
        ({"questionnaire": "phq-2", "answers": [0, -1]}, "answers.1"),
        ({"questionnaire": "phq-2", "answers": [0, "1"]}, "answers.1"),
        ({"questionnaire": "phq-2", "answers": []}, "answers"),
        ({"questionnaire": "phq-2", "answers": [0] * 100}, "answers"),
        ({"questionnaire": "tas-20", "answers": [0, 0]}, "questionnaire"),
        ({"questionnaire": "phq-2"}, "answers"),
        ({"questionnaire": "phq-2", "answers": [0, 0], "taken_at": "2026-11-22T15:00:00Z"}, "taken_at"),
    ],
)
def test_what_cannot_be_an_answer_is_422_with_its_field(agreed: Practice, body: dict[str, Any], field: str) -> None:
    told = agreed.client.post(RESULTS, json=body)
    assert (told.status_code, list(told.get_json()["errors"])) == (422, [field])


def test_only_a_therapist_in_care_reads_it_and_only_while_the_client_chooses_so(agreed: Practice) -> None:
    agreed.book()
    therapist = therapist_of(agreed.client)
    result = take(agreed.client, "gad-7", [1] * 7)["result"]["id"]
    assert shared(agreed.therapist) == []
    with transaction():
        other = a_therapist(name="Noa Lake")
        other_id, other_name = other.person_id, str(other.public_id)
    refused = agreed.client.put(f"{RESULTS}/{result}/sharing/{other_name}")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_in_care")
    told = agreed.client.put(f"{RESULTS}/{result}/sharing/{therapist}").get_json()
    assert [each["therapist_name"] for each in told["shared_with"]] == ["Alex Rivers"]
    assert agreed.client.put(f"{RESULTS}/{result}/sharing/{therapist}").get_json() == told, "again changes nothing"
    (seen,) = shared(agreed.therapist)
    assert (seen["id"], seen["score"], seen["client"]["name"]) == (result, 7, "Sam Field")
    assert "shared_with" not in seen
    assert shared(signed_in(agreed.new_browser, other_id)) == []
    assert agreed.another_client().get("/api/v1/therapist/questionnaire-results").status_code == 403
    assert agreed.client.delete(f"{RESULTS}/{result}/sharing/{therapist}").get_json()["shared_with"] == []
    assert agreed.client.delete(f"{RESULTS}/{result}/sharing/{therapist}").status_code == 404
    assert shared(agreed.therapist) == []


def test_no_answer_stands_in_an_audit_row_a_log_or_in_the_clear(agreed: Practice, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    result = take(agreed.client, "gad-7", [3, 1, 2, 3, 1, 2, 3])["result"]["id"]
    with transaction():
        rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "questionnaire")).all()
        assert [(row.action, row.subject_id, row.facts) for row in rows] == [("progress.questionnaire_taken", result, {})]
        assert "gad" not in str(db.session.execute(text("SELECT * FROM taken_questionnaires")).all())
    assert "gad-7" not in caplog.text


class TestPages:
    def press(self, browser: Browser, path: str, **form: str) -> TestResponse:
        return browser.post(path, data={"csrf_token": browser.csrf_token, **form})

    @pytest.mark.parametrize("path", ["/how-i-am", "/how-i-am/gad-7"])
    def test_signed_out_they_lead_to_the_sign_in_page_and_back(self, client: NewBrowser, path: str) -> None:
        for told in (client().get(path), client().post(path)):
            assert (told.status_code, told.headers["Location"]) == (303, f"/sign-in?next={path}")

    def test_agree_take_share_keep_back_delete(self, course: Course) -> None:
        course.session()
        browser = course.client
        page = browser.get("/how-i-am").text
        assert "GAD-7" not in page
        version = page.partition('name="text_version" value="')[2].partition('"')[0]
        assert self.press(browser, "/how-i-am", act="agree", text_version=version).status_code == 303
        assert 'href="/how-i-am/gad-7"' in browser.get("/how-i-am").text
        assert "Feeling nervous" in browser.get("/how-i-am/gad-7").text
        assert self.press(browser, "/how-i-am/gad-7", **{f"item-{number}": "1" for number in range(1, 8)}).status_code == 303
        self.press(browser, "/how-i-am/phq-8", **{"item-1": "2"})
        page = browser.get("/how-i-am").text
        assert "7 of 21" in page
        assert "without an answer to questions 2, 3, 4, 5, 6, 7, 8 there is no score" in page
        result = page.rpartition('name="result_id" value="')[2].partition('"')[0]
        therapist = page.partition('name="therapist_id" value="')[2].partition('"')[0]
        self.press(browser, "/how-i-am", act="share", result_id=result, therapist_id=therapist)
        assert [each["score"] for each in shared(course.therapist)] == [7]
        assert "Alex Rivers can read this" in browser.get("/how-i-am").text
        self.press(browser, "/how-i-am", act="keep_back", result_id=result, therapist_id=therapist)
        assert shared(course.therapist) == []
        self.press(browser, "/how-i-am", act="delete", result_id=result)
        assert "7 of 21" not in browser.get("/how-i-am").text
        assert self.press(browser, "/how-i-am", act="burn").status_code == 422
        assert self.press(browser, "/how-i-am", act="share", result_id="x").status_code == 404

    def test_phq9_is_there_only_while_somebody_can_respond_and_its_ninth_item_comes_first(self, agreed: Practice) -> None:
        assert agreed.client.get("/how-i-am/phq-9").status_code == 404
        assert agreed.client.get("/how-i-am/nothing").status_code == 404
        assert self.press(agreed.client, "/how-i-am/nothing").status_code == 404
        with transaction():
            a_responder()
        assert "better off dead" in agreed.client.get("/how-i-am/phq-9").text
        told = self.press(agreed.client, "/how-i-am/phq-9", **{f"item-{number}": "0" for number in range(1, 9)}, **{"item-9": "1"})
        assert told.status_code == 200
        assert told.text.index("Emergency: 999") < told.text.index("/how-things-stand")
        assert "Do you mean to act on these thoughts?" in agreed.client.get("/how-things-stand").text
