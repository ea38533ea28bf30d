"""Mail addresses."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.address import normal_address


@pytest.mark.parametrize("written", ["Robin@Example.ORG", " robin@example.org ", "robin@example.org"])
def test_case_and_space_do_not_make_another_address(written: str) -> None:
    assert normal_address(written) == "robin@example.org"


@pytest.mark.parametrize("good", ["a@b.co", "first.last+tag@sub.example.org", "o'neil@example.org", "x@xn--bcher-kva.example"])
def test_ordinary_addresses_are_taken(good: str) -> None:
    assert normal_address(good) == good


MISSHAPEN = ["", "@", "a", "a@", "@b.org", "a@b", "a@b..org", ".a@b.org", "a.@b.org", "a..b@b.org", "a b@b.org", "a@-b.org", "a@b-.org", "a@127.0.0.1"]
MORE_THAN_ONE = ["a@b.org\r\nBcc: c@d.org", "a\n@b.org", "a@b.org,c@d.org", "<a@b.org>", "Name <a@b.org>", '"a b"@c.org', "a\0@b.org"]
NOT_ASCII = ["ä@b.org", "a@ä.org", "\ud800@b.org"]
TOO_LONG = ["a" * 65 + "@b.org", "a@" + "b" * 64 + ".org", "a@" + ("b" * 60 + ".") * 5 + "org"]
KILLERS = ["a" * 100_000, "a@" + "a" * 100_000, "a@" + "a." * 50_000, "." * 100_000 + "@b.org", "a@" + "-" * 100_000, "a" * 50 + "!" * 100_000]


@pytest.mark.parametrize("bad", [*MISSHAPEN, *MORE_THAN_ONE, *NOT_ASCII, *TOO_LONG])
def test_anything_else_is_none(bad: str) -> None:
    assert normal_address(bad) is None


@pytest.mark.parametrize("killer", KILLERS)
def test_R73_no_text_takes_long(killer: str) -> None:
    begun = time.perf_counter()
    assert normal_address(killer) is None
    assert time.perf_counter() - begun < 0.1


@given(st.text())
def test_what_is_taken_is_one_line_of_ascii_with_one_border(written: str) -> None:
    address = normal_address(written)
    if address is not None:
        assert address.isascii()
        assert address.isprintable()
        assert " " not in address
        assert normal_address(address) == address
