"""Assisted shortlists: a guide suggests out of those who are on the list, reads no more than was agreed to, and the person decides."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from accounts.consent import current_text
from core.audit import AuditEntry
from core.db import db, transaction
from desk.models import Case
from matching.assisted.models import AssistedShortlist
from matching.assisted.permitted import READABLE, permitted
from matching.assisted.reasons import REASONS, promise_in
from matching.questionnaire import OWN_WORDS, SCREEN_BY_NAME
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.care import a_client
from tests.fakes.outbox import Outbox, text_of
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.test_call_back import body as a_call
from tests.matching.test_call_back import signed_in
from tests.matching.visits import Visit, names
from therapists.models import Credential, Therapist

API = "/api/v1"
NewBrowser = Callable[[], Browser]
Visiting = Callable[[], Visit]
SHARE = {"purpose": "share_with_guide", "text_version": current_text("share_with_guide").version}
OWN = "the lighthouse at night"
WHO = personas.P01 | {"words": OWN, "what_helped": "long walks", "ceiling": {"amount": 7300, "currency": "GBP"}}
PERSON = {"reach_by": "mail", "contact": "sam@example.org", "message_is_safe": True}


class Desk:
    """A guide who has taken on the case of a visit."""

    def __init__(self, browser: Browser, case_id: str) -> None:
        self.browser, self.case = browser, f"{API}/cases/{case_id}"

    def look(self) -> Any:
        return self.browser.get(f"{self.case}/eligible-therapists?limit=100")

    def suggest(self, *cards: dict[str, Any]) -> Any:
        return self.browser.post(f"{self.case}/assisted-shortlist", json={"cards": list(cards)})

    def listed(self) -> dict[str, str]:
        return {each["display_name"]: each["therapist_id"] for each in self.look().get_json()["items"]}


def taken_on(here: Visit, client: NewBrowser) -> Desk:
    """The visitor asks for a person; a guide claims the case."""
    assert here.browser.post(f"{here.path}/person", json=PERSON).status_code == 202
    guide = signed_in(client, "matchmaker")
    case_id = str(cases("matchmaking")[-1].public_id)
    assert guide.post(f"{API}/cases/{case_id}/claim").status_code == 200
    return Desk(guide, case_id)


def a_signed_in_visit(client: NewBrowser) -> tuple[Visit, str]:
    with transaction():
        email = a_client().email
    browser = client()
    browser.sign_in(email, PASSWORD)
    return Visit(browser).begin().answer(WHO), email


@pytest.mark.usefixtures("therapists")
def test_a_guide_suggests_and_the_person_sees_why_and_books_from_it(
    client: NewBrowser, therapists: dict[str, Therapist], run_jobs: Callable[[], list[str]], outbox: Outbox
) -> None:
    here, email = a_signed_in_visit(client)
    assert here.browser.get(f"{here.path}/assisted-shortlist").status_code == 404
    desk = taken_on(here, client)
    listed = desk.listed()
    chosen = [{"therapist_id": listed["Uma"], "reasons": ["times", "price"], "note": "She has evenings."}, {"therapist_id": listed["Pia"], "reasons": ["soon"]}]
    made = desk.suggest(*chosen)
    assert made.status_code == 201, made.text
    shown = here.browser.get(f"{here.path}/assisted-shortlist").get_json()
    assert (shown["kind"], names(shown)) == ("assisted", ["Uma", "Pia"]), "in the guide's order, whatever the ranking says"
    assert shown["cards"][0]["guide"] == {"reasons": [{"code": each, "text": REASONS[each]} for each in ("times", "price")], "note": "She has evenings."}
    assert shown["cards"][1]["guide"]["note"] is None
    assert shown["cards"][0]["reasons"], "the ordinary reasons stand beside"
    assert names(here.shortlist())[0] == "Pia", "the ordinary list is there all the same"
    run_jobs()
    letter = outbox.last_to(email)
    assert str(letter["Subject"]) == "Something new for you"
    assert not {"Uma", "Pia", "evenings"} & set(text_of(letter).split()), "the mail names nobody"
    assert client().get("/suggested").headers["Location"] == "/sign-in?next=/suggested", "where the mail leads, from any browser"
    page = here.browser.get("/suggested")
    assert all(words in page.text for words in ("Uma", "Pia", "She has evenings.", REASONS["times"], "GBP 55.00", "(Europe/London)"))
    talk = shown["cards"][1]["services"][0]
    booked = here.browser.post(f"{API}/bookings", json={"service_id": talk["service_id"], "start": talk["next_openings"][0], "origin": "match"})
    assert booked.status_code == 201, booked.text
    with transaction():
        db.session.execute(update(Credential).where(Credential.therapist_id == therapists["T21"].person_id).values(state="suspended"))
    left = here.browser.get(f"{here.path}/assisted-shortlist").get_json()
    assert names(left) == ["Pia"], "whoever may not be shown any more is not there"
    with transaction():
        db.session.execute(update(Therapist).where(Therapist.person_id == therapists["T16"].person_id).values(published_at=None))
    nobody = here.browser.get(f"{here.path}/assisted-shortlist").get_json()
    assert (nobody["cards"], nobody["kind"], bool(nobody["low_cost_help"])) == ([], "assisted", True)
    assert "available any more" in nobody["text"]
    row = db.session.scalars(select(AssistedShortlist)).one()
    assert b"evenings" not in (row.proposed_sealed or b"")
    (proposed,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "matching.assisted_proposed")).all()
    assert proposed.facts == {"count": 2}
    steps = desk.browser.get(desk.case).get_json()["steps"]
    assert steps[-1]["action"] == "suggested"


@pytest.mark.usefixtures("therapists")
def test_a_guide_reads_nothing_of_the_answers_without_consent_and_with_it_only_what_a_list_is_made_from(client: NewBrowser) -> None:
    here, _ = a_signed_in_visit(client)
    desk = taken_on(here, client)
    blind = desk.look()
    assert blind.status_code == 200, blind.text
    told = blind.get_json()
    assert (told["may_read_answers"], told["answers"]) == (False, {})
    assert {(each["fit"], tuple(each["reasons"])) for each in told["items"]} == {(None, ())}
    assert not [each for each in ("emotional", "psychodynamic", "evening", "woman", "7300") if each in blind.text.lower()]
    assert here.browser.post(f"{API}/consents", json=SHARE).status_code == 201
    seen = desk.look()
    told = seen.get_json()
    assert told["may_read_answers"]
    assert told["answers"]["main_concern"] == "emotional_unavailability"
    assert not {"thoughts", "others", "home", "words", "what_helped"} & set(told["answers"])
    assert OWN not in seen.text
    assert told["items"][0]["fit"] == "strong"
    assert told["items"][0]["reasons"]
    assert here.browser.delete(f"{API}/consents/share_with_guide").status_code == 204
    assert desk.look().get_json()["answers"] == {}, "taken back at once"
    looks = db.session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "matching.guide_looked").order_by(AuditEntry.id)).all()
    assert looks == ["not_agreed", "agreed", "not_agreed"]
    whole = desk.browser.get(desk.case).get_json()
    assert set(whole["facts"]) == {"asked_for_a_person"}


def test_what_may_be_read_is_never_about_safety_or_in_own_words() -> None:
    safety = {field.name for field in SCREEN_BY_NAME["safety"].fields}
    history = {field.name for field in SCREEN_BY_NAME["history"].fields}
    assert not set(READABLE) & (safety | OWN_WORDS | history)
    every = {field.name: "x" for screen in SCREEN_BY_NAME.values() for field in screen.fields}
    assert set(permitted(every, agreed=True)) == set(READABLE)
    assert permitted(every, agreed=False) == {}


@pytest.mark.usefixtures("therapists")
def test_nobody_is_suggested_who_is_not_on_the_list_now_and_nothing_is_promised(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    here, _ = a_signed_in_visit(client)
    desk = taken_on(here, client)
    pia, hugo = desk.listed()["Pia"], str(therapists["T08"].public_id)
    fine = {"therapist_id": pia, "reasons": ["soon"]}
    for cards, field in (
        ([{"therapist_id": hugo, "reasons": ["soon"]}], "cards.0.therapist_id"),
        ([fine, fine], "cards.1.therapist_id"),
        ([{"therapist_id": "00000000-0000-4000-8000-000000000000", "reasons": ["soon"]}], "cards.0.therapist_id"),
        ([fine | {"reasons": []}], "cards.0.reasons"),
        ([fine | {"reasons": ["because"]}], "cards.0.reasons.0"),
        ([fine | {"note": "She will cure you."}], "cards.0.note"),
        ([fine | {"note": "The best there is."}], "cards.0.note"),
        ([fine | {"note": "x" * 301}], "cards.0.note"),
        ([], "cards"),
        ([fine] * 6, "cards"),
    ):
        refused = desk.suggest(*cards)
        assert (refused.status_code, list(refused.get_json()["errors"])) == (422, [field]), refused.text
    assert db.session.scalar(select(func.count()).select_from(AssistedShortlist)) == 0
    assert promise_in("She works calmly, and has evenings.") is None


@pytest.mark.usefixtures("therapists")
def test_only_the_owner_of_a_case_about_finding_somebody_looks_and_suggests(client: NewBrowser) -> None:
    here, _ = a_signed_in_visit(client)
    desk = taken_on(here, client)
    colleague = Desk(signed_in(client, "matchmaker"), desk.case.rpartition("/")[2])
    card = {"therapist_id": desk.listed()["Pia"], "reasons": ["soon"]}
    for answer in (colleague.look(), colleague.suggest(card)):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "owned_by_somebody_else")
    for role in ("admin", "safety_responder", "therapist", "verifier"):
        other = Desk(signed_in(client, role), desk.case.rpartition("/")[2])
        assert (other.look().status_code, other.suggest(card).status_code) == (403, 403)
    with transaction():
        case = db.session.scalars(select(Case).where(Case.kind == "matchmaking")).one()
        case.kind = "request"
    assert (desk.look().status_code, desk.suggest(card).status_code) == (404, 404), "a case of another kind opens no intake"


@pytest.mark.usefixtures("therapists")
@pytest.mark.parametrize(
    "changes",
    [{"thoughts": "yes", "intent": "yes", "plan": "no", "safe_now": "yes"}, {"age_band": "age_13_17"}, {"confirmed": False}],
    ids=["paused", "under 18", "not finished"],
)
def test_where_there_is_no_list_a_guide_is_told_no_reason(client: NewBrowser, visit: Visiting, changes: dict[str, Any]) -> None:
    here = visit().answer(personas.P01)
    desk = taken_on(here, client)
    assert desk.look().status_code == 200
    here.answer(personas.P01 | changes)
    refused = [desk.look(), desk.suggest({"therapist_id": "00000000-0000-4000-8000-000000000000", "reasons": ["soon"]})]
    for answer in refused:
        told = answer.get_json()
        assert (answer.status_code, told["code"], told["detail"]) == (
            409,
            "no_list_now",
            "For this person nobody can be suggested at the moment. Speak with them about other ways.",
        )
        assert set(told) == {"type", "title", "status", "code", "detail"}


@pytest.mark.usefixtures("therapists")
def test_the_person_says_none_of_these_and_somebody_looks_again(client: NewBrowser, visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    desk = taken_on(here, client)
    assert desk.suggest({"therapist_id": desk.listed()["Pia"], "reasons": ["soon"]}).status_code == 201
    assert desk.browser.post(f"{desk.case}/close", json={"outcome": "resolved"}).status_code == 200
    stranger = visit()
    path = f"{here.path}/assisted-shortlist"
    for answer in (stranger.browser.get(path), stranger.browser.post(f"{path}/answer", json={"answer": "thanks"})):
        assert answer.status_code == 404
    assert here.browser.post(f"{path}/answer", json={"answer": "perhaps"}).status_code == 422
    assert here.browser.post(f"{path}/answer", json={"answer": "thanks"}).status_code == 204
    assert cases("matchmaking") == []
    assert here.browser.post("/suggested", data={"answer": "none_of_these"}).status_code == 200
    assert here.browser.get(path).get_json()["answer"] == "none_of_these"
    (case,) = cases("matchmaking")
    assert case.facts == {"none_of_the_suggested": True}
    assert here.browser.post("/suggested", data={"answer": "dance"}).status_code == 422
    assert here.browser.delete(here.path).status_code == 204
    assert db.session.execute(text("SELECT count(*) FROM assisted_shortlists")).scalar_one() == 0, "gone with the answers"


@pytest.mark.usefixtures("therapists")
def test_after_a_call_whoever_spoke_with_the_person_can_still_suggest_for_two_weeks(client: NewBrowser, visit: Visiting, clock: Any) -> None:
    here = visit().answer(personas.P01)
    asked = here.browser.post(f"{API}/call-back", json=a_call(share_text_version=SHARE["text_version"]))
    assert asked.status_code == 201, asked.text
    with transaction():
        email = an_account(roles=("client", "matchmaker")).email
    guide = client()
    guide.sign_in(email, PASSWORD)
    (call,) = guide.get(f"{API}/call-backs").get_json()["items"]
    desk = Desk(guide, call["case_id"])
    assert desk.look().get_json()["code"] == "not_owned"
    guide.post(f"{API}/call-backs/{call['id']}/claim")
    assert desk.look().get_json()["may_read_answers"], "as they agreed when they asked for the call"
    assert guide.post(f"{API}/call-backs/{call['id']}/done", json={"outcome": "reached"}).status_code == 200
    assert desk.suggest({"therapist_id": desk.listed()["Pia"], "reasons": ["soon"]}).status_code == 201
    other = Desk(signed_in(client, "matchmaker"), call["case_id"])
    assert other.look().get_json()["code"] == "case_closed"
    clock.advance(days=14)
    again = client()
    again.sign_in(email, PASSWORD)
    assert Desk(again, call["case_id"]).look().get_json()["code"] == "case_closed"


@pytest.mark.usefixtures("therapists")
def test_a_guest_who_left_an_address_gets_a_link_back_and_nobody_else_a_mail(
    client: NewBrowser, visit: Visiting, run_jobs: Callable[[], list[str]], outbox: Outbox
) -> None:
    for wish, mailed in ((PERSON, True), (PERSON | {"message_is_safe": False}, False), (PERSON | {"reach_by": "phone", "contact": "+44 20 7946 0000"}, False)):
        here = visit().answer(personas.P01)
        assert here.browser.post(f"{here.path}/person", json=wish).status_code == 202
        guide = signed_in(client, "matchmaker")
        case_id = str(cases("matchmaking")[-1].public_id)
        assert guide.post(f"{API}/cases/{case_id}/claim").status_code == 200
        desk = Desk(guide, case_id)
        outbox.clear()
        assert desk.suggest({"therapist_id": desk.listed()["Pia"], "reasons": ["times"]}).status_code == 201
        run_jobs()
        assert outbox.subjects() == (["Something new for you"] if mailed else [])
        if not mailed:
            continue
        letter = outbox.last_to("sam@example.org")
        assert not {"Pia", "therapist", "therapy", "session"} & set(text_of(letter).split()), "the mail names nobody and nothing"
        other = client()
        opened = other.post(f"{API}/intakes/reopen", json={"token": outbox.token_to("sam@example.org")})
        assert opened.status_code == 200, opened.text
        assert names(other.get(f"{here.path}/assisted-shortlist").get_json()) == ["Pia"], "on another device"
