"""A therapist's own pages, from a first claim to a profile that shows, by presses of buttons alone and without a script."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core import antivirus
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.checks import pass_checks
from tests.factories.files import a_pdf, a_photo_with_places
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist, verify
from therapists.evidence_models import EvidenceFile
from therapists.models import Credential
from therapists.profile import own_profile
from therapists.profile_models import ProfilePhoto

NewBrowser = Callable[[], Browser]
MINE = "/my-practice"
EMAIL = "nova@example.org"


@pytest.fixture(autouse=True)
def evidence_folder(app: Flask, database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "EVIDENCE_DIR", str(tmp_path / "evidence"))
    monkeypatch.setattr(antivirus, "USUAL_SOCKETS", ())
    monkeypatch.setattr(antivirus, "PROGRAMS", ())


def at_work(client: NewBrowser, email: str = EMAIL) -> Browser:
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def press(who: Browser, path: str, **form: Any) -> Any:
    """As a browser without a script sends it: the token stands in the form."""
    return who.post(path, data=form | {"csrf_token": who.csrf_token}, headers={"Origin": BASE_URL}, bare=True)


def send(who: Browser, path: str, content: bytes, **form: Any) -> Any:
    return press(who, path, file=(BytesIO(content), "../proof.exe"), **form)


def test_a_claim_is_stated_proved_submitted_and_confirmed(client: NewBrowser) -> None:
    with transaction():
        therapist = an_unverified_therapist(name="Nova Ash", email=EMAIL)
    nova, path = at_work(client), f"{MINE}/credentials"
    assert "You have stated none." in nova.get(path).text
    claim = {"act": "claim", "entry": "bacp/mbacp", "number": "123456", "name_on_register": "Nova Ash"}
    for wrong, complaint in (({"entry": "nimh/"}, "registers nobody"), ({"entry": ""}, "Register"), ({"number": ""}, "Number")):
        refused = press(nova, path, **{**claim, **wrong})
        assert (refused.status_code, complaint in refused.text, 'value="Nova Ash"' in refused.text) == (422, True, True)
    assert press(nova, path, **claim).status_code == 303
    with transaction():
        credential = db.session.scalars(select(Credential)).one()
    assert "Not sent to us yet" in nova.get(path).text
    own = f"{path}/{credential.public_id}"
    assert send(nova, f"{own}/proof", b"MZ").status_code == 422
    assert press(nova, f"{own}/proof").status_code == 415
    assert send(nova, f"{own}/proof", a_pdf()).status_code == 303
    assert "This file is here already" in send(nova, f"{own}/proof", a_pdf()).text
    with nova.get(re.findall(rf'href="(/api/[^"]*{credential.public_id}/evidence/[^"]*)"', nova.get(path).text)[0]) as file:
        assert (file.status_code, file.headers["Content-Disposition"][:10]) == (200, "attachment")
    assert send(nova, f"{own}/proof", a_pdf(pages=2)).status_code == 303
    with transaction():
        second = db.session.scalars(select(EvidenceFile).order_by(EvidenceFile.id.desc())).first()
    assert second is not None
    assert press(nova, own, act="remove", file=str(second.public_id)).status_code == 303
    assert press(nova, own, act="remove", file="nothing").status_code == 422
    assert press(nova, own, act="amend", number="654321", name_on_register="Nova Ash").status_code == 303
    assert press(nova, own, act="submit").status_code == 303
    assert "Waits for a verifier" in nova.get(path).text
    with transaction():
        verify(db.session.get_one(Credential, credential.id), number="654321")
    confirmed = nova.get(path).text
    assert ("Confirmed" in confirmed, "2027-10-31" in confirmed) == (True, True), "state and last day are seen"
    assert press(nova, own, act="withdraw").status_code == 303
    assert "Taken back" in nova.get(path).text
    assert own_profile(therapist.person_id).credentials[0].state == "withdrawn"


def test_checks_are_proved_offered_and_the_agreement_is_signed(client: NewBrowser) -> None:
    with transaction():
        an_unverified_therapist(name="Nova Ash", email=EMAIL)
    nova, path = at_work(client), f"{MINE}/checks"
    page = nova.get(path).text
    assert ("Professional liability insurance" in page, "I have read it and sign it" in page) == (True, True)
    assert send(nova, f"{path}/insurance/proof", a_pdf()).status_code == 303
    assert send(nova, f"{path}/sanctions/proof", a_pdf()).status_code == 404
    assert press(nova, f"{path}/insurance", act="offer").status_code == 303
    assert press(nova, f"{path}/insurance", act="offer").status_code == 409
    assert "we look at what you sent" in nova.get(path).text
    version, digest = (re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("version", "digest"))
    assert press(nova, f"{path}/agreement", act="sign", version=version, digest="0" * 64).status_code == 409
    assert press(nova, f"{path}/agreement", act="sign", version=version, digest=digest).status_code == 303
    assert "I have read it and sign it" not in nova.get(path).text


def test_a_profile_is_written_shown_and_new_clients_are_answered_for(client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist(name="Nova Ash", email=EMAIL, about="I listen.")
        assert therapist.published_at is not None
    nova, path = at_work(client), f"{MINE}/profile"
    page = nova.get(path).text
    version = re.findall(r'name="version" value="([^"]*)"', page)[0]
    words = {"act": "save", "version": version, "display_name": "Nova Birch", "headline": "Calm talks", "about": "I listen.\nSlowly.", "works_from": "GB-ENG"}
    words |= {"pronouns_audience": "nobody", "answer_within_hours": "24", "hours_declared": ""}
    assert press(nova, path, **{**words, "video_url": "https://evil.example/x"}).status_code == 422
    for hours in ("soon", "9" * 5000):
        assert press(nova, path, **{**words, "answer_within_hours": hours}).status_code == 422
    assert press(nova, path, **words).status_code == 303
    assert press(nova, path, **words).status_code == 412, "somebody has changed it meanwhile"
    after = nova.get(path).text
    assert ("Display name: waits to be read" in after, 'value="Calm talks"' in after, "Slowly." in after) == (True, True, True)
    with transaction():
        shown = own_profile(therapist.person_id)
        assert (shown.display_name, shown.headline, shown.answer_within_hours, shown.works_from) == ("Nova Ash", "Calm talks", 24, "GB-ENG")
    assert send(nova, f"{MINE}/photo", a_photo_with_places()).status_code == 303
    assert db.session.scalars(select(ProfilePhoto.state)).all() == ["pending"]
    assert press(nova, path, act="remove_photo").status_code == 303
    overview = nova.get(MINE).text
    assert ("Yes, since 2026-11-22" in overview, "You do. We ask again on 2026-12-22" in overview) == (True, True)
    clock.advance(days=41)
    later = at_work(client)
    assert "You said so too long ago" in later.get(MINE).text
    assert press(later, MINE, act="accepting").status_code == 303
    assert "You do. We ask again on" in later.get(MINE).text
    assert press(later, MINE, act="not_accepting").status_code == 303
    assert "Nobody new is sent to you" in later.get(MINE).text
    assert press(later, MINE, act="unpublish").status_code == 303
    assert press(later, MINE, act="dance").status_code == 422


def test_what_is_missing_before_a_profile_shows_is_said(client: NewBrowser) -> None:
    with transaction():
        therapist = an_unverified_therapist(name="Nova Ash", email=EMAIL, executor=False)
    nova = at_work(client)
    refused = press(nova, MINE, act="publish")
    assert (refused.status_code, "once a credential that allows you to practise has been checked" in refused.text) == (403, True)
    with transaction():
        pass_checks(therapist, kinds=("identity",))
        verify(a_claim(therapist))
    assert "Still missing: Professional liability insurance" in nova.get(MINE).text
    colleague = {"name": "Ellis", "email": EMAIL, "agreed_on": (now().date() - timedelta(days=1)).isoformat()}
    assert "Somebody else than yourself" in press(nova, MINE, act="executor", **colleague).text
    assert press(nova, MINE, act="executor", **{**colleague, "email": "ellis@colleague.example"}).status_code == 303
    assert "Ellis, ellis@colleague.example" in nova.get(MINE).text
    assert press(nova, MINE, act="executor_confirmed").status_code == 303


def test_these_pages_are_a_therapists_own_and_their_forms_need_the_token(client: NewBrowser) -> None:
    with transaction():
        nova_person = an_unverified_therapist(name="Nova Ash", email=EMAIL)
        an_unverified_therapist(name="Otis Birch", email="otis@example.org")
        an_account(email="client@example.org")
        credential = a_claim(nova_person, submitted=False)
    own = f"{MINE}/credentials/{credential.public_id}"
    pages = (MINE, f"{MINE}/credentials", f"{MINE}/checks", f"{MINE}/profile", f"{MINE}/hours")
    assert {client().get(page).headers["Location"] for page in pages} == {f"/sign-in?next={page}" for page in pages}
    stranger, otis, nova = at_work(client, "client@example.org"), at_work(client, "otis@example.org"), at_work(client)
    assert [stranger.get(page).status_code for page in pages] == [403] * 5
    assert [stranger.post(page, data={"act": "x"}).status_code for page in (MINE, f"{MINE}/credentials", f"{MINE}/checks/identity", own)] == [403] * 4
    for act in ("submit", "withdraw", "amend", "remove"):
        form = {"number": "1", "name_on_register": "x", "file": str(credential.public_id)}
        assert press(otis, own, act=act, **form).status_code == 404, "somebody else's credential is not there"
    assert send(otis, f"{own}/proof", a_pdf()).status_code == 404
    for token in ({}, {"csrf_token": "wrong"}):
        form = {"act": "submit", **token}
        assert nova.post(own, data=form, headers={"Origin": BASE_URL}, bare=True).status_code == 403
        upload = {"file": (BytesIO(a_pdf()), "a.pdf"), **token}
        assert nova.post(f"{own}/proof", data=upload, headers={"Origin": BASE_URL}, bare=True).status_code == 403
    foreign = {"file": (BytesIO(a_pdf()), "a.pdf"), "csrf_token": nova.csrf_token}
    assert nova.post(f"{own}/proof", data=foreign, headers={"Origin": "https://evil.example"}, bare=True).status_code == 403
    multipart = {"act": "submit", "csrf_token": nova.csrf_token, "more": (BytesIO(b"x"), "x")}
    assert nova.post(own, data=multipart, headers={"Origin": BASE_URL}, bare=True).status_code == 403, "only pages that take a file read such a form"
    assert db.session.scalars(select(EvidenceFile)).all() == []
