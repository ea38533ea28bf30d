"""Cases over HTTP."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.clock import now
from core.db import db, transaction
from desk.kinds import KINDS, ROLE_OF_KIND, STAFF_ROLES
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.factories.desk import a_case, at_the_safety_desk

NewBrowser = Callable[[], Browser]


def signed_in(client: NewBrowser, *roles: str) -> Browser:
    with transaction():
        account = an_account(roles=("client", *roles))
        email = account.email
        if "safety_responder" in roles:
            at_the_safety_desk(account.person_id)
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def test_anonymous_is_401_and_a_client_or_therapist_403(client: NewBrowser) -> None:
    assert client().get("/api/v1/cases").status_code == 401
    assert signed_in(client).get("/api/v1/cases").status_code == 403
    assert signed_in(client, "therapist").get("/api/v1/cases").status_code == 403


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_each_role_lists_exactly_its_kinds(client: NewBrowser, role: str) -> None:
    with transaction():
        for kind in KINDS:
            a_case(kind)
    answer = signed_in(client, role).get("/api/v1/cases?limit=50")
    assert answer.status_code == 200
    assert {case["kind"] for case in answer.json["items"]} == {kind for kind, owner in ROLE_OF_KIND.items() if owner == role}
    assert answer.json["next"] is None


def test_asking_for_a_kind_of_somebody_else_lists_nothing(client: NewBrowser) -> None:
    with transaction():
        a_case("safety")
    assert signed_in(client, "admin").get("/api/v1/cases?kind=safety").json["items"] == []


def test_nobody_reads_at_the_desk_what_colleagues_write_about_them(client: NewBrowser) -> None:
    with transaction():
        me = an_account(roles=("client", "admin"))
        case = a_case("complaint", person_id=me.person_id)
        email, path = me.email, f"cases/{case.public_id}"
    browser = client()
    browser.sign_in(email, PASSWORD)
    answer = browser.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json["code"]) == (403, "own_case")
    assert browser.get(f"/desk/{path}").status_code == 403
    assert signed_in(client, "admin").get(f"/api/v1/{path}").status_code == 200


def test_how_to_reach_somebody_is_read_by_whoever_took_the_case_on(client: NewBrowser) -> None:
    with transaction():
        path = f"/api/v1/cases/{a_case('matchmaking', facts={'asked_for_a_person': {'contact': 'guest@example.org'}, 'why': 'nobody_fits'}).public_id}"
    guide, colleague = signed_in(client, "matchmaker"), signed_in(client, "matchmaker")
    assert guide.get(path).json["facts"] == {"why": "nobody_fits"}
    guide.post(f"{path}/claim")
    assert set(guide.get(path).json["facts"]) == {"why", "asked_for_a_person"}
    assert colleague.get(path).json["facts"] == {"why": "nobody_fits"}
    with transaction():
        assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "desk.contact_read")).all() != []


@pytest.mark.parametrize("act", ["", "/claim", "/release", "/steps", "/close"])
def test_R52_a_case_of_a_foreign_kind_is_404(client: NewBrowser, act: str) -> None:
    with transaction():
        case_id = a_case("safety").public_id
    browser = signed_in(client, "admin", "verifier", "matchmaker")
    body = {"/steps": {"action": "note"}, "/close": {"outcome": "resolved"}}.get(act)
    answer = browser.open(f"/api/v1/cases/{case_id}{act}", method="POST" if act else "GET", json=body)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_a_responder_works_on_a_safety_case_to_its_end(client: NewBrowser) -> None:
    with transaction():
        person = an_account()
        case_id = a_case("safety", person_id=person.person_id, priority="urgent", facts={"answer": "yes"}).public_id
        person_public_id = str(person.person.public_id)
    first, second = signed_in(client, "safety_responder"), signed_in(client, "safety_responder")
    path = f"/api/v1/cases/{case_id}"
    read = first.get(path)
    assert read.json["facts"] == {"answer": "yes"}
    assert read.json["person_id"] == person_public_id
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "desk.read", AuditEntry.subject_id == str(case_id))).one().actor_person_id
    assert first.post(path + "/steps", json={"action": "called"}).json["code"] == "not_owned"
    assert first.post(path + "/claim").json["state"] == "owned"
    assert (second.post(path + "/claim").status_code, second.post(path + "/close", json={"outcome": "resolved"}).status_code) == (409, 409)
    assert second.get("/api/v1/cases?mine=true").json["items"] == []
    assert len(first.get("/api/v1/cases?mine=true").json["items"]) == 1
    step = first.post(path + "/steps", json={"action": "called", "note": "We spoke."})
    assert (step.status_code, step.json["steps"][-1]["note"]) == (201, "We spoke.")
    closed = first.post(path + "/close", json={"outcome": "resolved"})
    assert (closed.json["state"], closed.json["outcome"]) == ("closed", "resolved")
    assert first.get("/api/v1/cases").json["items"] == []
    assert len(first.get("/api/v1/cases?state=closed").json["items"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/steps", {"action": "gossip"}, "action"),
        ("/steps", {"action": "note", "owner_id": 1}, "owner_id"),
        ("/close", {}, "outcome"),
        ("/close", {"outcome": "great"}, "outcome"),
        ("/close", {"outcome": "resolved", "note": 7}, "note"),
    ],
)
def test_bad_input_names_its_field(client: NewBrowser, path: str, body: dict[str, object], field: str) -> None:
    with transaction():
        case_id = a_case("support").public_id
    browser = signed_in(client, "admin")
    browser.post(f"/api/v1/cases/{case_id}/claim")
    answer = browser.post(f"/api/v1/cases/{case_id}{path}", json=body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize(
    "query", ["kind=gossip", "state=lost", "limit=0", "limit=1000", "cursor=x", "cursor=WyJ4IiwieSJd", "owner=1", "kind=money&kind=safety"]
)
def test_bad_queries_are_422(client: NewBrowser, query: str) -> None:
    assert signed_in(client, "admin").get(f"/api/v1/cases?{query}").status_code == 422


def test_the_clock_of_a_case_is_shown(client: NewBrowser) -> None:
    with transaction():
        case = a_case("support")
        due_at = case.due_at
    assert due_at > now()
    shown = signed_in(client, "admin").get("/api/v1/cases").json["items"][0]
    assert shown["due_at"] == due_at.isoformat().replace("+00:00", "Z")
    assert shown["owner_id"] is None


def test_only_the_owner_of_a_case_reads_how_to_reach_its_person_and_that_is_recorded(client: NewBrowser) -> None:
    with transaction():
        person = an_account(name="Robin", zone="Europe/London")
        email, case_id = person.email, a_case("safety", person_id=person.person_id).public_id
    owner, colleague = signed_in(client, "safety_responder"), signed_in(client, "safety_responder")
    path = f"/api/v1/cases/{case_id}"
    assert owner.get(path + "/contact").json["code"] == "not_owned"
    owner.post(path + "/claim")
    assert owner.get(path + "/contact").json == {"name": "Robin", "email": email, "locale": "en", "zone": "Europe/London"}
    assert colleague.get(path + "/contact").json["code"] == "owned_by_somebody_else"
    assert signed_in(client, "admin").get(path + "/contact").status_code == 404
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "desk.contact_read")).all()) == 1


@pytest.mark.parametrize("who", ["nobody", "guest", "unconfirmed"])
def test_without_a_confirmed_address_there_is_no_contact(client: NewBrowser, who: str) -> None:
    with transaction():
        person_id = {"nobody": lambda: None, "guest": lambda: a_person().id, "unconfirmed": lambda: an_account(confirmed=False).person_id}[who]()
        case_id = a_case("safety", person_id=person_id).public_id
    owner = signed_in(client, "safety_responder")
    owner.post(f"/api/v1/cases/{case_id}/claim")
    answer = owner.get(f"/api/v1/cases/{case_id}/contact")
    assert (answer.status_code, answer.json["code"]) == (404, "no_contact")
