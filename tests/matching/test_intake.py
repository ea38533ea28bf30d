"""The intake of a guest: consent first, one's own browser only, an hour of idleness, a link back, adoption, and forgetting."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.consent import current_text, has_consent
from accounts.models import Consent, Person
from accounts.throttle import MAILS_TO_ONE
from care.attendance import attendances_of
from care.places import place_of
from core.clock import FixedClock
from core.db import db, transaction
from matching.clear import ABANDONED_AFTER, forget_abandoned
from matching.models import Intake, Shortlist
from matching.questionnaire import SCREEN_BY_NAME, SCREENS
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.fakes.outbox import Outbox
from tests.matching import personas
from tests.matching.markets import json_values
from tests.matching.visits import API, Visit

pytestmark = pytest.mark.usefixtures("database")
Visiting = Callable[[], Visit]
Clients = Callable[[], Browser]


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def the_newest() -> Intake:
    return db.session.scalars(select(Intake).order_by(Intake.id.desc()).limit(1)).one()


def the_intake() -> Intake:
    return db.session.scalars(select(Intake).execution_options(populate_existing=True)).one()


def signed_in(client: Clients) -> tuple[Browser, int]:
    with transaction():
        account = an_account()
        email, person_id = account.email, account.person_id
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser, person_id


# --- consent


def test_without_consent_nothing_is_stored(client: Clients) -> None:
    persons = count(Person)
    for body in ({}, {"consent_text_version": "2020-01-01"}):
        refused = client().post(f"{API}/intakes", json=body)
        assert refused.status_code in (403, 422), refused.text
        assert "Set-Cookie" not in refused.headers
    assert (count(Intake), count(Consent), count(Person)) == (0, 0, persons)


def test_the_refusal_names_the_text_to_show(client: Clients) -> None:
    refused = client().post(f"{API}/intakes", json={}).get_json()
    assert (refused["code"], refused["purpose"], refused["text_version"]) == ("consent_required", "matching", current_text("matching").version)


def test_consent_is_in_the_ledger_before_the_first_answer(visit: Visiting) -> None:
    visit()
    assert has_consent(the_intake().person_id, "matching")
    assert the_intake().answers == {}


def test_answers_are_sealed_at_rest(visit: Visiting) -> None:
    visit().answer(personas.P22 | {"words": "I lie awake and think of the lighthouse"})
    row = the_intake()
    assert row.answers["words"].endswith("lighthouse")
    assert b"lighthouse" not in (row.answers_sealed or b"")


# --- whose it is


def test_the_cookie_is_opaque_and_out_of_reach_of_scripts(client: Clients) -> None:
    answer = client().post(f"{API}/intakes", json={"consent_text_version": current_text("matching").version})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert answer.get_json()["id"] not in cookie
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


def test_somebody_elses_intake_is_answered_like_a_missing_one(visit: Visiting, client: Clients) -> None:
    mine = visit()
    strangers = [client(), visit().browser, signed_in(client)[0]]
    for stranger in strangers:
        for method, path in [("GET", ""), ("DELETE", ""), ("POST", "/shortlist"), ("GET", "/shortlist"), ("GET", "/eligible"), ("POST", "/reopen-link")]:
            answer = stranger.open(mine.path + path, method=method, json={} if path == "/reopen-link" else None)
            assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found"), (method, path)
        assert stranger.put(f"{mine.path}/screens/for_whom", json={"answers": {"for_whom": "self"}}).status_code == 404
    assert mine.browser.get(f"{API}/intakes/{uuid.uuid4()}").status_code == 404


def test_a_browser_finds_its_own_intake_again(visit: Visiting, client: Clients) -> None:
    mine = visit()
    assert mine.browser.get(f"{API}/intakes/current").get_json()["id"] == mine.id
    assert client().get(f"{API}/intakes/current").status_code == 404


def test_screens_say_what_is_missing_and_what_comes_next(visit: Visiting) -> None:
    mine = visit()
    assert mine.intake()["next_screen"] == "for_whom"
    mine.answer({name: personas.P01[name] for name in ("for_whom", "place", "age_band")})
    assert mine.intake()["next_screen"] == "safety"
    mine.answer(personas.P01)
    held = mine.intake()
    assert (held["missing"], held["next_screen"], held["gate"]["outcome"]) == ([], None, "proceed")
    assert held["answers"]["place"] == "GB-ENG"


def test_a_screen_is_replaced_as_a_whole(visit: Visiting) -> None:
    mine = visit().answer(personas.P01)
    mine.put("price", concession=True)
    assert "ceiling" not in mine.intake()["answers"]
    assert mine.intake()["answers"]["concession"] is True


@pytest.mark.parametrize(
    ("screen", "body", "status", "field"),
    [
        ("price", {"answers": {"ceiling": {"amount": "70", "currency": "GBP"}}}, 422, "answers.ceiling"),
        ("price", {"answers": {"cheap": True}}, 422, "answers.cheap"),
        ("price", {"answers": []}, 422, "answers"),
        ("price", {}, 422, "answers"),
        ("price", {"answers": {}, "more": 1}, 422, "more"),
        ("consent", {"answers": {"yes": True}}, 422, "screen"),
        ("nowhere", {"answers": {}}, 404, None),
        ("main_concern", {"answers": {"words": "\ud83d"}}, 422, "answers.words"),
        ("musts", {"answers": {"identity": [{"kind": "ethnicity", "any_of": ["\ud83d"], "relation": "shares", "strength": "nice"}]}}, 422, None),
    ],
)
def test_bad_answers_are_refused_by_field_and_change_nothing(screen: str, body: dict[str, Any], status: int, field: str | None, visit: Visiting) -> None:
    mine = visit().answer(personas.P01)
    before = mine.intake()
    refused = mine.browser.put(f"{mine.path}/screens/{screen}", json=body)
    assert refused.status_code == status, refused.text
    if field:
        assert field in refused.get_json()["errors"]
    assert mine.intake() == before


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(screen=st.sampled_from([screen.name for screen in SCREENS]), data=st.data())
def test_whatever_is_sent_is_taken_or_refused_and_never_breaks(screen: str, data: st.DataObject, visit: Visiting) -> None:
    names = [field.name for field in SCREEN_BY_NAME[screen].fields] or ["yes"]
    answers = data.draw(st.dictionaries(st.sampled_from(names), json_values, max_size=3))
    answer = visit().browser.put(f"{API}/intakes/{the_newest().public_id}/screens/{screen}", json={"answers": answers})
    assert answer.status_code in (200, 400, 409, 422), answer.text  # 400: Infinity, which is no JSON


# --- what care learns


def test_care_knows_place_age_and_needs_without_reading_the_intake(visit: Visiting, clock: FixedClock) -> None:
    visit().answer(personas.P22 | {"main_concern": "self_harm"})
    person_id = the_intake().person_id
    place = place_of(person_id, at=clock.now())
    assert place is not None
    assert (place.jurisdiction, place.zone) == ("GB-ENG", "Europe/London")
    attendance = attendances_of([person_id])[person_id]
    assert (attendance.age_band, attendance.needs) == ("adult", ["self_harm"])


# --- an hour of idleness, and the way back


def test_after_an_hour_of_idleness_the_answers_are_closed_on_this_device(visit: Visiting, clock: FixedClock) -> None:
    mine = visit().answer(personas.P01)
    clock.advance(minutes=59)
    assert mine.put("price").status_code == 200, "being active keeps it open"
    clock.advance(minutes=59)
    assert mine.browser.get(mine.path).status_code == 200
    clock.advance(minutes=1)
    for answer in (mine.browser.get(mine.path), mine.put("price"), mine.browser.post(f"{mine.path}/shortlist"), mine.browser.get(f"{API}/intakes/current")):
        assert (answer.status_code, answer.get_json()["code"]) == (410, "intake_closed")


def mailed_token(outbox: Outbox) -> str:
    found = re.search(r"#token=([\w-]+)", outbox.sent[-1].get_body(("plain",)).get_content())
    assert found
    return found.group(1)


def test_a_mailed_link_opens_them_again_once_and_only_there(
    visit: Visiting, client: Clients, clock: FixedClock, outbox: Outbox, run_jobs: Callable[[], list[str]]
) -> None:
    mine = visit().answer(personas.P01)
    assert mine.browser.post(f"{mine.path}/reopen-link", json={"email": "Guest@Example.org"}).status_code == 202
    clock.advance(minutes=61)
    run_jobs()
    token = mailed_token(outbox)
    elsewhere = client()
    opened = elsewhere.post(f"{API}/intakes/reopen", json={"token": token})
    assert opened.status_code == 200, opened.text
    assert opened.get_json()["answers"]["main_concern"] == "emotional_unavailability"
    assert elsewhere.get(mine.path).status_code == 200
    assert mine.browser.get(mine.path).status_code == 404, "the old device has no way in any more"
    again = client().post(f"{API}/intakes/reopen", json={"token": token})
    assert (again.status_code, again.get_json()["code"]) == (410, "link_used")


def test_the_mail_says_nothing_about_health(visit: Visiting, outbox: Outbox, run_jobs: Callable[[], list[str]]) -> None:
    mine = visit()
    mine.browser.post(f"{mine.path}/reopen-link", json={"email": "guest@example.org"})
    run_jobs()
    (mail,) = outbox.sent
    whole = f"{mail['Subject']} {mail.get_body(('plain',)).get_content()}".lower()
    assert not any(word in whole for word in ("therap", "health", "answer", "concern", "feel"))


def test_once_closed_a_link_goes_only_to_the_address_named_before(
    visit: Visiting, clock: FixedClock, outbox: Outbox, run_jobs: Callable[[], list[str]]
) -> None:
    mine = visit()
    mine.browser.post(f"{mine.path}/reopen-link", json={"email": "guest@example.org"})
    clock.advance(minutes=61)
    answer = mine.browser.post(f"{mine.path}/reopen-link", json={"email": "stranger@example.org"})
    assert answer.status_code == 202
    run_jobs()
    assert {mail["To"] for mail in outbox.sent} == {"guest@example.org"}


def test_once_closed_without_an_address_there_is_no_way_back(visit: Visiting, clock: FixedClock) -> None:
    mine = visit()
    clock.advance(minutes=61)
    refused = mine.browser.post(f"{mine.path}/reopen-link", json={"email": "stranger@example.org"})
    assert (refused.status_code, refused.get_json()["can_mail_a_link"]) == (410, False)


def test_mailing_links_is_limited(visit: Visiting) -> None:
    mine = visit()
    codes = [mine.browser.post(f"{mine.path}/reopen-link", json={"email": "guest@example.org"}).status_code for _ in range(5)]
    assert codes == [202, 202, 202, 429, 429]


def test_one_address_is_not_flooded_through_many_intakes(visit: Visiting) -> None:
    """The class of CVE-2023-51293: anybody may begin an intake and name anybody's address."""
    codes = []
    for _ in range(MAILS_TO_ONE + 1):
        mine = visit()
        codes.append(mine.browser.post(f"{mine.path}/reopen-link", json={"email": "victim@example.org"}).status_code)
    assert codes == [202] * MAILS_TO_ONE + [429]


