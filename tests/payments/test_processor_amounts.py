"""Our minor units and the processor's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.processor_amounts import AmountNotPossible, can_be_charged, from_processor, to_processor


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [(9000, "GBP", 9000), (500, "JPY", 500), (5120, "KWD", 5120), (5, "ISK", 500), (1500, "MGA", 15)],
)
def test_each_kind_of_currency_is_said_as_the_processor_reads_it(amount: int, currency: str, said: int) -> None:
    assert to_processor(amount, currency) == said
    assert from_processor(said, currency) == amount


@pytest.mark.parametrize(("amount", "currency"), [(5124, "KWD"), (150, "MGA"), (1000, "UGX"), (0, "EUR"), (-5, "EUR")])
def test_what_cannot_be_said_exactly_is_refused_and_never_rounded(amount: int, currency: str) -> None:
    assert not can_be_charged(amount, currency)
    with pytest.raises(AmountNotPossible):
        to_processor(amount, currency)


@given(st.integers(1, 10**8), st.sampled_from(["GBP", "EUR", "JPY", "ISK", "KWD", "MGA", "UGX", "USD", "HUF"]))
def test_an_amount_survives_the_way_there_and_back(amount: int, currency: str) -> None:
    if can_be_charged(amount, currency):
        assert from_processor(to_processor(amount, currency), currency) == amount


def test_a_fraction_that_we_cannot_hold_is_not_read() -> None:
    with pytest.raises(AmountNotPossible):
        from_processor(550, "ISK")
