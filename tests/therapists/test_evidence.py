"""Evidence: what comes in, who reads it, and when it goes."""

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from core import antivirus
from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.files import CANARY, a_pdf, a_photo_with_places, a_picture, honest_files, hostile_files
from tests.factories.therapists import a_claim, an_unverified_therapist, verify
from therapists import evidence
from therapists.credentials import withdraw_credential
from therapists.evidence_jobs import sweep_evidence
from therapists.evidence_models import EvidenceFile
from therapists.models import Credential
from therapists.profile import profile_for_edit

NewBrowser = Callable[[], Browser]
HOSTILE, HONEST = hostile_files(), honest_files()


@pytest.fixture(autouse=True)
def folder(app: Flask, database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(app.config, "EVIDENCE_DIR", str(tmp_path / "evidence"))
    monkeypatch.setattr(antivirus, "USUAL_SOCKETS", ())
    monkeypatch.setattr(antivirus, "PROGRAMS", ())
    return tmp_path / "evidence"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def credential() -> Credential:
    with transaction():
        return a_claim(an_unverified_therapist(email="ash@example.org"), number="123456")


@pytest.fixture
def owner(client: NewBrowser, credential: Credential) -> Browser:
    return signed_in(client, "ash@example.org")


def signed_in(client: NewBrowser, email: str) -> Browser:
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def own_path(credential: Credential) -> str:
    return f"/api/v1/therapist/credentials/{credential.public_id}/evidence"


def verifier_path(credential: Credential) -> str:
    return f"/api/v1/verification/credentials/{credential.public_id}/evidence"


def send(browser: Browser, credential: Credential, content: bytes, name: str = "a.pdf", **more: Any) -> TestResponse:
    # Written here: the test client would spool a large body into a file that it leaves open.
    fields = "".join(f'--border\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n' for field, value in more.items())
    quoted = name.replace("\\", "\\\\")
    head = f'{fields}--border\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\nContent-Type: application/pdf\r\n\r\n'
    body = head.encode() + content + b"\r\n--border--\r\n"
    return browser.post(own_path(credential), data=body, content_type="multipart/form-data; boundary=border")


def actions(*names: str) -> list[tuple[str, int | None]]:
    with transaction():
        wanted = select(AuditEntry).where(AuditEntry.action.in_(names)).order_by(AuditEntry.id)
        return [(row.action, row.actor_person_id) for row in db.session.scalars(wanted)]


@pytest.mark.parametrize("name", HOSTILE)
def test_R65_a_hostile_file_is_refused_and_leaves_nothing(owner: Browser, credential: Credential, folder: Path, name: str) -> None:
    answer = send(owner, credential, HOSTILE[name], name)
    assert answer.status_code in (413, 422), answer.text
    assert answer.json["code"]
    assert files_in(folder) == []
    assert owner.get(own_path(credential)).json["items"] == []


def test_R65_the_corpus_is_large_enough() -> None:
    assert len(HOSTILE) + len(HONEST) >= 40


@pytest.mark.parametrize("name", HONEST)
def test_R65_what_is_accepted_leaves_only_as_an_attachment(owner: Browser, credential: Credential, folder: Path, name: str) -> None:
    answer = send(owner, credential, HONEST[name], name)
    assert answer.status_code == 201, answer.text
    assert answer.json["scan"] == "not_scanned"
    (kept,) = files_in(folder)
    assert kept.stem == uuid.UUID(answer.json["id"]).hex, "the name is ours"
    read = owner.get(f"{own_path(credential)}/{answer.json['id']}")
    assert read.status_code == 200
    assert read.headers["Content-Type"] == "application/octet-stream"
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert read.headers["Cache-Control"] == "no-store"
    assert "sandbox" in read.headers["Content-Security-Policy"]
    disposition = read.headers["Content-Disposition"]
    assert disposition.startswith(f'attachment; filename="evidence-{answer.json["id"][:8]}.'), disposition
    assert not (set(disposition) & set("/\\")), "nothing of the sender's name"
    assert hashlib.sha256(read.data).hexdigest() == answer.json["sha256"]
    assert len(read.data) == answer.json["size"]
    assert b"<script" not in read.data
    assert b"PK\x03\x04" not in read.data


def test_R66_where_a_photo_was_taken_is_gone_when_the_verifier_reads_it(client: NewBrowser, owner: Browser, credential: Credential) -> None:
    sent = a_photo_with_places()
    assert CANARY.encode() in sent
    evidence_id = send(owner, credential, sent, "id.jpg").json["id"]
    with transaction():
        an_account(email="vera@example.org", roles=("verifier",))
    vera = signed_in(client, "vera@example.org")
    vera.post(f"/api/v1/verification/credentials/{credential.public_id}/review")
    read = vera.get(f"{verifier_path(credential)}/{evidence_id}")
    assert read.status_code == 200
    assert CANARY.encode() not in read.data
    assert b"Exif" not in read.data


def test_what_lies_on_the_disk_is_sealed(owner: Browser, credential: Credential, folder: Path) -> None:
    send(owner, credential, a_pdf())
    (kept,) = files_in(folder)
    assert b"%PDF" not in kept.read_bytes()


def test_only_the_owner_and_the_verifier_who_claimed_the_case_read_and_each_reading_is_recorded(
    client: NewBrowser, owner: Browser, credential: Credential
) -> None:
    evidence_id = send(owner, credential, a_pdf()).json["id"]
    with transaction():
        vera = an_account(email="vera@example.org", roles=("verifier",)).person_id
        vito = an_account(email="vito@example.org", roles=("verifier",)).person_id
        an_account(email="admin@example.org", roles=("admin",))
        an_unverified_therapist(email="other@example.org")
    paths = [verifier_path(credential), f"{verifier_path(credential)}/{evidence_id}"]
    assigned, colleague, admin = (signed_in(client, f"{name}@example.org") for name in ("vera", "vito", "admin"))
    assert [assigned.get(path).status_code for path in paths] == [404, 404], "not before the case is claimed"
    assigned.post(f"/api/v1/verification/credentials/{credential.public_id}/review")
    assert [assigned.get(path).status_code for path in paths] == [200, 200]
    assert [colleague.get(path).status_code for path in paths] == [404, 404]
    assert [admin.get(path).status_code for path in paths] == [403, 403]
    assert [client().get(path).status_code for path in paths] == [401, 401]
    other = signed_in(client, "other@example.org")
    assert [other.get(path).status_code for path in (own_path(credential), f"{own_path(credential)}/{evidence_id}")] == [404, 404]
    assert owner.get(f"{own_path(credential)}/{evidence_id}").status_code == 200
    assert actions("therapists.evidence_read") == [("therapists.evidence_read", vera), ("therapists.evidence_read", credential.therapist_id)]
    assert actions("therapists.evidence_refused") == [("therapists.evidence_refused", who) for who in (vera, vera, vito, vito)]


def test_the_verifier_reads_no_more_once_the_case_is_decided(client: NewBrowser, owner: Browser, credential: Credential) -> None:
    evidence_id = send(owner, credential, a_pdf()).json["id"]
    with transaction():
        vera = an_account(email="vera@example.org", roles=("verifier",)).person_id
    assigned = signed_in(client, "vera@example.org")
    assigned.post(f"/api/v1/verification/credentials/{credential.public_id}/review")
    with transaction():
        verify(credential, by=vera)
    assert assigned.get(f"{verifier_path(credential)}/{evidence_id}").status_code == 404


def test_nobody_verifies_with_files_of_their_own(client: NewBrowser) -> None:
    with transaction():
        therapist = an_unverified_therapist(email="both@example.org")
        mine = a_claim(therapist)
        from accounts.roles import grant_role
        from core.clock import now

        grant_role(therapist.person_id, "verifier", now=now())
    assert signed_in(client, "both@example.org").get(verifier_path(mine)).status_code == 404


def test_a_file_of_another_credential_is_not_found(owner: Browser, credential: Credential) -> None:
    evidence_id = send(owner, credential, a_pdf()).json["id"]
    with transaction():
        second = a_claim(profile_for_edit(credential.therapist_id), number="999999")
    assert owner.get(f"{own_path(second)}/{evidence_id}").status_code == 404
    assert owner.delete(f"{own_path(second)}/{evidence_id}").status_code == 404


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ({"file": "text"}, "multipart/form-data", 422),
        ({}, "multipart/form-data", 422),
        ({"file": "x=1"}, "application/x-www-form-urlencoded", 415),
        (b"%PDF-1.7", "application/pdf", 415),
        (b"{}", "application/json", 415),
    ],
)
def test_only_one_file_in_one_shape_comes_in(owner: Browser, credential: Credential, data: Any, content_type: str, status: int) -> None:
    assert owner.post(own_path(credential), data=data, content_type=content_type).status_code == status


