"""What a code takes off, and every reason why it does not hold; parts add up to what is paid."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from payments.codes.terms import REFUSALS, Occasion, Terms, off, parts, refusal
from payments.processor_amounts import can_be_charged, is_enough

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
PRICE = Money(6000, "GBP")
HERE = Occasion(PRICE, payer_id=1, payee_id=2, is_first=True)
TENTH = Terms(points=1000)
FIVE = Terms(off=Money(500, "GBP"))


@pytest.mark.parametrize(
    ("terms", "price", "less"),
    [
        (TENTH, Money(6005, "GBP"), 601),
        (FIVE, Money(300, "GBP"), 300),
        (Terms(points=10_000), Money(1, "JPY"), 1),
        (Terms(points=333), Money(10_001, "BHD"), 341),  # 333 by the share; what is left has to end in a zero to be charged
        (Terms(points=9_999), Money(6000, "GBP"), 6000),  # a penny cannot be charged
        (Terms(points=9_900), Money(6000, "GBP"), 5940),
        (FIVE, PRICE, 500),
    ],
)
def test_it_takes_off_what_it_says_and_never_more_than_all(terms: Terms, price: Money, less: int) -> None:
    assert off(terms, price) == less


@given(st.integers(1, 10**8), st.integers(1, 10_000), st.sampled_from(["GBP", "EUR", "JPY", "KWD", "MGA", "HUF"]))
def test_what_is_left_of_a_price_can_be_charged_or_is_nothing(amount: int, points: int, currency: str) -> None:
    left = amount - off(Terms(points=points), Money(amount, currency))
    assert left == 0 or (can_be_charged(left, currency) and is_enough(left, currency))
    assert 0 <= left <= amount


@given(st.integers(0, 10**9), st.integers(1, 10_000), st.integers(0, 10_000), st.sampled_from(["platform", "payee"]))
def test_parts_add_up_to_what_is_paid_and_a_payee_bears_no_code_of_ours(amount: int, points: int, fee_points: int, bearer: Any) -> None:
    price = Money(amount, "GBP")
    less = off(Terms(points=points), price)
    theirs, ours = parts(price, less, fee_points, bearer)
    assert theirs + ours == amount - less
    assert theirs >= 0
    if bearer == "platform":
        assert theirs == parts(price, 0, fee_points, bearer)[0], "the therapist has what they would have without the code"
    else:
        assert ours >= 0


@pytest.mark.parametrize(
    ("terms", "occasion", "uses", "by_person", "reason"),
    [
        (TENTH, HERE, 0, 0, None),
        (replace(TENTH, holds_from=NOW), HERE, 0, 0, None),
        (replace(TENTH, holds_from=NOW + timedelta(seconds=1)), HERE, 0, 0, "not_yet"),
        (replace(TENTH, holds_until=NOW), HERE, 0, 0, "over"),
        (replace(TENTH, holds_until=NOW + timedelta(seconds=1)), HERE, 0, 0, None),
        (replace(TENTH, person_id=1), HERE, 0, 0, None),
        (replace(TENTH, person_id=9, holds_until=NOW), HERE, 0, 0, "not_yours"),
        (replace(TENTH, payee_id=9), HERE, 0, 0, "other_payee"),
        (FIVE, replace(HERE, price=Money(6000, "EUR")), 0, 0, "currency"),
        (replace(TENTH, first_only=True), replace(HERE, is_first=False), 0, 0, "first_only"),
        (replace(TENTH, most_uses=3), HERE, 2, 0, None),
        (replace(TENTH, most_uses=3), HERE, 3, 0, "used_up"),
        (TENTH, HERE, 1, 1, "used_by_you"),
        (replace(TENTH, most_uses_each=None), HERE, 9, 9, None),
        (TENTH, replace(HERE, price=Money(0, "GBP")), 0, 0, "nothing_off"),
    ],
)
def test_why_a_code_does_not_hold(terms: Terms, occasion: Occasion, uses: int, by_person: int, reason: str | None) -> None:
    assert refusal(terms, occasion, uses=uses, uses_of_person=by_person, now=NOW) == reason
    assert reason is None or reason in REFUSALS


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"points": 0},
        {"points": 10_001},
        {"points": 1, "off": Money(1, "GBP")},
        {"off": Money(0, "GBP")},
        {"points": 1, "bearer": "payee"},
    ],
)
def test_terms_that_say_nothing_or_two_things_cannot_be_made(stated: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 each says something else
        Terms(**stated)
