"""A world for money: the application on a database that forgets everything afterwards, the sandbox, one clock for both, and somebody who asks to be paid.

Whoever asks (`Hold`) stands for what is paid for: it is held until its checkout is over, a rival may take it after that, and what was paid too late goes back.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.payment_sandbox.refusals import Refused
from app.payment_sandbox.sandbox import PaymentSandbox
from app.payment_sandbox.world import Thing
from core import jobs
from core.clock import FixedClock, use_clock
from core.db import db, transaction
from core.errors import DomainError
from core.money import Money
from desk.models import Case
from payments import news, processor, processor_line
from payments.ask import ask_for
from payments.cards import charge_calls
from payments.cards.charge import BeingPaid, begin_charge
from payments.cards.charge_calls import send_charge
from payments.cards.keep import card_in_force
from payments.checkout.begin import Terms, begin_checkout, live_attempt
from payments.checkout.look_calls import look_at_payment
from payments.checkout.open_calls import open_checkout
from payments.give_up import give_up
from payments.lifecycle import ATTEMPT_STEPS, PAYMENT_STEPS, REFUND_STEPS
from payments.models import Payment, PaymentAttempt, ProcessorEvent, Refund
from payments.news import GiveBack, Kept, PaymentNews, Verdict
from payments.processor_facts import PaymentIntent
from payments.processor_failures import NoSuchObject, ProcessorUnavailable
from payments.refunds.request import Disputed, MoreThanLeft, refund_part
from tests.conftest import _next_due
from tests.factories.accounts import a_person
from tests.fakes.outbox import Outbox
from tests.fakes.payment_sandbox import sandbox_of

START = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
GRACE = timedelta(minutes=5)
PURPOSE = "session"
MOST_TRIES = 60  # of one job; the queue of production gives up after ten, and the poller begins anew


class Crash(BaseException):
    """The process is gone. Not an Exception: nothing on the way may take it for a failure."""


@dataclass
class Hold:
    """What is paid for. `verdict` is what was said of the money, once."""

    reference: uuid.UUID
    payer: int
    payee: int
    due: Money
    until: datetime
    state: str = "held"
    taken: bool = False
    by_card: bool = False  # charged to a kept card: nothing of it may arrive where nobody waits for it
    payments: set[uuid.UUID] = field(default_factory=set)


class MoneyWorld:
    """Every method is one step of somebody. `check` holds the invariants after each, `settle_and_check` what must be true in the end."""

    def __init__(self, app: Flask, clock: FixedClock, outbox: Outbox) -> None:
        self.app, self.clock, self.outbox = app, clock, outbox
        self.sandbox: PaymentSandbox
        self.holds: dict[uuid.UUID, Hold] = {}
        self.answered: set[str] = set()  # ids of events that were answered 2xx
        self._seen: dict[tuple[str, int], str] = {}
        self._tries: dict[str, int] = {}
        self._on_its_way: list[Callable[[], object]] = []

    # -- who asks -----------------------------------------------------------------------------------------------------------------------------------

    def hear(self, told: PaymentNews, now: datetime) -> Verdict:
        """The listener: it runs in a transaction that may be rolled back, so saying the same again must be harmless."""
        hold = self.holds[told.reference]
        if told.paid is None:
            hold.state = "lapsed" if hold.state == "held" and now >= hold.until else hold.state
            return Kept()
        if hold.state == "confirmed":
            return Kept()
        if hold.taken or hold.state in ("released", "cancelled"):
            return GiveBack("too_late")
        hold.state = "confirmed"
        return Kept()

    def hold(self, amount: int = 9000, currency: str = "GBP") -> Hold:
        with transaction():
            payer, payee = a_person(at=self.clock.now()).id, a_person(at=self.clock.now()).id
        made = Hold(uuid.uuid4(), payer, payee, Money(amount, currency), self.clock.now() + timedelta(minutes=10))
        self.holds[made.reference] = made
        return made

    def checkout(self, hold: Hold) -> str | None:
        """Begin or resume paying; the session's id, or None when it cannot be opened now."""
        if hold.state != "held" or (hold.taken and self.clock.now() >= hold.until):
            return None
        try:
            with transaction():
                payment = ask_for(hold.due, reference=hold.reference, purpose=PURPOSE, payer_id=hold.payer, payee_id=hold.payee, now=self.clock.now())
                if (known := live_attempt(payment)) is not None and known.kind == "charge":
                    raise BeingPaid
                attempt = begin_checkout(payment, now=self.clock.now(), saves_card=Terms("2026-11"))
                assert attempt.expires_at is not None
                until, attempt_id = attempt.expires_at + GRACE, attempt.id
            hold.until = until
            hold.payments.add(payment.public_id)
            open_checkout(attempt_id)
        except DomainError:
            return None
        return self.session_of(hold)

    def session_of(self, hold: Hold) -> str | None:
        names = {str(each) for each in hold.payments}
        found = [each["id"] for each in self.sandbox.world.each("checkout.session") if each["client_reference_id"] in names]
        return found[-1] if found else None

    def pay(self, hold: Hold, card: str = "4242424242424242", *, approve: bool | None = True) -> bool:
        """The payer fills in the page; False when it is closed."""
        session = self.session_of(hold)
        try:
            return session is not None and bool(self.sandbox.pay(session, card, approve=approve))
        except Refused:
            return False

    def answer_bank(self, *, approved: bool) -> None:
        for intent in self.intents("requires_action"):
            self.sandbox.authenticate(intent["id"], approved=approved)

    def charge(self, earlier: Hold, *, dropped_on_its_way: bool) -> Hold | None:
        """Another date of the payer of an earlier one, charged to the card that was kept then; they may change their mind while the call is on its way."""
        with transaction():
            if card_in_force(earlier.payer, earlier.payee) is None:
                return None
            made = Hold(uuid.uuid4(), earlier.payer, earlier.payee, earlier.due, self.clock.now() + timedelta(days=1), by_card=True)
            self.holds[made.reference] = made
            payment = ask_for(made.due, reference=made.reference, purpose=PURPOSE, payer_id=made.payer, payee_id=made.payee, now=self.clock.now())
            attempt_id = begin_charge(payment, now=self.clock.now()).id
        made.payments.add(payment.public_id)
        self._on_its_way = [lambda: (self.release(made), self.work())] if dropped_on_its_way else []
        with suppress(ProcessorUnavailable):
            send_charge(attempt_id)
        return made

    def charge_saved_card(self, **call: Any) -> PaymentIntent:
        """The product's call: what happens while it is on its way happens, then it arrives."""
        while self._on_its_way:
            self._on_its_way.pop()()
        return processor.charge_saved_card(**call)

    def come_back(self, hold: Hold) -> None:
        """The payer opens the page that they are sent back to: it looks, and confirms nothing by itself."""
        for payment in hold.payments:
            try:
                look_at_payment(payment)
            except (ProcessorUnavailable, NoSuchObject):
                continue

    def rival(self, hold: Hold) -> None:
        """Somebody else takes the time, which is free only after its hold."""
        if hold.state in ("held", "lapsed") and self.clock.now() >= hold.until:
            hold.taken = True

    def release(self, hold: Hold) -> None:
        """The client changes their mind before paying; what is open at the processor is closed there first."""
        if hold.state != "held":
            return
        with transaction():
            if give_up(hold.reference, PURPOSE, reason="released", now=self.clock.now()).value != "paid":
                hold.state = "released"

    def refund(self, hold: Hold, amount: int) -> None:
        for payment in hold.payments:
            try:
                with transaction():
                    refund_part(payment, amount, reason="goodwill", by=hold.payee, now=self.clock.now())
            except (MoreThanLeft, Disputed):
                continue

    def refund_by_hand(self, amount: int | None = None) -> None:
        for intent in self.intents("succeeded")[-1:]:
            try:
                self.sandbox.refund_by_hand(intent["id"], amount)
            except Refused:
                continue

    def dispute(self) -> None:
        for intent in self.intents("succeeded")[-1:]:
            try:
                self.sandbox.dispute(intent["id"])
            except Refused:
                continue

    # -- the machinery ------------------------------------------------------------------------------------------------------------------------------

    def intents(self, status: str | None = None) -> list[Thing]:
        return [each for each in self.sandbox.world.each("payment_intent") if status in (None, each["status"])]

    def post(self, _url: str, body: bytes, signature: str) -> int:
        """Webhooks come in by the product's own door."""
        answer = FlaskClient(self.app, self.app.response_class).post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.answered.add(json.loads(body)["id"])
        return answer.status_code

    def deliver(self) -> int:
        return self.sandbox.courier.deliver_due()

    def carry(self, event: Thing) -> None:
        """One event now, whatever is queued."""
        assert self.sandbox.courier.carry(event, self.sandbox.courier.endpoints[0]) == 200

    def work(self) -> None:
        """The worker: what fails because nobody answers is done again later."""
        while due := _next_due(self.clock.now()):
            name, arguments = due
            try:
                jobs.registry[name].run(**arguments)
            except (ProcessorUnavailable, NoSuchObject):
                self._again_later(name, arguments)
            except Crash:
                self._again_later(name, arguments)
                raise

    def _again_later(self, name: str, arguments: dict[str, Any]) -> None:
        key = f"{name}{arguments}"
        self._tries[key] = self._tries.get(key, 0) + 1
        assert self._tries[key] < MOST_TRIES, f"{name} fails for ever"
        with transaction():
            jobs.registry[name].enqueue_at(self.clock.now() + timedelta(seconds=30), **arguments)

    def poll(self) -> None:
        jobs.registry["payments.poll"].run()
        self.work()

    def minutes(self, number: int, *, deliver: bool = False, stride: int = 1) -> None:
        """Time passes, `stride` minutes at a time, with worker and poller."""
        for _ in range(0, number, stride):
            self.clock.advance(minutes=stride)
            with self.sandbox.world.step():
                pass
            if deliver:
                self.deliver()
            self.poll()

    # -- invariants ---------------------------------------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """I3, I4 and I5, at any moment."""
        with transaction():
            payments = db.session.execute(select(Payment.id, Payment.state, Payment.captured_amount, Payment.returned_amount)).all()
            attempts = db.session.execute(select(PaymentAttempt.id, PaymentAttempt.state)).all()
            refunds = db.session.execute(select(Refund.id, Refund.state)).all()
            kept = db.session.scalars(select(ProcessorEvent.event_id)).all()
        assert self.answered <= set(kept), "an event was answered and not kept"
        assert set(kept) <= {event["id"] for event in self.sandbox.events()}, "an event was kept that nobody sent"
        assert len(kept) == len(set(kept))
        for row in payments:
            assert 0 <= row.returned_amount <= row.captured_amount, row
            self._moved("payment", row.id, row.state, {str(a): {str(b) for b in to} for a, to in PAYMENT_STEPS.items()})
        for attempt in attempts:
            self._moved("attempt", attempt.id, attempt.state, {str(a): {str(b) for b in to} for a, to in ATTEMPT_STEPS.items()})
        for refund in refunds:
            self._moved("refund", refund.id, refund.state, {str(a): {str(b) for b in to} for a, to in REFUND_STEPS.items()})
        for hold in self.holds.values():
            assert sum(net > 0 for net in self._nets(hold)) <= 1, f"paid twice: {self._nets(hold)}"

    def _moved(self, kind: str, number: int, state: str, steps: dict[str, set[str]]) -> None:
        """From what was seen last there must be a way along the table, of one step or several."""
        before = self._seen.setdefault((kind, number), state)
        reached, edge = {before}, {before}
        while edge:
            edge = set().union(*(steps[each] for each in edge)) - reached
            reached |= edge
        assert state in reached, f"{kind} {number} went from {before} to {state}"
        self._seen[kind, number] = state

    def _nets(self, hold: Hold) -> list[int]:
        names = {str(each) for each in hold.payments}
        charges = [each for each in self.sandbox.world.each("charge") if each["paid"] and each["metadata"].get("reference") in names]
        return [each["amount_captured"] - each["amount_refunded"] for each in charges]

    def settle_and_check(self) -> None:
        """Everything works again and time passes: then every cent is a booking, a refund or a case (I2), and nothing waits for nobody."""
        self.sandbox.faults.clear()
        self.sandbox.set(paused=False)
        self.sandbox.set_webhooks(drop=0.0, duplicate=0.0, delay=0, reorder=False, paused=False)
        jobs.registry["payments.catch_up_nightly"].run()
        self.minutes(75, deliver=True, stride=3)
        self.check()
        self.check_the_end()

    def check_the_end(self) -> None:
        with transaction():
            db.session.expire_all()
            payments = {str(each.public_id): each for each in db.session.scalars(select(Payment))}
            refunds = list(db.session.scalars(select(Refund)))
            cases = set(db.session.scalars(select(Case.subject_id).where(Case.kind == "money", Case.state != "closed")))
            live = db.session.scalars(select(PaymentAttempt.state).where(PaymentAttempt.state.in_(["intended", "open"]))).all()
            waiting = db.session.scalars(select(ProcessorEvent.kind).where(ProcessorEvent.state == "waiting")).all()
        assert live == [], "an attempt is still live long after its time"
        assert waiting == [], "events wait for ever"
        for intent in self.intents("succeeded"):
            payment = payments.get(intent["metadata"].get("reference", ""))
            assert payment is not None, f"money of nobody: {intent['id']}"
            own = [each for each in refunds if each.payment_id == payment.id]
            owned = bool({str(payment.public_id), intent["id"]} & cases) or any(str(each.public_id) in cases for each in own)
            self._accounted(intent, payment, own, owned=owned)
        for payment in payments.values():
            if payment.captured_amount:
                assert any(each["id"] == payment.intent for each in self.intents("succeeded")), f"we hold money that nobody paid: {payment.public_id}"

    def _accounted(self, intent: Thing, payment: Payment, own: list[Refund], *, owned: bool) -> None:
        charge = self.sandbox.world.find("charge", intent["latest_charge"])
        assert charge is not None
        if payment.intent != intent["id"]:
            assert owned, f"captured, and no payment knows it: {intent['id']}"
            assert not self.holds[payment.reference].by_card, f"charged after it was closed as never made: {intent['id']}"
            return
        assert (payment.captured_amount, payment.captured_currency) == (charge["amount_captured"], charge["currency"].upper())
        unsent = sum(each.amount for each in own if each.state in ("requested", "needs_person"))
        assert payment.returned_amount - unsent == charge["amount_refunded"] or owned, f"{payment.returned_amount} != {charge['amount_refunded']} returned"
        assert not unsent or owned, "a refund was promised and never sent"
        hold = self.holds[payment.reference]
        if payment.state == "settled":
            assert payment.told_at is not None, "nobody was told of the money"
        if hold.state == "confirmed":
            assert payment.asked == hold.due
        else:
            assert charge["amount_refunded"] == charge["amount_captured"] or owned, f"money in limbo: {hold.state}, {charge['amount_refunded']} back"


