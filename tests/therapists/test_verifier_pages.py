"""The verifiers' work from their pages alone, by presses of buttons: credentials, required checks, profiles to read, and monthly looks."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.roles import grant_role
from core import antivirus
from core.audit import AuditEntry
from core.clock import FixedClock, now
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.checks import pass_checks
from tests.factories.files import a_pdf
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist, verify
from therapists.badges import badges_of
from therapists.evidence import add_evidence, inspect, put_away
from therapists.leaving import announce_leave
from therapists.own_checks import offer_proof
from therapists.profile import own_profile, profile_for_edit
from therapists.publication import listed_therapist, publish

NewBrowser = Callable[[], Browser]
DESK = "/desk/verification"


def a_verifier(client: NewBrowser, *, roles: tuple[str, ...] = ("verifier",)) -> Browser:
    with transaction():
        email = an_account(roles=roles).email
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def press(who: Browser, path: str, **form: Any) -> Any:
    return who.post(path, data=form | {"csrf_token": who.csrf_token})


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


@pytest.fixture
def evidence_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "EVIDENCE_DIR", str(tmp_path / "evidence"))
    monkeypatch.setattr(antivirus, "USUAL_SOCKETS", ())
    monkeypatch.setattr(antivirus, "PROGRAMS", ())


@pytest.mark.usefixtures("database", "evidence_folder")
def test_a_first_credential_goes_from_the_queue_to_a_badge_by_two_verifiers(client: NewBrowser) -> None:
    inspected = inspect(a_pdf())
    proof = put_away(inspected)
    with transaction():
        therapist = an_unverified_therapist(name="Nova Ash")
        credential = a_claim(therapist, number="123456")
        add_evidence(therapist.person_id, credential.public_id, proof, inspected, now=now())
        person_id, path = therapist.person_id, f"{DESK}/credentials/{credential.public_id}"
    first, second = a_verifier(client), a_verifier(client)
    desk = first.get(DESK)
    assert (desk.status_code, "Nova Ash" in desk.text, "First look" in desk.text, "nobody has it yet" in desk.text) == (200, True, True, True)
    before = first.get(path).text
    assert 'href="https://www.bacp.co.uk/' in before, "the register is one click away"
    assert str(proof) not in before, "proof is for whoever has taken it on"
    assert press(first, path, act="dance").status_code == 422
    assert press(first, path, act="claim").status_code == 303
    mine = first.get(path).text
    assert str(proof) in mine
    assert "Somebody else has taken it on" in second.get(path).text
    assert press(second, path, act="claim").status_code == 409
    with first.get(re.findall(r'href="(/api/[^"]*evidence[^"]*)"', mine)[0]) as file:
        assert (file.status_code, file.headers["Content-Disposition"][:10]) == (200, "attachment")
    read = {
        "act": "record",
        "claim_digest": hidden(mine, "claim_digest"),
        "register_address": "https://www.bacp.co.uk/register",
        "number": "123456",
        "name_found": "Nova Ash",
        "status_text": "Registered",
        "expires_on": "2027-10-31",
        "jurisdictions": "GB",
        "scope": "full",
        "decision": "active:register_confirms",
    }
    for wrong, complaint in (
        ({"name_found": "Somebody Else"}, "The names differ"),
        ({"expires_on": ""}, "needs a last day"),
        ({"register_address": "javascript:alert(1)"}, "Register address"),
        ({"decision": ""}, "Decision"),
        ({"jurisdictions": "GB, US-CA"}, "Jurisdictions"),
    ):
        refused = press(first, path, **{**read, **wrong})
        assert (refused.status_code, complaint in refused.text, "Registered" in refused.text) == (422, True, True), "what was filled in stays"
    assert press(first, path, **{**read, "claim_digest": "0" * 64}).status_code == 409
    assert press(first, path, **read).status_code == 303
    assert "Those are not yours" in first.get(path).text
    assert press(first, path, **read).status_code == 403
    assert badges_of(own_profile(person_id), now=now()) == []
    assert "Second pair of eyes" in second.get(DESK).text
    press(second, path, act="claim")
    assert press(second, path, **read).status_code == 303
    assert [badge.register for badge in badges_of(own_profile(person_id), now=now())] == ["bacp"]
    done = second.get(path).text
    assert "waited for a second pair of eyes" in done
    assert "Nova Ash" not in second.get(DESK).text
    assert press(second, path, **{**read, "decision": "suspended:register_says_suspended"}).status_code == 303
    assert badges_of(own_profile(person_id), now=now()) == []
    readings = select(AuditEntry.actor_person_id).where(AuditEntry.action == "therapists.evidence_read")
    assert len(db.session.scalars(readings).all()) == 1


@pytest.mark.usefixtures("database", "evidence_folder")
def test_a_required_check_is_claimed_read_and_recorded(client: NewBrowser) -> None:
    with transaction():
        therapist = a_therapist(name="Nova Ash")
        check = offer_proof(profile_for_edit(therapist.person_id), "insurance", now=now())
        path = f"{DESK}/checks/{check.public_id}"
    first, second = a_verifier(client), a_verifier(client)
    assert "Nova Ash, Professional liability insurance" in first.get(DESK).text
    assert press(first, path, act="claim").status_code == 303
    assert "Nothing was sent" in first.get(path).text
    seen = {"act": "record", "body": "The Insurer", "reference": "P-77", "valid_until": "2027-05-01", "decision": "passed:document_seen"}
    assert press(second, path, **seen).status_code == 409
    refused = press(first, path, **{**seen, "valid_until": "2020-01-01"})
    assert (refused.status_code, "The Insurer" in refused.text) == (422, True)
    assert press(first, path, **seen).status_code == 303
    shown = first.get(path).text
    assert ("until 2027-05-01" in shown, "The Insurer" in shown, "P-77" in shown) == (True, True, False)
    failed = press(first, path, act="record", body="The Insurer", decision="failed:already_ended")
    assert failed.status_code == 303
    assert client().get(f"/api/v1/therapists/{therapist.public_id}").status_code == 404, "a failed look closes the door at once"


@pytest.mark.usefixtures("database")
def test_a_profile_is_read_sent_back_and_approved(client: NewBrowser) -> None:
    with transaction():
        therapist = an_unverified_therapist(name="Nova Ash", about="I listen. I promise a sure cure.")
        pass_checks(therapist)
        verify(a_claim(therapist))
        publish(profile_for_edit(therapist.person_id), now=now())
        path = f"{DESK}/profiles/{therapist.public_id}"
    reader = a_verifier(client)
    assert "not shown before it is read" in reader.get(DESK).text
    assert press(reader, path, act="claim").status_code == 303
    page = reader.get(path).text
    assert "<mark>cure</mark>" in page
    objection = {"act": "decide", "digest": hidden(page, "digest"), "reason-about": "cure", "sentence-about": "I promise a sure cure."}
    assert press(reader, path, **{**objection, "digest": "0" * 64}).status_code == 409
    assert press(reader, path, **{**objection, "sentence-about": "I never wrote this."}).status_code == 422
    assert press(reader, path, **objection).status_code == 303
    assert press(reader, path, act="claim").status_code == 409, "nothing waits now"
    with transaction():
        publish(profile_for_edit(therapist.person_id), now=now())
    approved = press(reader, path, act="decide", digest=hidden(reader.get(path).text, "digest"))
    assert (approved.status_code, approved.headers["Location"]) == (303, DESK)
    assert listed_therapist(therapist.public_id, now=now()).display_name == "Nova Ash"


@pytest.mark.usefixtures("database")
def test_entries_that_are_exactly_as_before_are_confirmed_in_one_go(client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        same, other = a_therapist(name="Nova Ash"), a_therapist(name="Otis Birch")
        ticked = own_profile(same.person_id).credentials[0].public_id
        left = own_profile(other.person_id).credentials[0].public_id
    clock.advance(days=32)
    looker, path = a_verifier(client), f"{DESK}/registers/bacp"
    page = looker.get(path).text
    assert ("Nova Ash" in page, "Otis Birch" in page, page.count("<strong>late</strong>")) == (True, True, 2)
    assert press(looker, path, register_address="https://www.bacp.co.uk/", unchanged=[]).status_code == 422
    tick, stale = (re.findall(rf'name="unchanged" value="({each}:[^"]*)"', page)[0] for each in (ticked, left))
    with transaction():
        own_profile(other.person_id).credentials[0].expires_on = date(2031, 1, 1)  # somebody recorded a renewal after this page was opened
    alone = press(looker, path, register_address="https://www.bacp.co.uk/", unchanged=[stale])
    assert (alone.status_code, "1 not recorded, as something changed" in alone.text) == (200, True)
    done = press(looker, path, register_address="https://www.bacp.co.uk/", unchanged=[tick, stale])
    assert (done.status_code, "1 recorded as unchanged, 0 left for a single look. 1 not recorded, as something changed" in done.text) == (200, True)
    again = press(looker, path, register_address="https://www.bacp.co.uk/", unchanged=[tick])
    assert "1 not recorded" in again.text, "there is a newer look than this page showed"
    with transaction():
        looked = {credential.public_id: credential.checked_at for person in (same, other) for credential in own_profile(person.person_id).credentials}
    assert (looked[ticked], looked[left]) == (clock.now(), clock.now().replace(year=2026, month=11, day=22))
    assert looker.get(f"{DESK}/registers/nobody").status_code == 404


@pytest.mark.usefixtures("database")
def test_words_of_somebody_who_leaves_are_read_on_the_desk(client: NewBrowser) -> None:
    with transaction():
        therapist = a_therapist(name="Nova Ash")
        leave = announce_leave(
            profile_for_edit(therapist.person_id), last_day=date(2027, 1, 31), reason="moving", words="It was good to work with you.", now=now()
        )
        path = f"{DESK}/words/{leave.public_id}"
    reader = a_verifier(client)
    assert "It was good to work with you." in reader.get(DESK).text
    assert press(reader, path, act="maybe").status_code == 422
    assert press(reader, path, act="yes").status_code == 303
    assert "It was good to work with you." not in reader.get(DESK).text
    assert press(reader, path, act="no").status_code == 409


@pytest.mark.usefixtures("database")
def test_nobody_works_on_their_own_and_others_meet_no_desk(client: NewBrowser) -> None:
    with transaction():
        therapist = an_unverified_therapist(name="Nova Ash", email="nova@example.org")
        credential = a_claim(therapist)
        check = offer_proof(profile_for_edit(therapist.person_id), "identity", now=now())
        own = (f"{DESK}/credentials/{credential.public_id}", f"{DESK}/checks/{check.public_id}")
    other = client()
    other.sign_in("nova@example.org", PASSWORD)
    pages = (DESK, *own, f"{DESK}/profiles/{therapist.public_id}", f"{DESK}/registers/bacp")
    assert [other.get(page).status_code for page in pages] == [403] * 5
    assert [press(other, page, act="claim").status_code for page in pages[1:]] == [403] * 4
    assert client().get(DESK).headers["Location"] == "/sign-in?next=/desk/verification"
    with transaction():
        grant_role(therapist.person_id, "verifier", now=now())
    own_verifier = client()
    own_verifier.sign_in("nova@example.org", PASSWORD)
    assert "Nova Ash" not in own_verifier.get(DESK).text
    for page in own:
        assert [own_verifier.get(page).status_code, press(own_verifier, page, act="claim").status_code] == [403, 403]
    stranger = a_verifier(client)
    assert stranger.post(own[0], data={"act": "claim"}).status_code == 303, "the test client sends the token as a header"
    assert stranger.post(own[0], data={"act": "release"}, headers={"X-CSRF-Token": "wrong"}).status_code == 403
