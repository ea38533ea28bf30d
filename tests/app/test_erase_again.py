"""Erasures are done again after an older backup was restored: by a list of ids that was kept outside, and once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Account, Person
from core.audit import AuditEntry
from core.db import db, transaction
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.fakes.outbox import Outbox

ERASURE = "/api/v1/me/erasure"


def run(app: Flask, *words: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=list(words))
    return done.exit_code, done.output


def restored(person_id: int, email: str) -> None:
    """As an older backup has it: the account is there."""
    with transaction():
        person = db.session.get_one(Person, person_id)
        person.name = "Sam Older"
        made = an_account(email="other@example.org")
        db.session.add(
            Account(person_id=person_id, email=email, password_hash=made.password_hash, email_confirmed_at=made.created_at, created_at=made.created_at)
        )


def erase(client: Callable[[], Browser]) -> tuple[int, str]:
    """Somebody erases their account: their person id, and the public one."""
    with transaction():
        account = an_account(email="sam@example.org")
        person_id, public_id = account.person_id, str(account.person.public_id)
    answer = signed_in(client, person_id).post(ERASURE, json={"password": PASSWORD})
    assert answer.status_code < 300, answer.text
    return person_id, public_id


@pytest.fixture
def erased(client: Callable[[], Browser], database: None) -> tuple[int, str]:
    return erase(client)


def test_a_list_that_was_kept_outside_erases_again_what_a_restored_backup_brought_back(
    app: Flask, erased: tuple[int, str], tmp_path: Path, outbox: Outbox
) -> None:
    person_id, public_id = erased
    status, lines = run(app, "erased")
    assert (status, [json.loads(line)["person"] for line in lines.splitlines()]) == (0, [public_id])
    assert "sam@example.org" not in lines
    kept = tmp_path / "erased.jsonl"
    kept.write_text(lines)
    assert run(app, "erase-again", str(kept)) == (0, "Erased now: 0. Not known here, or erased already: 1.\n")
    restored(person_id, "sam@example.org")
    letters = len(outbox.sent)
    status, said = run(app, "erase-again", str(kept))
    assert (status, said.splitlines()[-1]) == (0, "Erased now: 1. Not known here, or erased already: 0.")
    with transaction():
        assert db.session.get(Account, person_id) is None
        assert db.session.get_one(Person, person_id, populate_existing=True).name is None
        assert db.session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "accounts.erased")).all() == [None, "restored"]
    assert len(outbox.sent) == letters, "they were told once"
    assert run(app, "erased")[1] == lines, "each once"
    assert run(app, "erase-again", str(kept))[1].startswith("Erased now: 0.")


def test_what_stands_in_the_way_is_said_and_everybody_else_is_erased(app: Flask, erased: tuple[int, str], tmp_path: Path) -> None:
    person_id, public_id = erased
    restored(person_id, "sam@example.org")
    with transaction():
        works_here = an_account(roles=("client", "admin"))
        theirs = str(works_here.person.public_id)
    kept = tmp_path / "log.jsonl"
    kept.write_text(json.dumps({"event": "account_erased", "person": theirs, "level": "info"}) + "\n\n" + json.dumps({"person": public_id}) + "\n")
    status, said = run(app, "erase-again", str(kept))
    assert (status, f"{theirs}: not yet: at_work" in said, "Erased now: 1." in said) == (1, True, True)
    with transaction():
        assert db.session.get(Account, person_id) is None
        assert db.session.get(Account, works_here.person_id) is not None


def test_a_list_that_cannot_be_read_erases_nobody(app: Flask, erased: tuple[int, str], tmp_path: Path) -> None:
    person_id, public_id = erased
    restored(person_id, "sam@example.org")
    kept = tmp_path / "broken.jsonl"
    kept.write_text(json.dumps({"person": public_id}) + '\n{"person": 7}\n')
    status, said = run(app, "erase-again", str(kept))
    assert (status, "line 2 names nobody" in said) == (1, True)
    with transaction():
        assert db.session.get(Account, person_id) is not None


def test_the_moment_somebody_is_erased_the_log_has_their_id_and_nothing_else(
    client: Callable[[], Browser], database: None, capsys: pytest.CaptureFixture[str]
) -> None:
    _, public_id = erase(client)
    said = capsys.readouterr()
    line = next(line for line in (said.out + said.err).splitlines() if "account_erased" in line)
    assert public_id in line
    assert "sam@example.org" not in line
