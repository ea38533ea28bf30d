"""A therapist's own part of the API, and what the public sees."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.checks import pass_checks
from tests.factories.therapists import a_claim, a_service, a_therapist, an_unverified_therapist, verify
from therapists.models import Therapist
from therapists.profile import profile_for_edit

NewBrowser = Callable[[], Browser]
T = "/api/v1/therapist"


def signed_in(client: NewBrowser, email: str) -> Browser:
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


@pytest.fixture
def mine(client: NewBrowser) -> Browser:
    """The browser of a therapist who has a complete profile and no credential."""
    with transaction():
        an_unverified_therapist(email="ash@example.org")
    return signed_in(client, "ash@example.org")


def etag(browser: Browser) -> dict[str, str]:
    return {"If-Match": browser.get(T + "/profile").headers["ETag"]}


def test_from_account_to_public_page_over_http(client: NewBrowser) -> None:
    with transaction():
        an_account(email="new@example.org")
        an_account(email="vera@example.org", roles=("verifier",))
        an_account(email="vito@example.org", roles=("verifier",))
    browser, verifier, another = (signed_in(client, f"{name}@example.org") for name in ("new", "vera", "vito"))
    assert browser.get(T + "/profile").status_code == 403
    created = browser.post(T, json={"display_name": "Noa Example", "country": "GB", "zone": "Europe/London"})
    assert created.status_code == 201, created.text
    public_id = created.json["id"]
    edits = {
        "formats": {"units": ["individual"], "age_bands": ["adult"], "locations": [{"label": "Room", "town": "Leeds", "jurisdiction": "GB-ENG"}]},
        "languages": {"languages": [{"language": "en", "level": "native"}]},
        "modalities": {"modalities": ["psychodynamic"]},
        "concerns": {"core": ["depression"], "others": ["anger"]},
        "identities": {"identities": [{"kind": "gender", "value": "woman", "audience": "public"}, {"kind": "faith", "value": "jewish"}]},
        "style": {"led": 0.5, "intensity": None, "past": -0.5, "warmth": 1},
        "hours": {"windows": [{"weekday": 0, "from": "22:00", "to": "02:00"}, {"weekday": 2, "from": "00:00", "to": "24:00"}]},
        "overrides": {"days": [{"day": "2026-12-24", "windows": []}, {"day": "2026-12-28", "windows": [{"from": "09:00", "to": "10:00"}]}]},
    }
    for path, body in edits.items():
        answer = browser.put(f"{T}/{path}", json=body, headers=etag(browser))
        assert answer.status_code == 200, (path, answer.text)
    assert answer.json["hours"] == [{"weekday": 0, "from": "22:00", "to": "02:00"}, {"weekday": 2, "from": "00:00", "to": "24:00"}]
    assert answer.json["overrides"] == edits["overrides"]["days"]  # type: ignore[index]
    place = answer.json["locations"][0]["id"]
    terms = {"unit": "individual", "booking_mode": "instant"}
    free = {"kind": "consultation", "mode": "video", "minutes": 20, "fee": {"amount": 0, "currency": "GBP"}, **terms}
    paid = {"kind": "session", "mode": "in_person", "place": place, "minutes": 50, "fee": {"amount": 6000, "currency": "GBP"}, **terms}
    concession = {"name": "Low income", "fee": {"amount": 4000, "currency": "GBP"}}
    assert browser.post(T + "/services", json=free).status_code == 201
    assert browser.post(T + "/services", json=paid | {"concessions": [concession]}).status_code == 201
    assert browser.post(T + "/publication").json["code"] == "not_verified"
    claim = {"register": "bacp", "credential_type": "mbacp", "number": "123456", "name_on_register": "Noa Example"}
    credential_id = browser.post(T + "/credentials", json=claim).json["id"]
    assert browser.post(f"{T}/credentials/{credential_id}/submit").json["state"] == "submitted"
    waiting = verifier.get("/api/v1/verification/queue").json["items"]
    assert [(item["id"], item["therapist_name"]) for item in waiting] == [(credential_id, "Noa Example")]
    path = f"/api/v1/verification/credentials/{credential_id}"
    read = verifier.post(path + "/review").json
    assert read["state"] == "in_review"
    assert verifier.post(path + "/records", json=CHECK).json["code"] == "claim_changed"
    check = CHECK | {"claim_digest": read["claim_digest"]}
    recorded = verifier.post(path + "/records", json=check)
    assert (recorded.status_code, recorded.json["state"], recorded.json["awaits_second"]) == (201, "in_review", True), recorded.text
    assert verifier.post(path + "/records", json=check).json["code"] == "second_pair_of_eyes"
    assert (verifier.get("/api/v1/verification/queue").json["items"], len(another.get("/api/v1/verification/queue").json["items"])) == ([], 1)
    recorded = another.post(path + "/records", json=check)
    assert (recorded.status_code, recorded.json["state"]) == (201, "active"), recorded.text
    refused = browser.post(T + "/publication").json
    assert (refused["code"], refused["checks"]) == ("checks_missing", ["identity", "insurance", "sanctions", "agreement", "supervision"])
    with transaction():
        pass_checks(profile_for_edit(db.session.scalars(select(Therapist.person_id).where(Therapist.public_id == uuid.UUID(public_id))).one()))
    assert browser.post(T + "/publication").json["code"] == "executor_missing"
    executor = {"name": "Ellis Executor", "email": "ellis@colleague.example", "agreed_on": "2026-11-20"}
    assert browser.put(T + "/executor", json=executor).status_code == 200
    asked = browser.post(T + "/publication")
    assert (asked.status_code, asked.json["published_at"], asked.json["reading"]["state"]) == (200, None, "waiting")
    path = f"/api/v1/verification/profiles/{public_id}"
    digest = verifier.post(path + "/claim").json["digest"]
    assert verifier.post(path + "/decision", json={"digest": digest}).status_code == 201
    page = client().get(f"/api/v1/therapists/{public_id}")
    assert page.status_code == 200
    assert [(badge["body"], badge["checked_on"]) for badge in page.json["badges"]] == [(recorded_body(), "2026-11-22")]
    assert [statement["value"] for statement in page.json["identities"]] == ["woman"]
    assert {"credentials", "style", "hours", "published_at", "places"}.isdisjoint(page.json)
    assert page.json["services"][1]["concessions"][0]["fee"] == {"amount": 4000, "currency": "GBP"}
    listed = client().get("/api/v1/therapists").json["items"]
    assert [(item["id"], item["fee_from"]["amount"]) for item in listed] == [(public_id, 6000)]
    assert browser.delete(T + "/publication").status_code == 200
    assert client().get(f"/api/v1/therapists/{public_id}").status_code == 404


CHECK = {
    "register_address": "https://www.bacp.co.uk/about-us/protecting-the-public/bacp-register",
    "number": "123456",
    "status_text": "Registered member",
    "name_found": "Noa Example",
    "expires_on": "2027-10-31",
    "jurisdictions": ["GB"],
    "decision": "active",
    "reason": "register_confirms",
    "claim_digest": "of another claim",
}


def recorded_body() -> str:
    from taxonomy.vocabulary import vocabulary

    return vocabulary().registers["bacp"].label


def test_an_edit_of_the_profile_needs_the_etag_it_was_based_on(mine: Browser) -> None:
    change = {"headline": "Hello"}
    assert mine.patch(T + "/profile", json=change).status_code == 428
    current = etag(mine)
    assert mine.patch(T + "/profile", json=change, headers={"If-Match": '"old"'}).status_code == 412
    first = mine.patch(T + "/profile", json=change, headers=current)
    assert (first.status_code, first.json["headline"]) == (200, "Hello")
    assert first.headers["ETag"] == etag(mine)["If-Match"] != current["If-Match"]
    assert mine.patch(T + "/profile", json=change, headers=current).json["code"] == "changed_meanwhile"
    assert mine.patch(T + "/profile", json=change, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize(
    "field",
    ["role", "roles", "is_admin", "verified", "verified_competences", "badges", "stripe_account", "id", "person_id", "published_at", "held_at", "revision"],
)
def test_R53_nobody_writes_themselves_a_role_a_badge_or_an_id(mine: Browser, field: str) -> None:
    before = mine.get(T + "/profile").json
    answer = mine.patch(T + "/profile", json={field: True, "headline": "x"}, headers=etag(mine))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert mine.get(T + "/profile").json == before


@pytest.mark.parametrize("field", ["state", "verified_at", "checked_at", "jurisdiction", "supervised", "expires_on", "restricted"])
def test_R53_a_claim_cannot_bring_its_own_verification(mine: Browser, field: str) -> None:
    claim = {"register": "bacp", "credential_type": "mbacp", "number": "123456", "name_on_register": "Ash", field: "active"}
    answer = mine.post(T + "/credentials", json=claim)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert mine.get(T + "/credentials").json["items"] == []


def test_modalities_cannot_be_sent_as_verified(mine: Browser) -> None:
    answer = mine.put(T + "/modalities", json={"modalities": [{"slug": "cbt", "verified_on": "2026-11-22"}]}, headers=etag(mine))
    assert answer.status_code == 422


def test_an_unknown_register_answers_with_a_suggestion(mine: Browser) -> None:
    claim = {"credential_type": "", "number": "1", "name_on_register": "Ash"}
    unknown = mine.post(T + "/credentials", json=claim | {"register": "UKPC"})
    assert (unknown.status_code, unknown.json["code"], unknown.json["suggestions"][0]) == (422, "unknown_register", "ukcp")
    refused = mine.post(T + "/credentials", json=claim | {"register": "nimh"})
    assert (refused.status_code, refused.json["code"]) == (422, "not_a_verifier")
    assert "register" in refused.json["errors"]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PATCH", "/profile", {"zone": "Mars/Olympus"}, "zone"),
        ("PATCH", "/profile", {"places": -1}, "places"),
        ("PATCH", "/profile", {"places": "2"}, "places"),
        ("PATCH", "/profile", {"accepting": "yes"}, "accepting"),
        ("PATCH", "/profile", {"answer_within_hours": 49}, "answer_within_hours"),
        ("PATCH", "/profile", {"populations": ["wizards"]}, "populations.0"),
        ("PATCH", "/profile", {"headline": "x\u0007"}, "headline"),
        ("PATCH", "/profile", {"country": "XX"}, "country"),
        ("PUT", "/modalities", {"modalities": ["nonsense"]}, "modalities.0"),
        ("PUT", "/modalities", {}, "modalities"),
        ("PUT", "/concerns", {"core": ["a"] * 6, "others": []}, "core"),
        ("PUT", "/languages", {"languages": [{"language": "en", "level": "fluentish"}]}, "languages.0.level"),
        ("PUT", "/style", {"led": 2, "intensity": 0, "past": 0, "warmth": 0}, "led"),
        ("PUT", "/style", {"led": "NaN", "intensity": 0, "past": 0, "warmth": 0}, "led"),
        ("PUT", "/formats", {"units": ["crowd"], "age_bands": []}, "units.0"),
        ("PUT", "/hours", {"windows": [{"weekday": 7, "from": "09:00", "to": "17:00"}]}, "windows.0.weekday"),
        ("PUT", "/hours", {"windows": [{"weekday": 1, "from": "24:00", "to": "17:00"}]}, "windows.0.from"),
        ("PUT", "/hours", {"windows": [{"weekday": 1, "from": "9:00", "to": "25:00"}]}, "windows.0.from"),
        ("PUT", "/hours", {"windows": [{"weekday": 1, "from": "09:00", "to": "09:00"}]}, "windows.0"),
        ("PUT", "/overrides", {"days": [{"day": "2026-02-30", "windows": []}]}, "days.0.day"),
        ("PUT", "/overrides", {"days": [{"day": "2020-01-01", "windows": []}]}, "days.0.day"),
        ("POST", "/services", {"kind": "tea"}, "kind"),
        ("POST", "/credentials", {"register": "bacp"}, "number"),
    ],
)
def test_bad_input_is_422_with_its_field(mine: Browser, method: str, path: str, body: dict[str, Any], field: str) -> None:
    before = mine.get(T + "/profile").json
    answer = mine.open(T + path, method=method, json=body, headers=etag(mine))
    assert answer.status_code == 422, answer.text
    assert field in answer.json["errors"]
    assert mine.get(T + "/profile").json == before


@pytest.mark.parametrize(
    "fee", [60, "60.00", {"amount": 60.5, "currency": "GBP"}, {"amount": -1, "currency": "GBP"}, {"amount": 1, "currency": "gbp"}, {"amount": 1}]
)
def test_fees_are_minor_units_with_a_currency(mine: Browser, fee: object) -> None:
    offer = {"kind": "session", "unit": "individual", "mode": "video", "minutes": 50, "booking_mode": "instant", "fee": fee}
    answer = mine.post(T + "/services", json=offer)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["fee"])


def test_services_are_read_changed_and_retired(mine: Browser) -> None:
    items = mine.get(T + "/services").json["items"]
    assert [item["kind"] for item in items] == ["consultation", "session"]
    path = f"{T}/services/{items[1]['id']}"
    assert mine.patch(path, json={"minutes": 45, "step_minutes": 15}).json["minutes"] == 45
    assert mine.get(path).json["step_minutes"] == 15
    assert mine.patch(path, json={"kind": "consultation"}).status_code == 422
    assert mine.delete(path).status_code == 204
    assert (mine.get(path).status_code, mine.delete(path).status_code) == (404, 404)


def test_R50_objects_of_another_therapist_do_not_exist(client: NewBrowser, mine: Browser) -> None:
    with transaction():
        other = a_therapist()
        service = a_service(other).public_id
        credential = a_claim(other, number="999").public_id
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", f"/services/{service}", None),
        ("PATCH", f"/services/{service}", {"minutes": 15}),
        ("DELETE", f"/services/{service}", None),
        ("POST", f"/credentials/{credential}/submit", None),
        ("POST", f"/credentials/{credential}/withdraw", None),
    ]
    for method, path, body in calls:
        answers = [mine.open(T + each, method=method, json=body) for each in (path, path.replace(path.split("/")[2], str(uuid.uuid4())))]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json == answers[1].json, "an object of somebody else must look like none at all"


def test_R51_an_unverified_therapist_stays_out_of_the_public_list(client: NewBrowser, mine: Browser) -> None:
    answer = mine.post(T + "/publication")
    assert (answer.status_code, answer.json["code"]) == (403, "not_verified")
    own = mine.get(T + "/profile").json["id"]
    assert client().get("/api/v1/therapists").json["items"] == []
    assert client().get(f"/api/v1/therapists/{own}").status_code == 404


def test_M08_the_public_page_is_404_once_the_clock_has_passed_the_expiry(client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        public_id = a_therapist().public_id
    assert client().get(f"/api/v1/therapists/{public_id}").status_code == 200
    clock.advance(days=400)
    gone, never = client().get(f"/api/v1/therapists/{public_id}"), client().get(f"/api/v1/therapists/{uuid.uuid4()}")
    assert (gone.status_code, gone.json) == (404, never.json)


@pytest.mark.parametrize("query", ["cursor=zzz", "cursor=WyIyMDI2LTAxLTAxIiwiYSJd", "limit=0", "limit=x", "city=Leeds", "limit=1&limit=2"])
def test_bad_queries_of_the_public_list_are_422(client: NewBrowser, query: str) -> None:
    assert client().get(f"/api/v1/therapists?{query}").status_code == 422


def test_the_public_list_says_nothing_that_was_not_published(client: NewBrowser) -> None:
    with transaction():
        therapist = a_therapist(name="Quiet Example")
        verify(a_claim(therapist, register="ukcp", credential_type="ukcp_psychotherapist", number="77777"), decision="rejected", reason="not_found")
    text = client().get("/api/v1/therapists").text + client().get(f"/api/v1/therapists/{therapist.public_id}").text
    for hidden in ("77777", "not_found", "rejected", str(therapist.person_id) + ",", "verified_by", "checked_by"):
        assert hidden not in text
