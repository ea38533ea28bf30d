"""A therapist's own part of the API, and what the public sees."""

import csv
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.checks import pass_checks
from tests.factories.therapists import a_claim, a_service, a_therapist, an_unverified_therapist, verify
from therapists.freshness import prepare_looks
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


def verifier_calls(browser: Browser, credential: uuid.UUID, therapist: uuid.UUID) -> list[TestResponse]:
    base = "/api/v1/verification"
    training = {"kind": "competence", "slug": "self_harm", "body": "A body", "confirmed": True}
    return [
        browser.get(f"{base}/queue"),
        browser.get(f"{base}/credentials/{credential}"),
        browser.post(f"{base}/credentials/{credential}/review"),
        browser.delete(f"{base}/credentials/{credential}/review"),
        browser.post(f"{base}/credentials/{credential}/records", json=CHECK),
        browser.post(f"{base}/therapists/{therapist}/training", json=training),
    ]


def test_R52_verification_is_for_verifiers_alone(client: NewBrowser) -> None:
    with transaction():
        therapist = an_unverified_therapist(email="claims@example.org")
        credential = a_claim(therapist).public_id
        an_account(email="client@example.org")
        an_account(email="admin@example.org", roles=("admin",))
        an_account(email="vera@example.org", roles=("verifier",))
    assert [answer.status_code for answer in verifier_calls(client(), credential, therapist.public_id)] == [401] * 6
    for email in ("client@example.org", "claims@example.org", "admin@example.org"):
        answers = verifier_calls(signed_in(client, email), credential, therapist.public_id)
        assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(403, "forbidden")] * 6
    nothing = verifier_calls(signed_in(client, "vera@example.org"), uuid.uuid4(), uuid.uuid4())
    assert [answer.status_code for answer in nothing] == [200, 404, 404, 404, 404, 404]


def test_a_verifier_who_is_a_therapist_cannot_approve_themselves(client: NewBrowser) -> None:
    with transaction():
        an_account(email="both@example.org", roles=("verifier",))
    browser = signed_in(client, "both@example.org")
    browser.post(T, json={"display_name": "Both", "country": "GB", "zone": "Europe/London"})
    claim = {"register": "bacp", "credential_type": "mbacp", "number": "123456", "name_on_register": "Both"}
    credential_id = browser.post(T + "/credentials", json=claim).json["id"]
    browser.post(f"{T}/credentials/{credential_id}/submit")
    assert browser.get("/api/v1/verification/queue").json["items"] == []
    for path, body in (("records", CHECK), ("review", None)):
        answer = browser.post(f"/api/v1/verification/credentials/{credential_id}/{path}", json=body)
        assert (answer.status_code, answer.json["code"]) == (403, "self_approval")
    assert browser.get(T + "/credentials").json["items"][0]["state"] == "submitted"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"register_address": "javascript:alert(1)"}, "register_address"),
        ({"expires_on": "31/10/2027"}, "expires_on"),
        ({"decision": "fine"}, "decision"),
        ({"jurisdictions": ["GB", "Scotland"]}, "jurisdictions.1"),
        ({"state": "active"}, "state"),
        ({"number": "other"}, "number"),
    ],
)
def test_a_bad_check_is_422_and_changes_nothing(client: NewBrowser, change: dict[str, Any], field: str) -> None:
    with transaction():
        claim = a_claim(an_unverified_therapist(), number="123456")
        an_account(email="vera@example.org", roles=("verifier",))
    credential, verifier = claim.public_id, signed_in(client, "vera@example.org")
    check = CHECK | {"claim_digest": claim.claim_digest, "name_found": claim.name_on_register}
    answer = verifier.post(f"/api/v1/verification/credentials/{credential}/records", json=check | change)
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    read = verifier.get(f"/api/v1/verification/credentials/{credential}").json
    assert (read["state"], read["records"]) == ("submitted", [])


