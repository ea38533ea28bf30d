"""Our fee: published, a share of what a client pays, and by where the client came from. Payers never pay it on top. Pure, from dated data.

There is no fee for being shown, for a request, or for a first talk that is free.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from core.money import share

Origin: TypeAlias = Literal["match", "directory", "invited"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
FILE = Path(__file__).parent / "data" / "platform_fees.json"


@dataclass(frozen=True, slots=True)
class PlatformFees:
    """`points` are hundredths of a percent by origin; `words` complete "We keep N % ..."."""

    version: str
    begins_on: date
    points: dict[str, int]
    words: dict[str, str]

    def fee(self, amount: int, origin: str) -> int:
        """Our part of `amount` minor units, rounded half up."""
        return share(amount, self.points[origin])


@cache
def all_fees() -> tuple[PlatformFees, ...]:
    """Every version, the earliest first. ValueError for data that leaves an origin out or takes more than all."""
    said = json.loads(FILE.read_text())["versions"]
    versions = [PlatformFees(each["version"], date.fromisoformat(each["from"]), each["points"], each["words"]) for each in said]
    for each in versions:
        if set(each.points) != set(ORIGINS) or set(each.words) != set(ORIGINS) or not all(0 <= points <= 10_000 for points in each.points.values()):
            raise ValueError(f"{each.version} of the fees does not say what each origin costs")
    return tuple(sorted(versions, key=lambda each: each.begins_on))


def fees_on(day: date) -> PlatformFees:
    """What holds for a payment that is asked for on this day."""
    return next(each for each in reversed(all_fees()) if each.begins_on <= day or each is all_fees()[0])
