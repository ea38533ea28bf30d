"""Codes in the database: told once, used once, given back, and the last use has one winner."""

import threading
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import NotFound
from core.money import Money
from payments.codes.issue import IssuedCode, digest_of, issue_call_back_code, issue_code, stop_code
from payments.codes.models import CodeUse, DiscountCode
from payments.codes.terms import Occasion, Terms
from payments.codes.use import CodeDoesNotHold, give_back_use, look_at_code, use_code, use_of
from tests.factories.accounts import a_person

PRICE = Money(6000, "GBP")


def why(text: str, occasion: Occasion) -> str:
    with pytest.raises(CodeDoesNotHold) as refused:
        look_at_code(text, occasion, now=now())
    return str(refused.value.extra["reason"])


def an_issued_code(**terms: object) -> tuple[IssuedCode, Occasion]:
    payer, payee, admin = a_person().id, a_person().id, a_person().id
    return issue_code(Terms(**{"points": 1000, **terms}), source="platform", by=admin, now=now()), Occasion(PRICE, payer, payee, is_first=True)  # type: ignore[arg-type]


def test_a_code_is_kept_as_a_digest_and_read_as_people_type_it(database: None) -> None:
    with transaction():
        issued, here = an_issued_code()
        assert issued.text.replace("-", "") not in repr(vars(issued.code))
        typed = f" {issued.text.lower().replace('-', ' - ')} "
        assert digest_of(typed) == issued.code.digest
        reduced = look_at_code(typed, here, now=now())
        assert (reduced.before, reduced.after) == (PRICE, Money(5400, "GBP"))
        assert db.session.scalar(select(func.count()).select_from(CodeUse)) == 0
        assert why("ABCDE-FGHJK", here) == "not_yours"


def test_a_use_stands_once_for_a_reference_and_can_be_given_back(database: None, clock: FixedClock) -> None:
    with transaction():
        issued, here = an_issued_code(most_uses=1)
        reference = uuid.uuid4()
        use = use_code(issued.text, here, reference=reference, now=now())
        assert use.to_pay == Money(5400, "GBP")
        assert use_code(issued.text, here, reference=reference, now=now()).id == use.id
        assert issued.code.uses == 1
        assert why(issued.text, here) == "used_by_you"
        other = Occasion(PRICE, a_person().id, here.payee_id, is_first=True)
        assert why(issued.text, other) == "used_up"
        give_back_use(reference, now=now())
        give_back_use(reference, now=now())
        assert (issued.code.uses, use_of(reference)) == (0, None)
        assert use_code(issued.text, other, reference=uuid.uuid4(), now=now()).person_id == other.payer_id


def test_another_code_of_the_same_reference_takes_the_place_of_the_first(database: None) -> None:
    with transaction():
        issued, here = an_issued_code(most_uses=1)
        second, _ = an_issued_code(points=2000)
        reference = uuid.uuid4()
        use_code(issued.text, here, reference=reference, now=now())
        assert use_code(second.text, here, reference=reference, now=now()).off_amount == 1200
        assert issued.code.uses == 0


def test_a_call_back_code_is_for_one_person_and_a_first_session_within_30_days(database: None, clock: FixedClock) -> None:
    with transaction():
        caller, guide, payee = a_person().id, a_person().id, a_person().id
        issued = issue_call_back_code(caller, by=guide, points=2500, now=now())
        here = Occasion(PRICE, caller, payee, is_first=True)
        assert look_at_code(issued.text, here, now=now()).after == Money(4500, "GBP")
        assert why(issued.text, Occasion(PRICE, guide, payee, is_first=True)) == "not_yours", "answered like no code at all"
        assert why(issued.text, Occasion(PRICE, caller, payee, is_first=False)) == "first_only"
        clock.advance(days=30)
        assert why(issued.text, here) == "over"


def test_a_stopped_code_is_over_and_only_its_owner_stops_it(database: None, clock: FixedClock) -> None:
    with transaction():
        issued, here = an_issued_code()
        with pytest.raises(NotFound):
            stop_code(issued.code.public_id, by=here.payer_id, payee_id=here.payee_id, now=now())
        stop_code(issued.code.public_id, by=issued.code.made_by, now=now())
        stop_code(issued.code.public_id, by=issued.code.made_by, now=now() + timedelta(days=1))
        assert issued.code.stopped_at == now()
        assert why(issued.text, here) == "over"


@pytest.mark.races
def test_the_last_use_of_a_code_has_one_winner(committed_app: Flask) -> None:
    callers = 6
    with committed_app.app_context(), transaction():
        issued, here = an_issued_code(most_uses=2)
        people = [a_person().id for _ in range(callers)]
    ready, outcomes = threading.Barrier(callers), []

    def use_at_once(person_id: int) -> None:
        with committed_app.app_context():
            ready.wait()
            try:
                with transaction():
                    use_code(issued.text, Occasion(PRICE, person_id, here.payee_id, is_first=True), reference=uuid.uuid4(), now=now())
                outcomes.append("used")
            except CodeDoesNotHold as refused:
                outcomes.append(str(refused.extra["reason"]))

    threads = [threading.Thread(target=use_at_once, args=(person_id,)) for person_id in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["used"] * 2 + ["used_up"] * (callers - 2)
    with committed_app.app_context():
        assert db.session.scalar(select(DiscountCode.uses)) == 2