def test_two_files_or_a_field_beside_are_refused(owner: Browser, credential: Credential) -> None:
    two = {"file": [(BytesIO(a_pdf()), "a.pdf"), (BytesIO(a_pdf()), "b.pdf")]}
    assert owner.post(own_path(credential), data=two, content_type="multipart/form-data").status_code == 422
    other = {"file": (BytesIO(a_pdf()), "a.pdf"), "extra": (BytesIO(a_pdf()), "b.pdf")}
    assert owner.post(own_path(credential), data=other, content_type="multipart/form-data").status_code == 422
    assert send(owner, credential, a_pdf(), state="active").status_code == 422


def test_a_multipart_body_is_welcome_nowhere_else(owner: Browser) -> None:
    data = {"file": (BytesIO(a_pdf()), "a.pdf")}
    assert owner.patch("/api/v1/therapist/profile", data=data, content_type="multipart/form-data").status_code == 415


def test_R65_ten_megabytes_and_no_more(owner: Browser, credential: Credential, folder: Path) -> None:
    limit = 10 * 1024 * 1024
    fits = a_pdf().replace(b"startxref", b"%" + b" " * (limit - len(a_pdf()) - 2) + b"\nstartxref")
    assert len(fits) == limit
    for content in (fits + b"\n", b"%PDF-" + b"0" * (2 * limit)):
        answer = send(owner, credential, content)
        assert (answer.status_code, files_in(folder)) == (413, []), answer.text
    assert send(owner, credential, fits).status_code == 201


