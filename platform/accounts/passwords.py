"""Passwords at rest: argon2id (RFC 9106). A check against an account that does not exist takes as long as one against an account that does."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask import Flask, current_app

from accounts.password_rules import normal, refusal
from core.errors import Invalid

# 64 MiB, three passes, one lane: 150 to 300 ms on small machines.
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
# Tests hash hundreds of passwords; what they check does not depend on the cost.
HASHER_OF_TESTS = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def init_app(app: Flask) -> None:
    hasher = HASHER_OF_TESTS if app.config["ENVIRONMENT"] == "test" else HASHER
    app.extensions["password_hasher"] = hasher
    app.extensions["password_of_nobody"] = hasher.hash("nobody signs in with this")


def require_acceptable(password: str, *, personal: tuple[str | None, ...] = (), field: str = "password") -> None:
    """Invalid, under the name of the field, for a password that `password_rules` refuses."""
    if why_not := refusal(password, personal=[text for text in personal if text]):
        raise Invalid(errors={field: [why_not]})


def hash_password(password: str) -> str:
    return _hasher().hash(normal(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Compare in full length and in constant work; None stands for an account that does not exist and is never right."""
    try:
        _hasher().verify(password_hash or current_app.extensions["password_of_nobody"], normal(password))
    except VerificationError:
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Made with other costs than today's: hash again at the next sign-in."""
    return _hasher().check_needs_rehash(password_hash)


def _hasher() -> PasswordHasher:
    return current_app.extensions["password_hasher"]  # type: ignore[no-any-return]
