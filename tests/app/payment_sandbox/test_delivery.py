"""Webhooks: signed, tried again, and what the knobs do to them."""

from pathlib import Path

import pytest
from flask import Flask

from app.payment_sandbox.delivery import Endpoint
from app.payment_sandbox.sandbox import PaymentSandbox
from payments.processor_facts import at
from payments.processor_sdk import read_webhook
from tests.fakes.payment_sandbox import SECRET


class Inbox:
    """Answers with the next of `statuses`, then with 200."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []

    def post(self, _url: str, body: bytes, signature: str) -> int:
        self.got.append((body, signature))
        return self.statuses.pop(0) if self.statuses else 200


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def time() -> list[float]:
    return [1_800_000_000.0]


@pytest.fixture
def made(inbox: Inbox, time: list[float]) -> PaymentSandbox:
    return PaymentSandbox(endpoints=[Endpoint("https://a.test/w", SECRET)], seconds=lambda: time[0], post=inbox.post)


def happen(sandbox: PaymentSandbox, times: int = 1) -> None:
    with sandbox.world.step():
        for _ in range(times):
            sandbox.world.emit("account.updated", sandbox.world.make("account"))


def test_what_arrives_is_read_by_the_product(app: Flask, made: PaymentSandbox, inbox: Inbox) -> None:
    happen(made)
    assert made.courier.deliver_due() == 1
    [(body, signature)] = inbox.got
    with app.app_context():
        event = read_webhook(body, signature, now=at(made.world.now()))
    assert (event.kind, event.livemode, event.api_version) == ("account.updated", False, "2026-10-28.endive")
    assert made.courier.deliver_due() == 0


def test_one_that_is_not_answered_is_tried_again_for_three_days(made: PaymentSandbox, inbox: Inbox, time: list[float]) -> None:
    inbox.statuses = [500, 0, 302]
    happen(made)
    assert made.courier.deliver_due() == 0
    assert made.courier.deliver_due() == 0  # not yet due again
    assert len(inbox.got) == 1
    for _ in range(3):
        time[0] += 3600
        made.courier.deliver_due()
    assert len(inbox.got) == 4
    assert len({body for body, _ in inbox.got}) == 1
    assert len({signature for _, signature in inbox.got}) == 4
    assert list(made.world.each("delivery")) == []


def test_one_that_nobody_ever_takes_is_given_up(made: PaymentSandbox, inbox: Inbox, time: list[float]) -> None:
    inbox.statuses = [500] * 100
    happen(made)
    for _ in range(100):
        time[0] += 3600
        made.courier.deliver_due()
    assert len(inbox.got) == 12
    assert list(made.world.each("delivery")) == []


def test_the_knobs_of_delivery(made: PaymentSandbox, inbox: Inbox, time: list[float]) -> None:
    made.set_webhooks(drop=1.0)
    happen(made)
    assert made.courier.due() == []
    made.set_webhooks(drop=0.0, duplicate=1.0)
    happen(made)
    made.courier.deliver_due()
    assert len(inbox.got) == 2
    made.set_webhooks(duplicate=0.0, paused=True)
    happen(made)
    assert made.courier.deliver_due() == 0
    made.set_webhooks(paused=False, delay=600)
    happen(made, 20)
    early = made.courier.deliver_due()
    time[0] += 600
    assert early < 21
    assert early + made.courier.deliver_due() == 21


def test_reordered_is_another_order_and_the_same_every_time(made: PaymentSandbox) -> None:
    happen(made, 20)
    straight = [each["id"] for each in made.courier.due()]
    made.set_webhooks(reorder=True)
    mixed = [each["id"] for each in made.courier.due()]
    assert mixed != straight
    assert sorted(mixed) == sorted(straight)


def test_a_restart_knows_everything(tmp_path: Path, inbox: Inbox) -> None:
    file = tmp_path / "state.sqlite3"
    first = PaymentSandbox(endpoints=[Endpoint("https://a.test/w", SECRET)], state=file, post=inbox.post)
    first.set_webhooks(duplicate=0.5)
    first.advance(86_400)
    happen(first)
    with first.world.step():
        assert first.keys.begin("k", "POST", "/v1/x", {}) is None
        first.keys.end("k", "POST", "/v1/x", {}, (200, {"id": "x"}))
        first.world.later(first.world.now() + 10, "checkout.expire", "cs_test_none")
    now = first.world.now()
    first.world.close()
    second = PaymentSandbox(endpoints=[Endpoint("https://a.test/w", SECRET)], state=file, post=inbox.post)
    assert second.world.now() - now < 5
    assert [event["type"] for event in second.events()] == ["account.updated"]
    assert second.courier.knobs["duplicate"] == 0.5
    assert second.keys.begin("k", "POST", "/v1/x", {}) == (200, {"id": "x"})
    second.courier.deliver_due()
    assert inbox.got
    second.advance(86_400)
    assert second.keys.begin("k", "POST", "/v1/x", {}) is None
    second.world.close()