def test_a_credential_holds_so_many_files_and_each_once(owner: Browser, credential: Credential) -> None:
    sent = [send(owner, credential, a_pdf(pages=number)) for number in range(1, evidence.MOST_FILES + 1)]
    assert [answer.status_code for answer in sent] == [201] * evidence.MOST_FILES
    more = send(owner, credential, a_pdf(pages=9))
    assert (more.status_code, more.json["code"]) == (409, "no_more_room")
    assert owner.delete(f"{own_path(credential)}/{sent[0].json['id']}").status_code == 204
    again = send(owner, credential, a_pdf(pages=2))
    assert (again.status_code, again.json["code"]) == (409, "sent_already")


def test_sending_and_removing_all_day_has_an_end(owner: Browser, credential: Credential, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_A_DAY", 2)
    for number in (1, 2):
        answer = send(owner, credential, a_pdf(pages=number))
        owner.delete(f"{own_path(credential)}/{answer.json['id']}")
    assert send(owner, credential, a_pdf(pages=3)).json["code"] == "too_many_today"


def test_an_infected_file_is_refused(owner: Browser, credential: Credential, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def recognised(content: bytes) -> str:
        raise antivirus.Infected

    monkeypatch.setattr(antivirus, "scan", recognised)
    answer = send(owner, credential, a_pdf())
    assert (answer.status_code, answer.json["code"], files_in(folder)) == (422, "infected", [])


def test_a_file_taken_back_is_gone_and_its_row_says_so(owner: Browser, credential: Credential, folder: Path, run_jobs: Callable[[], list[str]]) -> None:
    evidence_id = send(owner, credential, a_pdf()).json["id"]
    assert owner.delete(f"{own_path(credential)}/{evidence_id}").status_code == 204
    assert "therapists.remove_evidence" in run_jobs()
    assert files_in(folder) == []
    assert owner.get(own_path(credential)).json["items"] == []
    assert owner.get(f"{own_path(credential)}/{evidence_id}").json["code"] == "evidence_removed"
    with transaction():
        row = db.session.scalars(select(EvidenceFile)).one()
        assert (row.removed_reason, len(row.sha256)) == ("by_owner", 32)


def test_a_file_that_somebody_relies_on_stays(client: NewBrowser, owner: Browser, credential: Credential) -> None:
    evidence_id = send(owner, credential, a_pdf()).json["id"]
    with transaction():
        an_account(email="vera@example.org", roles=("verifier",))
    signed_in(client, "vera@example.org").post(f"/api/v1/verification/credentials/{credential.public_id}/review")
    answer = owner.delete(f"{own_path(credential)}/{evidence_id}")
    assert (answer.status_code, answer.json["code"]) == (409, "evidence_relied_on")


def test_a_withdrawn_credential_takes_no_files(owner: Browser, credential: Credential) -> None:
    with transaction():
        withdraw_credential(profile_for_edit(credential.therapist_id), credential.public_id, now=credential.created_at)
    assert send(owner, credential, a_pdf()).json["code"] == "no_uploads_now"


def test_the_proof_of_what_came_to_nothing_goes_after_ninety_days(
    owner: Browser, credential: Credential, folder: Path, clock: FixedClock, run_jobs: Callable[[], list[str]]
) -> None:
    send(owner, credential, a_pdf())
    with transaction():
        withdraw_credential(profile_for_edit(credential.therapist_id), credential.public_id, now=clock.now())
    clock.advance(days=89)
    sweep_evidence.run()
    run_jobs()
    assert len(files_in(folder)) == 1
    clock.advance(days=2)
    sweep_evidence.run()
    run_jobs()
    assert files_in(folder) == []


def test_the_proof_of_a_current_credential_is_kept_until_the_next_full_check(
    owner: Browser, credential: Credential, folder: Path, clock: FixedClock, run_jobs: Callable[[], list[str]]
) -> None:
    send(owner, credential, a_pdf())
    with transaction():
        verify(credential)
    clock.advance(days=3 * 365)
    sweep_evidence.run()
    run_jobs()
    assert len(files_in(folder)) == 1
    clock.advance(days=91)
    sweep_evidence.run()
    run_jobs()
    assert files_in(folder) == []


def test_a_file_without_a_row_is_swept_away_after_a_day(folder: Path, clock: FixedClock) -> None:
    evidence.put_away(evidence.Inspected(a_picture(), "image/jpeg", "clean"))
    clock.instant = datetime.now(UTC) + timedelta(hours=20)
    sweep_evidence.run()
    assert len(files_in(folder)) == 1
    clock.advance(hours=5)
    sweep_evidence.run()
    assert files_in(folder) == []


def test_the_claim_is_bound_to_all_its_evidence_in_no_order(owner: Browser, credential: Credential) -> None:
    def digest() -> str | None:
        with transaction():
            return db.session.scalars(select(Credential.evidence_digest).where(Credential.id == credential.id)).one()

    assert digest() is None
    first = send(owner, credential, a_pdf(pages=1)).json["id"]
    one = digest()
    send(owner, credential, a_pdf(pages=2))
    both = digest()
    assert len({None, one, both}) == 3
    owner.delete(f"{own_path(credential)}/{first}")
    send(owner, credential, a_pdf(pages=1))
    assert digest() == both


def test_new_evidence_reopens_the_review_of_an_approved_credential(owner: Browser, credential: Credential) -> None:
    send(owner, credential, a_pdf())
    with transaction():
        assert verify(credential).state == "active"
    assert send(owner, credential, a_pdf(pages=2)).status_code == 201
    assert owner.get("/api/v1/therapist/credentials").json["items"][0]["state"] == "submitted"
