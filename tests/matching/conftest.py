"""The invented cast, and guests who visit."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.demo.load import cast
from core.db import db, transaction
from tests.browser import Browser
from tests.matching.visits import Visit
from therapists.models import Therapist


@pytest.fixture
def therapists(database: None) -> dict[str, Therapist]:
    """T01 to T22, as `cast_engine` wrote them down; what a test changes is rolled back."""
    with transaction():
        return {row["id"]: db.session.scalars(select(Therapist).filter_by(display_name=row["name"])).one() for row in cast()["therapists"]}


@pytest.fixture
def visit(client: Callable[[], Browser]) -> Callable[[], Visit]:
    """A guest who has given consent."""
    return lambda: Visit(client()).begin()
