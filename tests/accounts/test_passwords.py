"""Passwords at rest."""

import pytest
from argon2 import PasswordHasher, Type
from flask import Flask

from accounts import passwords
from accounts.passwords import HASHER, hash_password, is_outdated, is_password, require_acceptable
from core.errors import Invalid


def test_production_hashes_with_argon2id_64_mib_three_passes() -> None:
    assert (HASHER.type, HASHER.memory_cost, HASHER.time_cost, HASHER.parallelism) == (Type.ID, 65_536, 3, 1)
    application = Flask("x")
    application.config["ENVIRONMENT"] = "production"
    passwords.init_app(application)
    assert application.extensions["password_hasher"] is HASHER
    assert application.extensions["password_of_nobody"].startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_only_the_whole_right_password_is_right(database: None) -> None:
    kept = hash_password("sparrow-lantern-42-gravel")
    assert is_password("sparrow-lantern-42-gravel", kept)
    for wrong in ("sparrow-lantern-42-grave", "Sparrow-lantern-42-gravel", "sparrow-lantern-42-gravel ", "", "x" * 1000):
        assert not is_password(wrong, kept)


def test_two_hashes_of_one_password_differ(database: None) -> None:
    assert hash_password("sparrow-lantern-42-gravel") != hash_password("sparrow-lantern-42-gravel")


def test_nobodys_password_is_never_right(database: None) -> None:
    assert not is_password("nobody signs in with this", None)


def test_a_password_is_the_same_however_it_was_typed(database: None) -> None:
    assert is_password("caf\u00e9 caf\u00e9 caf\u00e9 noir", hash_password("cafe\u0301 cafe\u0301 cafe\u0301 noir"))


def test_old_costs_are_noticed(database: None) -> None:
    assert not is_outdated(hash_password("sparrow-lantern-42-gravel"))
    assert is_outdated(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1).hash("sparrow-lantern-42-gravel"))


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(Invalid) as caught:
        require_acceptable("short", field="new")
    assert list(caught.value.errors) == ["new"]
