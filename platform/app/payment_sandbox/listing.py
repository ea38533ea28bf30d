"""Lists by cursor, and ids that are answered as whole objects (`expand`)."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.payment_sandbox import balance
from app.payment_sandbox.refusals import Refused, no_such
from app.payment_sandbox.world import Thing, World, shown

USUAL_PAGE, LARGEST_PAGE = 10, 100
DEEPEST_EXPANSION = 4
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda found, asked: found > asked,
    "gte": lambda found, asked: found >= asked,
    "lt": lambda found, asked: found < asked,
    "lte": lambda found, asked: found <= asked,
}
# Parameters of lists that are no filter on a field of that name.
PAGING = frozenset({"limit", "starting_after", "ending_before", "expand", "created", "types", "type", "payment_intent"})


def page(things: Iterable[Thing], said: dict[str, Any], address: str) -> dict[str, Any]:
    """Newest first. Every other parameter must equal the field of its name."""
    limit = said.get("limit", USUAL_PAGE)
    if not 1 <= limit <= LARGEST_PAGE:
        raise Refused(f"Invalid integer: limit must be between 1 and {LARGEST_PAGE}.", code="parameter_invalid_integer", param="limit")
    newest_first = reversed(list(things))
    if "starting_after" in said:
        _pass_by(newest_first, said["starting_after"])
    wanted = (each for each in newest_first if _wanted(each, said))
    found = _before(list(wanted), said["ending_before"], limit) if "ending_before" in said else list(itertools.islice(wanted, limit + 1))
    return {"object": "list", "url": address, "has_more": len(found) > limit, "data": found[:limit]}


def _pass_by(things: Iterator[Thing], cursor: str) -> None:
    """Everything up to the object that a page begins after. Only its name is looked at: long lists are read page by page."""
    if not any(each["id"] == cursor for each in things):
        raise no_such("object", cursor, "starting_after")


def _before(found: list[Thing], cursor: str, limit: int) -> list[Thing]:
    """The page that ends before this object."""
    place = next((number for number, each in enumerate(found) if each["id"] == cursor), None)
    if place is None:
        raise no_such("object", cursor, "ending_before")
    return found[max(0, place - limit) : place]


def _wanted(thing: Thing, said: dict[str, Any]) -> bool:
    created = said.get("created")
    if isinstance(created, int) and thing["created"] != created:
        return False
    if isinstance(created, dict) and not all(COMPARISONS[how](thing["created"], when) for how, when in created.items()):
        return False
    if "types" in said and thing["type"] not in said["types"]:
        return False
    if "type" in said and thing.get("type") != said["type"]:
        return False
    if "payment_intent" in said and thing.get("payment_intent") != said["payment_intent"]:
        return False
    return all(thing.get(name) == value for name, value in said.items() if name not in PAGING)


def answer(world: World, thing: Thing, expand: list[str]) -> Thing:
    """The object as it is answered."""
    said = _whole(world, thing)
    for path in expand:
        steps = path.split(".")
        if len(steps) > DEEPEST_EXPANSION:
            raise Refused(f"You cannot expand more than {DEEPEST_EXPANSION} levels of a property.", param="expand")
        _expand(world, said, steps, path)
    return said


def _expand(world: World, thing: Thing, steps: list[str], path: str) -> None:
    name, *rest = steps
    if name not in thing:
        raise Refused(f"This property cannot be expanded ({path}).", param="expand")
    value = thing[name]
    if isinstance(value, str):
        found = world.any(value)
        if found is None:
            raise Refused(f"This property cannot be expanded ({path}).", param="expand")
        value = thing[name] = _whole(world, found)
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and rest:
            _expand(world, each, rest, path)


def _whole(world: World, thing: Thing) -> Thing:
    if thing.get("object") == "list":
        return {**shown({**thing, "data": []}), "data": [_whole(world, each) for each in thing["data"]]}
    return balance.as_of_now(world, thing) if thing.get("object") == "balance_transaction" else dict(shown(thing))
