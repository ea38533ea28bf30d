"""Histories of money for the comparison with the processor, without a defect: those of `planted` are planted into one.

Everything that can happen without a defect happens through the product and the sandbox over HTTP. A defect is what neither of them would do: a row of one side
is changed behind the other's back, or its news never comes.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.payment_sandbox import payments as sandbox_payments
from app.payment_sandbox.cards import make_method
from app.payment_sandbox.world import Thing
from core.db import db, transaction
from core.money import Money
from desk.models import Case
from payments import processor
from payments.ask import ask_for
from payments.checkout.apply import take_money
from payments.collection.models import ConnectedAccount
from payments.ledger.post import booked_balances
from payments.models import Payment
from payments.payouts import held_back
from payments.payouts.earn import earn
from payments.reconciler import stands
from payments.reconciler.ask import ask_for_comparison
from payments.reconciler.models import Comparison, Difference
from payments.steps import lock_payment
from tests.money.money_world import PURPOSE, Hold, MoneyWorld, money_world

GOOD, DECLINED = "4242424242424242", "4000000000000002"


@dataclass
class History:
    """A world of money with payees who have accounts. `stays` is what stands for a payment: its whole price while its hold is confirmed."""

    world: MoneyWorld
    accounts: dict[int, str] = field(default_factory=dict)

    # -- lives without a defect ------------------------------------------------------------------------------------------------------------------------

    def paid(self, amount: int = 9000, currency: str = "GBP") -> Hold:
        hold = self.world.hold(amount, currency)
        assert self.world.checkout(hold)
        assert self.world.pay(hold)
        self.news()
        assert hold.state == "confirmed"
        return hold

    def declined_first(self) -> Hold:
        hold = self.world.hold()
        self.world.checkout(hold)
        self.world.pay(hold, DECLINED)
        self.world.pay(hold)
        self.news()
        return hold

    def never_paid(self) -> Hold:
        hold = self.world.hold()
        self.world.checkout(hold)
        self.world.pay(hold, DECLINED)
        return hold

    def too_late(self) -> Hold:
        """The time is taken when the money comes: it goes back."""
        hold = self.world.hold()
        self.world.checkout(hold)
        hold.taken = True
        self.world.pay(hold)
        self.news()
        return hold

    def partly_back(self, amount: int = 2500) -> Hold:
        hold = self.paid()
        self.world.refund(hold, amount)
        self.news()
        return hold

    def back_and_failed(self) -> Hold:
        hold = self.partly_back()
        self.world.sandbox.refund_becomes(self.refund_of(hold)["id"], "failed")
        self.news()
        return hold

    def back_by_hand(self) -> Hold:
        hold = self.paid()
        self.world.sandbox.refund_by_hand(self.intent_of(hold)["id"], 1000)
        self.news()
        return hold

    def disputed(self, won: bool | None = None) -> Hold:
        hold = self.paid()
        dispute = self.world.sandbox.dispute(self.intent_of(hold)["id"])
        self.news()
        if won is not None:
            self.world.sandbox.close_dispute(dispute["id"], won=won)
            self.news()
        return hold

    def paid_out(self) -> Hold:
        hold = self.paid()
        self.account_of(hold.payee)
        with transaction():
            earn(hold.reference, PURPOSE, took_place_at=self.world.clock.now() - timedelta(days=4), now=self.world.clock.now())
        self.news()
        assert self.transfer_of(hold)
        return hold

    def paid_out_and_back(self) -> Hold:
        hold = self.paid_out()
        self.world.refund(hold, 3000)
        self.news()
        return hold

    def to_our_bank(self) -> None:
        self.world.sandbox.to_own_bank(700, "gbp")

    def every_clean_life(self) -> None:
        self.paid()
        self.paid(5000, "JPY")
        self.paid(51_230, "KWD")
        self.declined_first()
        self.never_paid()
        self.too_late()
        self.partly_back()
        self.back_and_failed()
        self.back_by_hand()
        self.disputed()
        self.disputed(won=True)
        self.disputed(won=False)
        self.paid_out()
        self.paid_out_and_back()
        self.to_our_bank()

    def many(self, number: int) -> None:
        """So many paid lives, made quickly: what was paid is taken over as it is listed, without a page or an event."""
        payer, payee = self.paid().payer, self.paid().payee
        now, wanted = self.world.clock.now(), {}
        for _ in range(number):
            hold = Hold(uuid.uuid4(), payer, payee, Money(9000, "GBP"), now, state="confirmed")
            self.world.holds[hold.reference] = hold
            with transaction():
                payment = ask_for(hold.due, reference=hold.reference, purpose=PURPOSE, payer_id=payer, payee_id=payee, our_fee=900, now=now)
            wanted[str(payment.public_id)] = payment.id
        with self.unheard():
            for reference in wanted:
                self.strange_charge(9000, reference=reference)
        told = processor.payment_intents_between(now - timedelta(days=1), now + timedelta(days=1))
        with transaction():
            for intent in told:
                if intent.reference in wanted:
                    payment = lock_payment(wanted[intent.reference])
                    take_money(payment, intent, now=now)
                    payment.told_at = now

    # -- the machinery ---------------------------------------------------------------------------------------------------------------------------------

    def news(self) -> None:
        """What happened is heard of, and what we do because of it as well."""
        for _ in range(2):
            self.world.deliver()
            self.world.work()

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Whatever happens meanwhile, no event of it ever comes."""
        self.world.sandbox.set_webhooks(drop=1.0)
        yield
        self.world.deliver()
        self.world.sandbox.set_webhooks(drop=0.0)

    def settle(self) -> None:
        """Long enough for everything that is open to run out, and for nothing to be young."""
        self.world.minutes(60, deliver=True, stride=10)

    def compare(self) -> dict[str, int]:
        """A whole comparison; its counts."""
        with transaction():
            asked = ask_for_comparison(by=None, now=self.world.clock.now()).id
        self.world.work()
        with transaction():
            comparison = db.session.get_one(Comparison, asked, populate_existing=True)
        assert comparison.state == "done", comparison.failure
        self.check_books()
        return comparison.counts

    def check_books(self) -> None:
        sums: dict[str, int] = {}
        with transaction():
            for (_, currency), amount in booked_balances().items():
                sums[currency] = sums.get(currency, 0) + amount
        assert not any(sums.values()), sums

    def differences(self, *states: str) -> list[Difference]:
        with transaction():
            found = db.session.scalars(select(Difference).order_by(Difference.id).execution_options(populate_existing=True)).all()
        return [each for each in found if not states or each.state in states]

    def cases(self) -> int:
        with transaction():
            return len(db.session.scalars(select(Case.id)).all())

    # -- what belongs to a hold ------------------------------------------------------------------------------------------------------------------------

    def payment_of(self, hold: Hold) -> Payment:
        with transaction():
            return db.session.scalars(select(Payment).where(Payment.reference == hold.reference).execution_options(populate_existing=True)).one()

    def intent_of(self, hold: Hold) -> Thing:
        return next(each for each in self.world.intents("succeeded") if each["metadata"].get("reference") in map(str, hold.payments))

    def charge_of(self, hold: Hold) -> Thing:
        return self.thing("charge", self.intent_of(hold)["latest_charge"])

    def refund_of(self, hold: Hold) -> Thing:
        return next(each for each in self.things("refund") if each["payment_intent"] == self.intent_of(hold)["id"])

    def transfer_of(self, hold: Hold) -> Thing:
        return next(each for each in self.things("transfer") if each["source_transaction"] == self.charge_of(hold)["id"])

    def account_of(self, person_id: int) -> str:
        if person_id not in self.accounts:
            key = f"account:{person_id}"
            reference = processor.create_account(reference=key, country="GB", idempotency_key=key).id
            self.world.sandbox.onboard(reference)
            with transaction():
                account = {"country": "GB", "state": "enabled", "reference": reference, "begun_at": self.world.clock.now()}
                db.session.add(ConnectedAccount(person_id=person_id, public_id=uuid.uuid4(), **account))
            self.accounts[person_id] = reference
        return self.accounts[person_id]

    def things(self, kind: str) -> list[Thing]:
        return list(self.world.sandbox.world.each(kind))

    def thing(self, kind: str, name: str) -> Thing:
        found = self.world.sandbox.world.find(kind, name)
        assert found is not None
        return found

    def line_of(self, thing: Thing) -> Thing:
        return self.thing("balance_transaction", thing["balance_transaction"])

    def forget(self, *things: Thing) -> None:
        for each in things:
            self.world.sandbox.world.forget(each["object"], each["id"])

    def strange_charge(self, amount: int, **metadata: str) -> Thing:
        """Money that nobody here asked for."""
        with self.world.sandbox.world.step():
            made = self.world.sandbox.world
            intent = sandbox_payments.new_intent(made, amount=amount, currency="gbp", customer=None, data={"metadata": metadata})
            sandbox_payments.attempt(made, intent, make_method(made, GOOD))
            return intent


@contextmanager
def history(app: Flask) -> Iterator[History]:
    with money_world(app) as world:
        made = History(world)
        before, asked = dict(stands._stays), list(held_back._asked)
        unsettled = list(stands._unsettled)
        stands._stays[PURPOSE] = lambda references: {each: world.holds[each].due.amount for each in references if world.holds[each].state == "confirmed"}
        stands._unsettled.clear()
        held_back._asked.clear()
        try:
            yield made
        finally:
            stands._stays.clear()
            stands._stays.update(before)
            stands._unsettled.extend(unsettled)
            held_back._asked.extend(asked)


# -- one defect of each kind ---------------------------------------------------------------------------------------------------------------------------
# Each returns the name under which it must be found: the processor's id of the object, else a public id of ours.
