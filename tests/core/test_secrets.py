"""Tokens, sealed values and money: small, pure, exact."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import CannotOpen, KeyRing
from core.money import Money
from core.tokens import digest_of, new_token


def ring(*names: str) -> KeyRing:
    return KeyRing({name: bytes([ord(name[-1])]) * 32 for name in names})


def test_a_token_has_256_bits_and_is_kept_as_a_digest() -> None:
    tokens = {new_token().secret for _ in range(200)}
    assert len(tokens) == 200
    assert all(len(base64.urlsafe_b64decode(secret + "==")) == 32 for secret in tokens)
    token = new_token()
    assert digest_of(token.secret) == token.digest
    assert token.secret.encode() not in token.digest


@given(st.binary(max_size=500), st.text(max_size=40))
def test_what_is_sealed_opens_in_its_place(plain: bytes, place: str) -> None:
    keys = ring("k1")
    assert keys.open(keys.seal(plain, bound_to=place), bound_to=place) == plain


@given(st.binary(min_size=1, max_size=60), st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_value_does_not_open(plain: bytes, position: int, flip: int) -> None:
    keys = ring("k1")
    sealed = bytearray(keys.seal(plain, bound_to="t:c:1"))
    sealed[3 + position % (len(sealed) - 3)] ^= flip
    with pytest.raises(CannotOpen):
        keys.open(bytes(sealed), bound_to="t:c:1")


@pytest.mark.parametrize("place", ["t:c:2", "t:d:1", "u:c:1"])
def test_a_value_copied_elsewhere_does_not_open(place: str) -> None:
    keys = ring("k1")
    with pytest.raises(CannotOpen):
        keys.open(keys.seal(b"x", bound_to="t:c:1"), bound_to=place)


def test_R76_a_new_key_in_front_seals_and_old_values_still_open() -> None:
    old, both = ring("k1"), ring("k2", "k1")
    sealed = old.seal(b"x", bound_to="p")
    assert both.open(sealed, bound_to="p") == b"x"
    with pytest.raises(CannotOpen, match="k2"):
        old.open(both.seal(b"x", bound_to="p"), bound_to="p")


@pytest.mark.parametrize("setting", ["", "k1", "k1:short", "k1:" + base64.b64encode(bytes(16)).decode(), "k 1:" + "A" * 44, "k1:!!!"])
def test_unusable_keys_are_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"key"):
        KeyRing.parse(setting)


def test_money_is_minor_units() -> None:
    assert str(Money(6050, "GBP")) == "GBP 60.50"
    assert str(Money(6050, "JPY")) == "JPY 6050"
    assert str(Money(1, "KWD")) == "KWD 0.001"


@pytest.mark.parametrize(("amount", "currency"), [(-1, "GBP"), (1, "gbp"), (1, "GB"), (1, "£££")])
def test_impossible_money_is_refused(amount: int, currency: str) -> None:
    with pytest.raises(ValueError, match=r"amount|currency"):
        Money(amount, currency)
