"""What a therapist takes along: everything of theirs, nothing of anybody else."""

from collections.abc import Callable

from sqlalchemy import select

from core.audit import AuditEntry
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.therapists import a_therapist

PATH = "/api/v1/therapist/records"


def test_a_therapist_takes_everything_of_theirs_along_and_nothing_of_others(client: Callable[[], Browser]) -> None:
    with transaction():
        mine = a_therapist(email="ash@example.org", name="Ash Example")
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
