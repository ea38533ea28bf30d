"""Events of the processor: whose they are, kept once, answered at once, and never dropped. R24, R26, R28, R31; R27 stands with the settings."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from core.clock import FixedClock
from core.db import db, transaction
from desk.models import Case
from payments.models import ProcessorEvent
from tests.browser import Browser
from tests.payments.stripe_events import SECRETS, an_event, post_event, signature

pytestmark = pytest.mark.usefixtures("database")


def kept() -> list[tuple[str, str, str | None]]:
    with transaction():
        return [(row.event_id, row.state, row.why) for row in db.session.scalars(select(ProcessorEvent).order_by(ProcessorEvent.id))]


def cases() -> list[str]:
    with transaction():
        return list(db.session.scalars(select(Case.subject_kind).where(Case.kind == "money").order_by(Case.id)))


def waiting_jobs(name: str) -> int:
    return db.session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name AND status = 'todo'"), {"name": name}).scalar_one()


def test_R24_an_event_is_kept_once_however_often_it_comes(client: Callable[[], Browser]) -> None:
    event = an_event()
    assert [post_event(client(), event).status_code for _ in range(5)] == [200] * 5
    assert [row[:2] for row in kept()] == [(event["id"], "waiting")]
    assert waiting_jobs("payments.read_event") == 1


def test_R26_what_the_processor_did_not_sign_is_refused_and_leaves_nothing(client: Callable[[], Browser]) -> None:
    event = an_event()
    raw = json.dumps(event, indent=2).encode()
    header = signature(raw)
    tries = [
        (raw, None),
        (raw, "t=,v1="),
        (raw, header[:-4] + "beef"),
        (raw, signature(raw, secret="whsec_somebody_elses_secret_0123456789")),
        (raw, signature(raw, seconds=-360)),
        (raw, signature(raw, seconds=360)),
        (json.dumps(event).encode(), header),  # the same words, written in another way
        (b"\xff\xfe", signature(b"\xff\xfe")),
        (b"[]", signature(b"[]")),
    ]
    for body, signed in tries:
        answer = client().post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signed} if signed else {}, bare=True)
        assert (answer.status_code, answer.get_json()["code"]) == (400, "not_signed"), signed
    assert kept() == []


def test_R28_both_active_secrets_sign(client: Callable[[], Browser]) -> None:
    assert len(SECRETS) == 2
    assert [post_event(client(), an_event(), secret=secret).status_code for secret in SECRETS] == [200, 200]
    assert len(kept()) == 2


def test_R31_an_event_of_the_other_mode_is_kept_read_by_nobody_and_somebodys_case(client: Callable[[], Browser]) -> None:
    event = an_event(live=True)
    assert post_event(client(), event).status_code == 200
    assert kept() == [(event["id"], "set_aside", "other_mode")]
    assert waiting_jobs("payments.read_event") == 0
    assert cases() == ["event:other_mode"]


def test_an_event_about_something_that_nobody_asked_for_is_set_aside(client: Callable[[], Browser], run_jobs: Callable[[], list[str]]) -> None:
    event = an_event("product.created", "prod_1")
    assert post_event(client(), event).status_code == 200
    run_jobs()
    assert kept() == [(event["id"], "set_aside", "not_asked_for")]
    assert cases() == []


def test_a_payment_on_somebody_elses_account_is_somebodys_case(client: Callable[[], Browser], run_jobs: Callable[[], list[str]]) -> None:
    event = {**an_event(), "account": "acct_other"}
    assert post_event(client(), event).status_code == 200
    run_jobs()
    assert kept() == [(event["id"], "set_aside", "other_account")]
    assert cases() == ["event:other_account"]


def test_while_the_processor_is_away_an_event_waits(client: Callable[[], Browser], run_jobs: Callable[[], list[str]], clock: FixedClock) -> None:
    event = an_event()
    post_event(client(), event)
    run_jobs()
    clock.advance(hours=1)
    run_jobs()
    assert kept() == [(event["id"], "waiting", "processor_away")]
    assert cases() == []
