"""Hours as people tick them: parts of a weekday, and as answers keep them: windows of minutes. Pure.

A session has to lie inside one window, so parts that touch become one. What was said more exactly over the API stays, as a box of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ((360, 540, "6 to 9"), (540, 720, "9 to 12"), (720, 1020, "12 to 17"), (1020, 1320, "17 to 22"))
Window = Mapping[str, int]


def named(weekday: int, first: int, last: int) -> str:
    return f"{weekday}-{first}-{last}"


def read_windows(ticked: Iterable[str]) -> list[dict[str, Any]]:
    """Windows of what was ticked, in order, touching ones joined. What is no box of ours is kept as it was written, for whoever checks answers to refuse."""
    days: dict[int, list[tuple[int, int]]] = {}
    wrong: list[dict[str, Any]] = []
    for text in ticked:
        numbers = text.split("-")
        if len(numbers) != 3 or not all(each.isascii() and each.isdigit() and len(each) <= 4 for each in numbers):
            wrong.append({"weekday": text[:20]})
            continue
        weekday, first, last = map(int, numbers)
        days.setdefault(weekday, []).append((first, last))
    joined = [
        {"weekday": weekday, "from_minute": first, "to_minute": last} for weekday, spans in sorted(days.items()) for first, last in _joined(sorted(spans))
    ]
    return joined + wrong


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in spans:
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def boxes(windows: Sequence[Window]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """For each weekday its boxes: name, words, ticked."""
    shown = []
    for weekday, day in enumerate(DAYS):
        mine = [(each["from_minute"], each["to_minute"]) for each in windows if each.get("weekday") == weekday]
        inside = [(first, last, any(start <= first and last <= end for start, end in mine)) for first, last, _ in PARTS]
        row = [(named(weekday, first, last), words, ticked) for (first, last, words), (_, _, ticked) in zip(PARTS, inside, strict=True)]
        covered = _joined([(first, last) for first, last, ticked in inside if ticked])
        row += [(named(weekday, *span), f"{_clock(span[0])} to {_clock(span[1])}", True) for span in mine if span not in covered]
        shown.append((day, row))
    return shown


def in_words(windows: Sequence[Window]) -> list[str]:
    return [f"{DAYS[each['weekday']]} {_clock(each['from_minute'])} to {_clock(each['to_minute'])}" for each in windows]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
