"""R76: a field key is changed while people work: old and new values are readable, and after sealing anew the old key can go."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from accounts.models import Person
from core import crypto
from core.clock import FixedClock
from core.crypto import CannotOpen, KeyRing
from core.db import Base, db, transaction
from core.reseal import reseal_all, sealed_of
from desk.cases import open_case
from desk.models import Case, CaseStep

ONE, TWO = bytes(range(1, 33)), bytes(range(2, 34))
OLD, BOTH, NEW = KeyRing({"k1": ONE}), KeyRing({"k2": TWO, "k1": ONE}), KeyRing({"k2": TWO})


def sealed_columns() -> list[tuple[type, str]]:
    import app.assembly  # noqa: F401 knows every model

    found = [(mapper.class_, sealed.column) for mapper in Base.registry.mappers for sealed in sealed_of(mapper.class_)]
    return sorted(found, key=lambda each: (each[0].__name__, each[1]))  # every test process must see the same order


@pytest.fixture(autouse=True)
def keys() -> Iterator[Any]:
    """Puts the ring of the tests back."""
    before = crypto.key_ring() if crypto._ring else None
    yield crypto.use_keys
    crypto._ring = before


def test_R76_every_column_that_is_called_sealed_is_and_no_other():
    named = {(mapper.class_, column.name) for mapper in Base.registry.mappers for column in mapper.columns if column.name.endswith("_sealed")}
    assert named == set(sealed_columns())
    assert len(named) >= 13


@pytest.mark.parametrize(("model", "column"), sealed_columns(), ids=lambda each: getattr(each, "__name__", each))
def test_R76_each_sealed_column_reads_old_and_new_values_through_a_change_of_keys(model: type, column: str):
    sealed = next(each for each in sealed_of(model) if each.column == column)
    crypto.use_keys(OLD)
    row = model(public_id=uuid.uuid4())
    sealed.__set__(row, "words")
    kept = getattr(row, column)
    assert b"words" not in kept
    crypto.use_keys(BOTH)
    assert sealed.__get__(row, model) == "words"
    sealed.__set__(row, "newer words")
    crypto.use_keys(NEW)
    assert sealed.__get__(row, model) == "newer words"
    setattr(row, column, kept)
    with pytest.raises(CannotOpen):
        sealed.__get__(row, model)
    row.public_id = uuid.uuid4()
    crypto.use_keys(OLD)
    with pytest.raises(CannotOpen):  # of another row
        sealed.__get__(row, model)


def test_R76_after_sealing_anew_the_old_key_is_not_needed(app: Flask, database: None, clock: FixedClock):
    crypto.use_keys(OLD)
    with transaction():
        people = [Person(name=name, created_at=clock.now()) for name in ("Zoë", "Ann", None, "Bo", "Kim")]
        db.session.add_all(people)
        db.session.flush()
        case = open_case("safety", subject=("intake", "x"), now=clock.now(), due_in=clock.now() - clock.now(), person_id=people[0].id, facts={"said": "words"})
        db.session.add(CaseStep(public_id=uuid.uuid4(), case_id=case.id, at=clock.now(), action="note", note="step"))
    crypto.use_keys(BOTH)
    with transaction():
        db.session.add(Person(name="Newer", created_at=clock.now()))
    assert reseal_all(batch=2) == {"case_steps": 1, "cases": 1, "persons": 4}
    assert reseal_all() == {}
    crypto.use_keys(NEW)
    with transaction():
        db.session.expire_all()
        assert {person.name for person in db.session.query(Person)} == {"Zoë", "Ann", None, "Bo", "Kim", "Newer"}
        assert [row.facts for row in db.session.query(Case)] == [{"said": "words"}]
        assert "step" in {row.note for row in db.session.query(CaseStep)}
        assert db.session.execute(text("SELECT count(*) FROM persons WHERE position('k1'::bytea IN name_sealed) = 2")).scalar_one() == 0