def test_a_link_that_never_was_is_refused(client: Clients) -> None:
    assert client().post(f"{API}/intakes/reopen", json={"token": "x" * 43}).status_code == 410


def test_the_page_behind_the_link_opens_the_answers(visit: Visiting, client: Clients, outbox: Outbox, run_jobs: Callable[[], list[str]]) -> None:
    mine = visit()
    mine.browser.post(f"{mine.path}/reopen-link", json={"email": "guest@example.org"})
    run_jobs()
    browser = client()
    assert browser.get("/come-back").status_code == 200
    done = browser.post("/come-back", data={"token": mailed_token(outbox)})
    assert done.status_code == 200, done.text
    assert browser.get(mine.path).status_code == 200
    assert browser.post("/come-back", data={"token": "wrong"}).status_code == 410


# --- forgetting


def test_clear_my_answers_leaves_none(visit: Visiting, clock: FixedClock) -> None:
    mine = visit().answer(personas.P33)
    mine.shortlist()
    person_id = the_intake().person_id
    cleared = mine.browser.delete(mine.path)
    assert cleared.status_code == 204
    assert (count(Intake), count(Shortlist)) == (0, 0)
    assert place_of(person_id, at=clock.now()) is None
    assert attendances_of([person_id]) == {}
    assert not has_consent(person_id, "matching")
    assert mine.browser.get(f"{API}/intakes/current").status_code == 404


