"""What a gift code pays and what stays of it, in whole units of any currency; and the terms, from dated data."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, of_units
from payments.gifts.balance import kept_of_card, kept_of_code, pays, share_of
from payments.gifts.sell import digest_of
from payments.gifts.terms import CURRENCIES, GiftTerms, all_terms, bounds, is_possible, require_lawful, terms_on
from payments.processor_amounts import can_be_charged, is_enough

currencies = st.sampled_from(["GBP", "USD", "JPY", "KWD", "HUF", "XAF"])


@given(st.integers(0, 10**7), st.integers(1, 10**6), currencies)
def test_a_code_pays_no_more_than_is_left_and_leaves_a_card_what_it_can_pay(left: int, units: int, currency: str) -> None:
    price = units * 10
    paid = pays(left, price, currency)
    rest = price - paid
    assert 0 <= paid <= min(left, price)
    assert rest == 0 or paid == 0 or (can_be_charged(rest, currency) and is_enough(rest, currency))
    assert paid == price or left < price


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_of_what_goes_back_the_card_gets_first(by_code: int, by_card: int, keep: int) -> None:
    keep = min(keep, by_code + by_card)
    of_code, of_card = kept_of_code(keep, by_code), kept_of_card(keep, by_code)
    assert of_code + of_card == keep
    assert 0 <= of_code <= by_code
    assert 0 <= of_card <= by_card
    assert of_card == 0 or of_code == by_code, "nothing is kept of the card while the code could bear it"


@given(st.integers(-(10**5), 10**5), st.integers(0, 10**5), st.integers(1, 10**5))
def test_our_fee_on_code_and_card_adds_up(fee: int, part: int, rest: int) -> None:
    whole = part + rest
    assert share_of(fee, part, whole) + (fee - share_of(fee, part, whole)) == fee
    assert abs(share_of(fee, part, whole)) <= abs(fee)
    assert share_of(fee, whole, whole) == fee
    assert share_of(fee, 0, 0) == 0


def test_no_code_runs_out_before_the_law_lets_it() -> None:
    paid = datetime(2028, 2, 29, 9, tzinfo=UTC)
    assert all(terms.years is None or terms.years >= 5 for terms in all_terms())
    assert terms_on(date(2026, 11, 29)).expires_at(paid) is None
    five = GiftTerms("test", date(2026, 1, 1), 5, 14)
    require_lawful(five)
    assert five.expires_at(paid) == datetime(2033, 3, 1, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="before 5 years"):
        require_lawful(GiftTerms("test", date(2026, 1, 1), 4, 14))


def test_what_a_code_can_be_of() -> None:
    assert bounds("GBP") == (600, 60_000)
    assert [is_possible(amount, "GBP") for amount in (599, 600, 60_000, 60_001)] == [False, True, True, False]
    assert not is_possible(1000, "UGX")
    assert all(can_be_charged(bounds(each)[0], each) for each in CURRENCIES)


def test_a_code_is_the_same_however_it_is_typed() -> None:
    assert digest_of("abcd-efgh jkmn-2345") == digest_of("ABCDEFGHJKMN2345") != digest_of("ABCDEFGHJKMN2346")


def test_amounts_as_people_write_them() -> None:
    assert [of_units(text, "GBP").amount for text in ("50", "50.5", "50,50", "0")] == [5000, 5050, 5050, 0]
    assert of_units("1000", "JPY") == Money(1000, "JPY")
    for text in ("", "50.505", "-1", "1e3", "1 000", "\u0665"):
        with pytest.raises(ValueError, match="amount"):
            of_units(text, "GBP")
