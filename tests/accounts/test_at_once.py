"""The same things done by many at once, with real commits."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.links import issue_link
from accounts.models import Account, AddressRequest, MailLink
from accounts.people import address_digest
from accounts.sign_up import answer_sign_up
from accounts.throttle import FREE_TRIES
from core.clock import now
from core.db import db, transaction
from tests.factories.accounts import PASSWORD, an_account
from tests.fakes.outbox import Outbox

MANY = 12
EMAIL = "robin@example.org"


@pytest.fixture
def everywhere(committed_app: Flask) -> Flask:
    committed_app.extensions["mail_transport"] = Outbox()
    with committed_app.app_context(), transaction():
        an_account(email=EMAIL, confirmed=False)
    return committed_app


def at_once(act: Callable[[], object]) -> Counter[object]:
    with ThreadPoolExecutor(MANY) as pool:
        return Counter(future.result() for future in [pool.submit(act) for _ in range(MANY)])


def test_R61_a_link_redeemed_by_many_at_once_works_once(everywhere: Flask) -> None:
    with everywhere.app_context(), transaction():
        person_id = db.session.execute(select(Account.person_id)).scalar_one()
        secret = issue_link("confirm_address", person_id, lifetime=timedelta(hours=1), now=now(), subject={"address": address_digest(EMAIL)})
    results = at_once(lambda: everywhere.test_client().post("/api/v1/accounts/confirm", json={"token": secret, "password": PASSWORD}).status_code)
    assert results == {204: 1, 410: MANY - 1}


def test_of_links_issued_at_once_one_is_alive(everywhere: Flask) -> None:
    def issue() -> None:
        with everywhere.app_context(), transaction():
            person_id = db.session.execute(select(Account.person_id)).scalar_one()
            issue_link("sample", person_id, lifetime=timedelta(hours=1), now=now())

    at_once(issue)
    with everywhere.app_context():
        alive = select(func.count()).where(MailLink.purpose == "sample", MailLink.replaced_at.is_(None)).select_from(MailLink)
        assert db.session.execute(alive).scalar_one() == 1


def test_R60_guesses_at_once_take_turns(everywhere: Flask) -> None:
    body = {"email": EMAIL, "password": "this is a wrong one"}
    results = at_once(lambda: everywhere.test_client().post("/api/v1/session", json=body).status_code)
    assert results == {401: FREE_TRIES, 429: MANY - FREE_TRIES}


def test_a_count_at_once_misses_nobody(everywhere: Flask) -> None:
    results = at_once(lambda: everywhere.test_client().post("/api/v1/password/forgot", json={"email": "x@example.org"}).status_code)
    assert results == {202: 5, 429: MANY - 5}


def test_one_address_signed_up_at_once_becomes_one_account(everywhere: Flask) -> None:
    body = {"email": "new@example.org", "password": PASSWORD}
    for _ in range(4):
        assert everywhere.test_client().post("/api/v1/accounts", json=body).status_code == 202
    with everywhere.app_context():
        waiting = list(db.session.execute(select(AddressRequest.id)).scalars())

    def answer(request_id: int) -> str:
        with everywhere.app_context():
            try:
                answer_sign_up.run(request_id=request_id)
            except Exception as error:
                return type(error).__name__
            return "done"

    with ThreadPoolExecutor(len(waiting)) as pool:
        results = Counter(pool.map(answer, waiting))
    assert set(results) <= {"done", "IntegrityError"}
    for request_id in waiting:  # as the queue does with those that met another's row
        answer(request_id)
    with everywhere.app_context():
        assert db.session.execute(select(func.count()).select_from(AddressRequest)).scalar_one() == 0
        assert db.session.execute(select(func.count()).where(Account.email == "new@example.org").select_from(Account)).scalar_one() == 1
