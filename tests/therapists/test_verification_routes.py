"""Verification over HTTP: for verifiers alone, never of oneself, and a hold that takes the page at once."""

import csv
import io
import uuid
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist
from tests.therapists.test_routes import CHECK, NewBrowser, T, mine, signed_in
from therapists.freshness import prepare_looks

__all__ = ("mine",)  # the fixture


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
