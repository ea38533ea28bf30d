"""R48: every planted defect is found once and is somebody's case; a clean history has none; a second run changes nothing."""

import time

import pytest
from flask import Flask

from tests.money import size
from tests.money.history import History, history
from tests.money.planted import PLANTED


def found(made: History) -> list[tuple[str, str]]:
    return [(each.kind, each.name) for each in made.differences("open")]


def test_R48_a_clean_history_has_no_difference(app: Flask) -> None:
    with history(app) as made:
        made.every_clean_life()
        made.settle()
        cases = made.cases()
        counts = made.compare()
        assert found(made) == []
        assert {kind: number for kind, number in counts.items() if kind in {"differences", "new", "gone"}} == {"differences": 0, "new": 0, "gone": 0}
        assert counts["compared_captured"] == 13
        assert made.cases() == cases


def test_R48_what_has_just_happened_is_no_difference(app: Flask) -> None:
    """Paid, given back by hand, disputed and paid out at the processor, and no news of it is here yet."""
    with history(app) as made:
        back, disputed, paid_out = made.paid(), made.paid(), made.paid_out()
        made.settle()
        paid = made.world.hold()
        made.world.checkout(paid)
        made.world.clock.advance(minutes=20)
        made.world.sandbox.set_webhooks(paused=True)
        made.world.pay(paid)
        made.world.sandbox.refund_by_hand(made.intent_of(back)["id"], 400)
        made.world.sandbox.dispute(made.intent_of(disputed)["id"])
        made.world.refund(paid_out, 1000)
        made.world.clock.advance(minutes=5)
        made.compare()
        assert found(made) == []
        made.world.sandbox.set_webhooks(paused=False)
        made.news()
        made.settle()
        made.compare()
        assert found(made) == []


def test_R48_a_checkout_that_is_looked_at_is_left_to_its_own_clock(app: Flask) -> None:
    with history(app) as made:
        hold = made.world.hold()
        made.world.checkout(hold)
        with made.unheard():
            made.world.pay(hold)
        made.world.clock.advance(minutes=20)
        made.compare()
        assert found(made) == []
        made.settle()
        assert hold.state == "confirmed"


def test_R48_what_is_right_again_closes_its_own_case(app: Flask) -> None:
    with history(app) as made:
        intent = made.intent_of(made.paid())
        made.world.sandbox.set_webhooks(paused=True)
        made.world.sandbox.refund_by_hand(intent["id"], 400)
        made.settle()
        made.compare()
        assert [kind for kind, _ in found(made)] == ["refund_unknown"]
        made.world.sandbox.set_webhooks(paused=False)
        made.news()
        assert made.compare()["gone"] == 1
        assert found(made) == []


def test_R48_a_balance_that_nothing_explains_is_a_difference_once(app: Flask) -> None:
    with history(app) as made:
        made.paid()
        line = made.world.sandbox.world.make(
            "balance_transaction", **{**made.things("balance_transaction")[-1], "id": "txn_old", "amount": 500, "fee": 0, "net": 500}
        )
        line["created"] -= 400 * 86_400
        made.settle()
        made.compare()
        assert [(each.kind, each.drift) for each in made.differences("open")] == [("balance_unexplained", [["other", "GBP", 500]])]
        assert made.compare()["new"] == 0


@pytest.mark.parametrize("kind", PLANTED)
def test_R48_finds(app: Flask, kind: str) -> None:
    with history(app) as made:
        made.paid()
        planted = PLANTED[kind](made)
        made.settle()
        first = made.compare()
        assert found(made) == [(kind, planted)]
        assert (first["differences"], first["new"]) == (1, 1)
        cases = made.cases()
        again = made.compare()
        assert found(made) == [(kind, planted)]
        assert (again["differences"], again["new"], again["gone"], made.cases()) == (1, 0, 0, cases)


def test_R48_finds_all_twenty_among_clean_lives(app: Flask) -> None:
    with history(app) as made:
        made.every_clean_life()
        planted = sorted((kind, plant(made)) for kind, plant in PLANTED.items())
        assert len(planted) == 20
        made.settle()
        counts = made.compare()
        assert sorted(found(made)) == planted
        assert counts["new"] == 20
        cases = made.cases()
        again = made.compare()
        assert (again["new"], again["gone"], made.cases()) == (0, 0, cases)


def test_P6_R48_twenty_among_ten_thousand_within_a_minute(app: Flask) -> None:
    with history(app) as made:
        made.many(size(40, 10_000))
        planted = sorted((kind, plant(made)) for kind, plant in PLANTED.items())
        made.settle()
        began = time.perf_counter()
        made.compare()
        took = time.perf_counter() - began
        print(f"compared {size(40, 10_000)} payments in {took:.1f} s")  # noqa: T201 the measurement
        assert sorted(found(made)) == planted
        assert took < 60
        assert made.compare()["new"] == 0
