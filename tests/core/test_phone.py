"""Telephone numbers in E.164."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phone import NUMBER, e164


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+44 20 7946 0000", "+442079460000"),
        ("+44 (0)20 7946-0000", "+442079460000"),
        ("0044 20 7946 0000", "+442079460000"),
        ("+1 (212) 555.0100", "+12125550100"),
        ("+91/98765/43210", "+919876543210"),
    ],
)
def test_a_number_as_people_write_it(written: str, number: str) -> None:
    assert e164(written) == number


@pytest.mark.parametrize(
    "written",
    ["020 7946 0000", "+0 20 7946 0000", "+44 20", "+4420794600001234", "call me", "+44 20 7946 ٠٠٠٠", "+44+20 7946 0000", "", "+44 20 7946 0000\n", "9" * 60],
)
def test_what_is_no_number_with_a_country_code_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="number"):
        e164(written)


@given(st.text(alphabet="0123456789+ ().-/", max_size=45))
def test_whatever_passes_is_e164_and_passes_again(written: str) -> None:
    try:
        number = e164(written)
    except ValueError:
        return
    assert NUMBER.fullmatch(number)
    assert e164(number) == number
