"""Which passwords are refused."""

import time

import pytest

from accounts.password_rules import LONGEST, SHORTEST, refusal

OWN_WORDS = ["sparrow-lantern-42-gravel", "корабль тихо плывёт домой", "kein Regen am Dienstag bitte", "8371950264718359", "ffzq xkwo vbtm lplr"]
OTHER_SCRIPT = "密码并不容易猜到因为它很长很长的呢"
DOUBLED = ["password1234567", "passwordpassword", "PasswordPassword1!", "P@ssw0rdP@ssw0rd", "Summer2026Summer!", "letmeinletmein123"]
ROWS = ["123456789012345", "qwertyuiopasdfghjkl", "1qaz2wsx3edc4rfv5", "zyxwvutsrqponmlk", "987654321098765", "qwerty123456qwerty", "abcdefghijklmnop"]
FEW_LETTERS = ["aaaaaaaaaaaaaaaaaaaa", "abababababababababab"]
PHRASES = ["iloveyouforever!", "correct horse battery staple", "correcthorsebatterystaple", "attunetherapist1", "thisismypassword"]


@pytest.mark.parametrize("good", [*OWN_WORDS, OTHER_SCRIPT])
def test_words_of_ones_own_are_taken_whatever_characters_they_use(good: str) -> None:
    assert refusal(good) is None


def test_length_counts_from_15_to_128_code_points() -> None:
    alphabet = "mzkqwxvbtrplnghd"
    assert SHORTEST == 15
    assert refusal(alphabet[:14]) is not None
    assert refusal(alphabet[:15]) is None
    assert refusal("é" * 3 + alphabet[:12]) is None
    assert refusal((alphabet * 9)[:LONGEST]) is None
    assert refusal((alphabet * 9)[: LONGEST + 1]) is not None


@pytest.mark.parametrize("common", [*DOUBLED, *ROWS, *FEW_LETTERS, *PHRASES])
def test_what_everybody_tries_first_is_refused(common: str) -> None:
    assert refusal(common) is not None


def test_ones_own_name_and_address_do_not_count() -> None:
    assert refusal("robin.ferrington-1987", personal=["robin.ferrington@example.org"]) is not None
    assert refusal("robin.ferrington-1987", personal=["sam@example.net"]) is None


def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    assert refusal("e\u0301" * 14) is not None  # fourteen letters, however they are written


def test_no_text_takes_long() -> None:
    begun = time.perf_counter()
    for killer in ("a1" * 500, "password" * 125, "0123456789" * 100, "\u0301" * 1000):
        refusal(killer, personal=["a" * 250 + "@example.org"])
    assert time.perf_counter() - begun < 0.2
