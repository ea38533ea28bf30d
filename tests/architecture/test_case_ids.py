"""The cases of booking and of its reliability each have a test that carries their id, so that a missing one can be counted."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
# G5 is about webhooks to others, which come with integrations.
LATER = {"G5"}
BOOKING = (
    "A1 A2 A4 A5 A6 A7 A9 A10 A12 A13 A15 A16 A18 A19 A20 A21 A23 A24 A26 A28 A29 A30 A31 A32 A33 A34 "
    "B1 B3 B4 B5 B7 B9 B10 B12 B13 B14 "
    "C1 C2 C4 C5 C6 C7 C9 C11 C12 "
    "D1 D2 D3 D4 D5 D6 D8 D9 D10 D11 D12 D13 D14 D15 D16 D18 D19 D20 D22 D24 "
    "E1 E2 E3 E6 E7 E8 E10 E11 E12 E13 E15 E16 E17 E18 "
    "F1 F2 F3 F4 F6 F7 F8 F9 "
    "G1 G2 G4 G5 "
)
RELIABILITY = [f"R{number:02}" for number in (*range(1, 22), 64)]
ID = re.compile(r"(?<![A-Za-z0-9])([A-G]\d{1,2}|R\d\d)(?![A-Za-z0-9])")


def carried() -> set[str]:
    """Ids in the names of tests, and in the ids of their parameters."""
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.update(ID.findall(node.name.replace("_", " ")))
                constants = (each.value for mark in node.decorator_list for each in ast.walk(mark) if isinstance(each, ast.Constant))
                found.update(each for text in constants if isinstance(text, str) for each in ID.findall(text.replace("_", " ")))
    return found


def test_every_case_of_booking_has_a_test_under_its_id() -> None:
    assert {*BOOKING.split(), *RELIABILITY} - carried() == LATER
