"""The table of `make broken-gates` covers every gate, and each of its lines still breaks what it names."""

import ast

import pytest

from matching.policy import GATES
from tests.matching.broken_gates import BREAKS, ROOT, SOURCE, Break


def test_every_gate_of_the_policy_is_in_the_table() -> None:
    assert {each.code for each in BREAKS} == {*GATES, "unit of the list"}


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.code)
def test_the_line_stands_there_once_and_stays_python_when_broken_and_the_test_exists(each: Break) -> None:
    source = (SOURCE / each.file).read_text()
    assert source.count(each.was) == 1
    ast.parse(source.replace(each.was, each.becomes))
    file, name = each.test.split("::")
    assert f"def {name.partition('[')[0]}(" in (ROOT / file).read_text()
