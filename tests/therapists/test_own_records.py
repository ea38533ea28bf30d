"""What a therapist takes along: everything of theirs, nothing of anybody else."""

import uuid
from base64 import b64decode
from collections.abc import Callable
from datetime import date

from sqlalchemy import select

from core.audit import AuditEntry
from core.clock import now
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.therapists import a_therapist
from therapists.leaving import announce_leave
from therapists.lookup_models import RegisterLookup
from therapists.profile import own_profile, profile_for_edit
from therapists.profile_models import ProfilePhoto
from therapists.register_answers import REASONS

PATH = "/api/v1/therapist/records"


def test_a_therapist_takes_everything_of_theirs_along_and_nothing_of_others(client: Callable[[], Browser]) -> None:
    with transaction():
        mine = a_therapist(email="ash@example.org", name="Ash Example")
        asked = {"asked_by": mine.person_id, "asked_at": now(), "attempt": 1, "register": "bacp", "number": "1", "source": "https://register.example"}
        answer = {"answer": "unavailable", "reason": REASONS[0]}
        db.session.add(RegisterLookup(public_id=uuid.uuid4(), credential_id=own_profile(mine.person_id).credentials[0].id, **asked, **answer))
        db.session.add(ProfilePhoto(public_id=uuid.uuid4(), therapist_id=mine.person_id, state="pending", digest="ab" * 32, content=b"1", uploaded_at=now()))
        announce_leave(profile_for_edit(mine.person_id), last_day=date(2026, 12, 31), reason="retiring", now=now())
        a_therapist(name="Somebody Else")
    browser = client()
    browser.sign_in("ash@example.org", PASSWORD)
    answer = browser.get(PATH)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment")
    told = answer.json
    assert told["profile"]["id"] == str(mine.public_id)
    assert {check["credential"] for check in told["checks"]} == {credential["id"] for credential in told["profile"]["credentials"]}
    assert told["checks"][0]["decision"] == "active"
    assert told["evidence"] == []
    assert [each["answer"] for each in told["register_lookups"]] == ["unavailable"]
    assert [(each["state"], each["media_type"], b64decode(each["content"])) for each in told["photos"]] == [("pending", "image/jpeg", b"1")]
    assert told["also"] == {"appointments": [], "disruptions": []}
    assert [(each["last_day"], each["called_off_at"]) for each in told["leaving"]] == [("2026-12-31", None)]
    assert told["executor"]["name"] == "Ellis Executor"
    assert "Somebody Else" not in answer.text
    with transaction():
        recorded = db.session.scalars(select(AuditEntry.actor_person_id).where(AuditEntry.action == "therapists.records_exported")).all()
    assert recorded == [mine.person_id]


def test_only_therapists_have_such_records(client: Callable[[], Browser]) -> None:
    with transaction():
        an_account(email="client@example.org")
    browser = client()
    browser.sign_in("client@example.org", PASSWORD)
    assert (browser.get(PATH).status_code, client().get(PATH).status_code) == (403, 401)
