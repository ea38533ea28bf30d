"""Stripe's way of writing nested parameters in a form: ``a[b][0][c]=d``."""

import re
from collections.abc import Iterable
from typing import Any

from app.payment_sandbox.refusals import Refused

NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Dicts and lists of text. Refused for a name that cannot be read, or that means two things."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        read = NAME.match(name)
        if not read:
            raise Refused(f"Invalid parameter name: {name}", param=name)
        keys = [read[1], *re.findall(r"\[([^\[\]]*)\]", read[2])]
        place = found
        for key in keys[:-1]:
            below = place.setdefault(_key(place, key), {})
            if not isinstance(below, dict):
                raise Refused(f"Invalid parameter name: {name}", param=name)
            place = below
        last = _key(place, keys[-1])
        if last in place:
            raise Refused(f"Received the parameter {name} twice", param=name)
        place[last] = value
    return {name: _lists(value) for name, value in found.items()}


def _key(place: dict[str, Any], key: str) -> str:
    """``a[]`` counts on."""
    return key or str(len(place))


def _lists(value: Any) -> Any:
    """Dicts whose keys are 0, 1, 2 ... are lists."""
    if not isinstance(value, dict):
        return value
    if value and list(value) == [str(number) for number in range(len(value))]:
        return [_lists(each) for each in value.values()]
    return {name: _lists(each) for name, each in value.items()}