@contextmanager
def money_world(app: Flask, *, seed: int = 0, at: datetime = START) -> Iterator[MoneyWorld]:
    """Everything is rolled back at the end; the line's pauses take no time."""
    with app.app_context():
        clock, outbox = FixedClock(at), Outbox()
        world = MoneyWorld(app, clock, outbox)
        with use_clock(clock), _patched(app, world), _rolled_back(), sandbox_of(app, lambda: clock.now().timestamp(), post=world.post, seed=seed) as sandbox:
            world.sandbox = sandbox
            yield world


@contextmanager
def _patched(app: Flask, world: MoneyWorld) -> Iterator[None]:
    listener = news._listeners.get(PURPOSE)
    pauses: dict[str, Any] = {"FIRST_PAUSE": 0.0, "OPEN_SECONDS": 0.0}
    before = {name: getattr(processor_line, name) for name in pauses}
    transport = app.extensions.get("mail_transport")
    news._listeners[PURPOSE] = world.hear
    app.extensions["mail_transport"] = world.outbox
    charge_calls.processor = SimpleNamespace(**{**vars(processor), "charge_saved_card": world.charge_saved_card})  # type: ignore[assignment]
    for name, value in pauses.items():
        setattr(processor_line, name, value)
    try:
        yield
    finally:
        charge_calls.processor = processor
        news._listeners.pop(PURPOSE)
        if listener is not None:
            news._listeners[PURPOSE] = listener
        app.extensions.pop("mail_transport")
        if transport is not None:
            app.extensions["mail_transport"] = transport
        for name, value in before.items():
            setattr(processor_line, name, value)


@contextmanager
def _rolled_back() -> Iterator[None]:
    """As the fixture `database`, as often as wanted."""
    engine = db.engine
    with engine.connect() as connection:
        outer = connection.begin()
        db.engines[None] = connection  # type: ignore[index]  # a session takes a connection as well
        try:
            yield
        finally:
            db.session.remove()
            db.engines[None] = engine  # type: ignore[index]
            if outer.is_active:
                outer.rollback()
