"""The invented cast in the database, and guests who visit."""

from collections.abc import Callable

import pytest

from app.demo.load import load_cast
from core.clock import FixedClock
from core.db import transaction
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.matching.visits import Visit
from therapists.models import Therapist


@pytest.fixture
def therapists(database: None, clock: FixedClock) -> dict[str, Therapist]:
    """T01 to T22."""
    with transaction():
        verifier = an_account(roles=("verifier",))
        return load_cast(now=clock.now(), verifier_id=verifier.person_id, password_hash="nobody signs in with this")


@pytest.fixture
def visit(client: Callable[[], Browser]) -> Callable[[], Visit]:
    """A guest who has given consent."""
    return lambda: Visit(client()).begin()
