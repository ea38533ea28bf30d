"""Proof of a required check: who sends, who reads, and when it goes."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core import antivirus
from core.clock import FixedClock
from core.db import transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.files import a_pdf
from tests.factories.therapists import an_unverified_therapist
from therapists.evidence_jobs import sweep_evidence

INSURANCE = "/api/v1/therapist/checks/insurance"
NewBrowser = Callable[[], Browser]


@pytest.fixture(autouse=True)
def folder(app: Flask, database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(app.config, "EVIDENCE_DIR", str(tmp_path / "evidence"))
    monkeypatch.setattr(antivirus, "USUAL_SOCKETS", ())
    monkeypatch.setattr(antivirus, "PROGRAMS", ())
    return tmp_path / "evidence"


def signed_in(client: NewBrowser, email: str) -> Browser:
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def send(browser: Browser, path: str = INSURANCE) -> Any:
    head = '--border\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    return browser.post(path + "/evidence", data=head.encode() + a_pdf() + b"\r\n--border--\r\n", content_type="multipart/form-data; boundary=border")


def test_R65_proof_of_a_check_goes_to_the_verifier_who_claimed_its_case_and_to_nobody_else(
    client: NewBrowser, folder: Path, clock: FixedClock, run_jobs: Callable[[], list[str]]
) -> None:
    with transaction():
        therapist = an_unverified_therapist(email="ash@example.org")
        an_unverified_therapist(email="other@example.org")
        for name in ("vera", "vito"):
            an_account(email=f"{name}@example.org", roles=("verifier",))
    owner, other, vera, vito = (signed_in(client, f"{name}@example.org") for name in ("ash", "other", "vera", "vito"))
    sent = send(owner)
    assert sent.status_code == 201, sent.text
    assert send(owner).json["code"] == "sent_already"
    assert [send(owner, f"/api/v1/therapist/checks/{kind}").status_code for kind in ("sanctions", "nothing")] == [404, 404]
    own = f"{INSURANCE}/evidence/{sent.json['id']}"
    assert [browser.get(own).status_code for browser in (owner, other)] == [200, 404]
    assert other.get(INSURANCE + "/evidence").json["items"] == []

    assert owner.post(INSURANCE + "/offer").json["state"] == "missing"
    assert owner.delete(own).json["code"] == "evidence_relied_on"
    [waiting] = vera.get("/api/v1/verification/checks?kind=insurance").json["items"]
    path = f"/api/v1/verification/checks/{waiting['id']}/evidence"
    assert [browser.get(path).status_code for browser in (vera, vito, owner)] == [404, 404, 403], "not before the case is claimed"
    vera.post(f"/api/v1/cases/{waiting['case_id']}/claim")
    assert [browser.get(path).status_code for browser in (vera, vito)] == [200, 404]
    assert vera.get(f"{path}/{sent.json['id']}").data == a_pdf()
    seen = {"kind": "insurance", "result": "passed", "reason": "document_seen", "body": "Example Mutual", "valid_until": str(date(2027, 10, 31))}
    recorded = vera.post(f"/api/v1/verification/therapists/{therapist.public_id}/checks", json=seen)
    assert recorded.json["state"] == "valid", recorded.text
    assert vera.get(path).status_code == 404, "the case is closed"
    assert owner.delete(own).json["code"] == "evidence_relied_on"
    assert [each["id"] for each in owner.get("/api/v1/therapist/records").json["evidence"]] == [sent.json["id"]]

    for days, kept in ((89, 1), (2, 0)):
        clock.advance(days=days)
        sweep_evidence.run()
        run_jobs()
        assert len([each for each in folder.rglob("*") if each.is_file()]) == kept


def test_a_file_that_nobody_relies_on_is_taken_back(client: NewBrowser) -> None:
    with transaction():
        an_unverified_therapist(email="ash@example.org")
    owner = signed_in(client, "ash@example.org")
    own = f"{INSURANCE}/evidence/{send(owner).json['id']}"
    assert owner.delete(own).status_code == 204
    assert owner.get(own).json["code"] == "evidence_removed"
    assert owner.get(INSURANCE + "/evidence").json["items"] == []
