"""Looking for somebody else in one step: the old therapist left out, nothing lost, and the way back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from accounts.models import Account
from care.models import CareRelation, Conflict
from care.passing_over import pass_over
from care.pause import pause_for_safety
from core.clock import FixedClock, now
from core.db import db, transaction
from matching.models import Intake, Shortlist
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.care import a_client
from tests.matching import personas
from tests.matching.visits import Visit, names
from therapists.models import Service, Therapist

REMATCH, PASSED = "/api/v1/rematch", "/api/v1/me/passed-over"
NewBrowser = Callable[[], Browser]


class Client:
    """An adult in London with an account who has answered as P01."""

    def __init__(self, client: NewBrowser, *, answers: dict[str, object] | None = personas.P01) -> None:
        self.new_browser = client
        with transaction():
            self.person_id = a_client().person_id
        self.browser = signed_in(client, self.person_id)
        if answers is not None:
            self.visit = Visit(self.browser).begin().answer(answers)

    def sign_in_again(self) -> None:
        self.browser = self.visit.browser = signed_in(self.new_browser, self.person_id)

    def book(self, therapist: Therapist, kind: str = "session") -> dict[str, object]:
        with transaction():
            service = db.session.scalars(select(Service).where(Service.therapist_id == therapist.person_id, Service.kind == kind).limit(1)).one()
            wanted = str(service.public_id)
        opening = self.browser.get(f"/api/v1/services/{wanted}/openings", query_string={"start": "2026-11-24T00:00:00Z", "end": "2026-12-14T00:00:00Z"})
        start = opening.get_json()["items"][0]["start"]
        answer = self.browser.post("/api/v1/bookings", json={"service_id": wanted, "start": start, "origin": "match"})
        assert answer.status_code == 201, answer.text
        booked: dict[str, object] = answer.get_json()
        return booked


def relations(person_id: int) -> dict[int, str]:
    with transaction():
        return {each.therapist_id: each.state for each in db.session.scalars(select(CareRelation).where(CareRelation.client_id == person_id))}


def test_P27_over_http_her_own_rejection_hides_and_is_undone_his_no_holds_for_ninety_days(
    client: NewBrowser, therapists: dict[str, Therapist], clock: FixedClock
) -> None:
    her = Client(client)
    assert names(her.visit.shortlist())[0] == therapists["T16"].display_name
    booked = her.book(therapists["T16"])
    asked = her.book(therapists["T21"])
    declined = signed_in(client, therapists["T21"].person_id).post(f"/api/v1/bookings/{asked['id']}/decline", json={"reason": "not_a_fit"})
    assert declined.status_code == 200, declined.text
    told = her.browser.post(REMATCH, json={"therapist_id": str(therapists["T16"].public_id)})
    assert told.status_code == 201, told.text
    shown = [card["therapist_id"] for card in told.get_json()["shortlist"]["cards"]]
    assert shown
    assert not {str(therapists[key].public_id) for key in ("T16", "T21")} & set(shown)
    eligible = [card["therapist_id"] for card in her.browser.get(f"{her.visit.path}/eligible").get_json()["items"]]
    assert not {str(therapists[key].public_id) for key in ("T16", "T21")} & set(eligible)
    assert shown[0] == eligible[0], "next eligible"
    # Nothing is lost: the relation, the appointment and the earlier list stay.
    assert relations(her.person_id)[therapists["T16"].person_id] == "requested"
    assert her.browser.get(f"/api/v1/bookings/{booked['id']}").get_json()["state"] == booked["state"]
    with transaction():
        assert len(db.session.scalars(select(Shortlist)).all()) == 2
    # Her own rejection can be undone; his no is no choice of hers, and ends by itself.
    assert [each["therapist_name"] for each in her.browser.get(PASSED).get_json()["items"]] == [therapists["T16"].display_name]
    assert her.browser.delete(f"{PASSED}/{therapists['T21'].public_id}").status_code == 404
    assert her.browser.delete(f"{PASSED}/{therapists['T16'].public_id}").status_code == 204
    again = [card["therapist_id"] for card in her.visit.shortlist()["cards"]]
    assert again[0] == str(therapists["T16"].public_id)
    assert str(therapists["T21"].public_id) not in again
    clock.advance(days=91)
    her.sign_in_again()
    with transaction():
        kept = db.session.scalars(select(Conflict).where(Conflict.client_id == her.person_id)).all()
    assert [(each.reason, each.ends_at is not None and each.ends_at <= clock.now()) for each in kept] == [("declined", True), ("rejected_by_client", True)]


def test_twice_changes_nothing_but_the_list(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    her = Client(client)
    her.book(therapists["T16"])
    body = {"therapist_id": str(therapists["T16"].public_id)}
    first, second = (her.browser.post(REMATCH, json=body).get_json() for _ in range(2))
    assert first["passed_over"] == second["passed_over"]
    assert [card["therapist_id"] for card in first["shortlist"]["cards"]] == [card["therapist_id"] for card in second["shortlist"]["cards"]]
    with transaction():
        assert len(db.session.scalars(select(Conflict)).all()) == 1


def test_only_from_a_relation_and_only_with_answers(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    her = Client(client, answers=None)
    body = {"therapist_id": str(therapists["T16"].public_id)}
    assert client().post(REMATCH, json=body).status_code == 401
    assert her.browser.post(REMATCH, json=body).status_code == 404
    her.book(therapists["T16"])
    refused = her.browser.post(REMATCH, json=body)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "no_answers")
    assert her.browser.get(PASSED).get_json()["items"] == [], "refused, nothing has changed"
    half = Visit(her.browser).begin()
    half.put("for_whom", for_whom="self")
    assert her.browser.post(REMATCH, json=body).get_json()["code"] == "answers_missing"
    for wrong in ({}, {"therapist_id": "x"}, {**body, "why": "money"}):
        assert her.browser.post(REMATCH, json=wrong).status_code == 422


def test_whole_answers_are_taken_before_a_newer_half(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    her = Client(client)
    her.book(therapists["T16"])
    Visit(her.browser).begin()
    told = her.browser.post(REMATCH, json={"therapist_id": str(therapists["T16"].public_id)}).get_json()
    assert told["intake_id"] == her.visit.id


def test_M36_a_pause_comes_first_and_shows_help(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    her = Client(client)
    her.book(therapists["T16"])
    with transaction():
        pause_for_safety(her.person_id, now=now())
    refused = her.browser.post(REMATCH, json={"therapist_id": str(therapists["T16"].public_id)})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "paused")
    assert refused.get_json()["crisis_help"]["emergency_number"] == "999"
    page = her.browser.post("/look-again", data=form(her, "look", therapists["T16"]))
    assert page.status_code == 409
    assert "Emergency: 999" in page.text


def test_anybody_who_is_published_can_be_left_out_and_nobody_else_sees_it(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    her, other = Client(client), Client(client)
    path = f"{PASSED}/{therapists['T16'].public_id}"
    assert client().put(path).status_code == 401
    assert her.browser.put(path).get_json()["therapist_name"] == therapists["T16"].display_name
    assert therapists["T16"].display_name not in names(her.visit.shortlist())
    assert names(other.visit.shortlist())[0] == therapists["T16"].display_name
    assert other.browser.get(PASSED).get_json()["items"] == []
    assert other.browser.delete(path).status_code == 404
    assert her.browser.put(f"{PASSED}/{her.visit.id}").status_code == 404
    assert her.book(therapists["T16"])["state"], "a direct choice is not refused"


def test_it_goes_with_the_consent(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    her = Client(client)
    her.browser.put(f"{PASSED}/{therapists['T16'].public_id}")
    her.browser.delete(f"{PASSED}/{therapists['T16'].public_id}")
    her.browser.put(f"{PASSED}/{therapists['T16'].public_id}")
    assert her.browser.delete("/api/v1/consents/matching").status_code == 204
    with transaction():
        assert db.session.scalars(select(Conflict)).all() == []
        assert db.session.scalars(select(Intake)).all() == []


def test_the_page_looks_again_and_takes_back(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    assert client().get("/look-again").headers["Location"] == "/sign-in?next=/look-again"
    her = Client(client)
    her.book(therapists["T16"])
    name = therapists["T16"].display_name
    assert f"Look for somebody else than {name}" in her.browser.get("/look-again").text
    assert her.browser.post("/look-again", data=form(her, "look", therapists["T16"])).status_code == 303
    page = her.browser.get("/look-again").text
    assert f"Show {name} again" in page
    assert f"somebody else than {name}" not in page
    assert "Your newest list" in page
    assert her.browser.post("/look-again", data=form(her, "take_back", therapists["T16"])).status_code == 303
    assert f"Show {name} again" not in her.browser.get("/look-again").text
    assert her.browser.post("/look-again", data=form(her, "take_back", therapists["T16"])).status_code == 404
    assert her.browser.post("/look-again", data=form(her, "burn", therapists["T16"])).status_code == 422
    assert her.browser.post("/look-again", data={"csrf_token": her.browser.csrf_token, "therapist_id": "x"}).status_code == 404


def form(her: Client, act: str, therapist: Therapist) -> dict[str, str | None]:
    return {"csrf_token": her.browser.csrf_token, "act": act, "therapist_id": str(therapist.public_id)}


@pytest.mark.usefixtures("therapists")
def test_passing_over_is_of_the_person_and_recorded_without_words(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    with transaction():
        account: Account = a_client()
        passed = pass_over(therapists["T16"].public_id, account.person_id, now=now())
    assert passed.therapist_name == therapists["T16"].display_name