@pytest.mark.parametrize("how", ["withdraw", "clear"])
def test_R78_answers_of_an_account_go_with_what_they_said_of_its_health(client: Clients, clock: FixedClock, how: str) -> None:
    browser, person_id = signed_in(client)
    mine = Visit(browser).begin().answer(personas.P01 | {"main_concern": "self_harm"})
    assert attendances_of([person_id])[person_id].needs == ["self_harm"]
    mine.shortlist()
    address = f"{API}/consents/matching" if how == "withdraw" else mine.path
    assert browser.delete(address).status_code == 204
    assert (count(Intake), count(Shortlist)) == (0, 0)
    assert attendances_of([person_id])[person_id].needs == []
    assert has_consent(person_id, "matching") == (how == "clear")
    ledger = select(Consent).where(Consent.person_id == person_id, Consent.purpose == "matching")
    assert [(row.withdrawn_at is not None, row.end_reason) for row in db.session.scalars(ledger)] == [
        (how == "withdraw", "withdrawn" if how == "withdraw" else None)
    ]
    assert mine.browser.post(f"{mine.path}/shortlist").status_code == 404, "nothing is left to search with"
    again = browser.post(f"{API}/intakes", json={})
    assert again.status_code == 403, "nothing begins anew without being agreed to"


def test_guests_who_never_come_back_are_forgotten_and_clients_are_not(visit: Visiting, client: Clients, clock: FixedClock) -> None:
    visit().answer(personas.P01)
    browser, person_id = signed_in(client)
    Visit(browser).begin().answer(personas.P01)
    clock.advance(days=ABANDONED_AFTER.days)
    with transaction():
        assert forget_abandoned(now=clock.now()) == 0
    clock.instant += timedelta(seconds=1)
    with transaction():
        assert forget_abandoned(now=clock.now()) == 1
    assert the_intake().person_id == person_id


def test_the_questionnaire_is_served_as_it_is_checked(client: Clients) -> None:
    served = client().get(f"{API}/intakes/questions").get_json()
    assert [screen["name"] for screen in served["screens"]][:9] == [
        "consent",
        "for_whom",
        "place",
        "safety",
        "main_concern",
        "musts",
        "format_and_times",
        "price",
        "check",
    ]
    assert served["consent_text_version"] == current_text("matching").version
    fields = {field["name"]: field for screen in served["screens"] for field in screen["fields"]}
    assert fields["thoughts"]["options"] == ["yes", "no", "prefer_not_to_say"]
    assert fields["main_concern"]["list"] == "concerns"