def test_the_monthly_look_over_http(client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist(name="Élodie Example")
        an_account(email="vera@example.org", roles=("verifier",))
    clock.advance(days=30)
    with transaction():
        prepare_looks(now=clock.now())
    verifier = signed_in(client, "vera@example.org")
    waiting = verifier.get("/api/v1/verification/queue?register=bacp").json["items"]
    assert [(item["work"], item["priority"], item["owner_id"], item["state"]) for item in waiting] == [("recheck", "normal", None, "active")]
    assert verifier.get("/api/v1/verification/queue?register=hcpc").json["items"] == []
    listed = verifier.get("/api/v1/verification/rechecks?register=bacp").json
    assert [item["credential_id"] for item in listed["items"]] == [waiting[0]["id"]]
    taken = verifier.get("/api/v1/verification/rechecks/file?register=bacp")
    assert taken.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert taken.headers["Content-Disposition"] == 'attachment; filename="looks-bacp.csv"'
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    lines = list(csv.DictReader(io.StringIO(taken.data.decode())))
    assert [(row["credential_id"], row["name_on_register"], row["expires_on"]) for row in lines] == [(waiting[0]["id"], "Élodie Example", "2027-10-31")]
    assert verifier.get("/api/v1/verification/rechecks/file?register=nothing").status_code == 422
    line = listed["items"][0]
    entry = {name: line[name] for name in ("credential_id", "number", "status_text", "expires_on")} | {"name_found": line["name_on_register"]}
    answer = verifier.post("/api/v1/verification/rechecks", json={"register": "bacp", "register_address": "https://register.example/", "entries": [entry]})
    assert (answer.status_code, answer.json["items"]) == (200, [{"credential_id": waiting[0]["id"], "differs": []}])
    assert verifier.get("/api/v1/verification/queue").json["items"] == []
    badge = client().get(f"/api/v1/therapists/{therapist.public_id}").json["badges"][0]
    assert (badge["checked_on"], badge["next_check_on"]) == ("2026-12-22", "2027-01-22")


def test_R70_a_name_that_is_a_formula_is_inert_in_the_file_and_as_written_in_the_list(client: NewBrowser) -> None:
    with transaction():
        a_therapist(name='=HYPERLINK("http://x.example";"y")')
        an_account(email="vera@example.org", roles=("verifier",))
    verifier = signed_in(client, "vera@example.org")
    name = verifier.get("/api/v1/verification/rechecks?register=bacp").json["items"][0]["name_on_register"]
    row = next(csv.DictReader(io.StringIO(verifier.get("/api/v1/verification/rechecks/file?register=bacp").data.decode())))
    assert row["name_on_register"] == "'" + name
    with transaction():
        taken = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "therapists.rechecks_taken")).one()
        assert (taken.subject_id, taken.facts) == ("bacp", {"lines": 1})


def test_a_therapist_corrects_a_claim(mine: Browser, client: NewBrowser) -> None:
    claim = {"register": "bacp", "credential_type": "mbacp", "number": "123456", "name_on_register": "Ash"}
    path = f"{T}/credentials/{mine.post(T + '/credentials', json=claim).json['id']}"
    assert mine.post(path + "/submit").json["state"] == "submitted"
    amended = mine.patch(path, json={"number": "654321"})
    assert (amended.status_code, amended.json["number"], amended.json["state"]) == (200, "654321", "submitted")
    assert mine.patch(path, json={"register": "ukcp"}).status_code == 422
    assert mine.post(path + "/withdraw").json["state"] == "withdrawn"
    assert mine.patch(path, json={"number": "1"}).json["code"] == "wrong_state"
    with transaction():
        an_unverified_therapist(email="other@example.org")
    assert signed_in(client, "other@example.org").patch(path, json={"number": "1"}).status_code == 404


def test_a_hold_is_an_admins_and_takes_the_page_at_once(client: NewBrowser) -> None:
    with transaction():
        therapist = a_therapist()
        an_account(email="admin@example.org", roles=("admin",))
        an_account(email="vera@example.org", roles=("verifier",))
    path = f"/api/v1/therapists/{therapist.public_id}"
    assert signed_in(client, "vera@example.org").post(path + "/hold", json={"reason": "complaint"}).status_code == 403
    admin = signed_in(client, "admin@example.org")
    assert admin.post(path + "/hold", json={"reason": "complaint"}).status_code == 204
    assert client().get(path).status_code == 404
    assert admin.delete(path + "/hold").status_code == 204
    assert client().get(path).status_code == 200
    assert admin.post(f"/api/v1/therapists/{uuid.uuid4()}/hold", json={"reason": "complaint"}).status_code == 404


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
