"""A state is moved in one place: there stands the table, and there the audit row or the event is written."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "platform"
# What is moved -> the only file that may.
OWNERS = {
    "credential": "therapists/credential_steps.py",
    "booking": "booking/advance.py",
    "payment": "payments/steps.py",
    "payout": "payments/payouts/steps.py",
    "reversal": "payments/payouts/steps.py",
}
# Models whose `state` other files move, under names of their own.
OTHERS = frozenset(
    {"account", "case", "charging", "comparison", "difference", "dispute", "entry", "event", "gift", "notice", "pack", "relation", "taken", "use", "waiting"}
)
MODELS = {"credential": "Credential", "booking": "Booking", "payment": "Payment", "payout": "Payout", "reversal": "PayoutReversal"}


def state_writes(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name of what is written to): assignments to `.state`, setattr, and `state` in the values of an UPDATE or an INSERT."""
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []
        for target in (each for whole in targets for each in (whole.elts if isinstance(whole, ast.Tuple | ast.List) else [whole])):
            if isinstance(target, ast.Attribute) and target.attr == "state":
                yield node.lineno, ast.unparse(target.value)
        if isinstance(node, ast.Call):
            yield from _writing_call(node)


def _writing_call(node: ast.Call) -> Iterator[tuple[int, str]]:
    name = ast.unparse(node.func)
    if name == "setattr" and isinstance(node.args[1], ast.Constant) and node.args[1].value == "state":
        yield node.lineno, ast.unparse(node.args[0])
    if name.endswith(".values") and any(keyword.arg == "state" for keyword in node.keywords):
        yield node.lineno, name


@pytest.mark.parametrize("what", OWNERS)
def test_only_one_file_writes_the_state(what: str) -> None:
    package, others = (SOURCE / OWNERS[what]).parent, OTHERS | (OWNERS.keys() - {what})
    found = {
        f"{path.relative_to(SOURCE).as_posix()}:{line} {target}"
        for path in sorted(SOURCE.rglob("*.py"))
        for line, target in state_writes(ast.parse(path.read_text()))
        if (path.is_relative_to(package) or what in target or MODELS[what] in target) and target not in others
    }
    owners = {each.partition(":")[0] for each in found}
    assert owners == {OWNERS[what]}, found


@pytest.mark.parametrize(
    "text",
    ["credential.state = 'active'", "a, each.state = 1, 2", "setattr(row, 'state', 'active')", "update(Credential).values(state='active')"],
)
def test_every_way_to_write_a_state_is_seen(text: str) -> None:
    assert list(state_writes(ast.parse(text)))


@pytest.mark.parametrize("text", ["credential.state == 'active'", "select(Credential.state)", "Booking(state='held')", "where(state='x')"])
def test_reading_or_beginning_with_a_state_is_not_a_move(text: str) -> None:
    assert list(state_writes(ast.parse(text))) == []


def test_a_new_claim_begins_unverified() -> None:
    begun = [
        ast.unparse(keyword.value)
        for path in (SOURCE / "therapists").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Credential"
        for keyword in node.keywords
        if keyword.arg == "state"
    ]
    assert begun == ["'unverified'"]
