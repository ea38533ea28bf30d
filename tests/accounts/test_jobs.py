"""What is over is forgotten."""

from datetime import timedelta

from sqlalchemy import func, select

from accounts.address_requests import keep_request
from accounts.jobs import KEPT_AFTER_USE, forget_what_is_over
from accounts.links import issue_link
from accounts.models import AddressRequest, MailLink, SignInSession, Throttle
from accounts.sessions import start_session
from accounts.throttle import begin_try
from core.clock import FixedClock
from core.db import db, transaction
from tests.factories.accounts import an_account

KINDS = (AddressRequest, MailLink, SignInSession, Throttle)


def fill(clock: FixedClock) -> None:
    with transaction():
        person_id = an_account().person_id
        issue_link("sample", person_id, lifetime=timedelta(hours=1), now=clock.now())
        start_session(person_id, roles=frozenset({"client"}), now=clock.now())
        begin_try(f"key {person_id}", now=clock.now())
        keep_request("sample", {}, now=clock.now())


def test_old_sessions_links_counts_and_requests_go_and_fresh_ones_stay(database: None, clock: FixedClock) -> None:
    fill(clock)
    clock.advance(days=(KEPT_AFTER_USE + timedelta(days=15)).days)
    fill(clock)
    forget_what_is_over.run()
    for kind in KINDS:
        assert db.session.execute(select(func.count()).select_from(kind)).scalar_one() == 1, kind
