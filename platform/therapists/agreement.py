"""The agreement with therapists: its versions as a data file, and until when a signature under one of them is enough. Pure.

A version is known by the digest of its words; what was signed cannot be changed afterwards without being seen.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "agreement.json"


@dataclass(frozen=True)
class Agreement:
    """One version. It is offered from `in_force_on`; until `sign_by`, its last day of grace, a signature under the version before is enough."""

    version: str
    in_force_on: date
    sign_by: date
    draft: bool
    title: str
    paragraphs: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over the title and the paragraphs."""
        return hashlib.sha256(json.dumps([self.title, *self.paragraphs], ensure_ascii=False).encode()).hexdigest()


def in_force(versions: Sequence[Agreement], day: date) -> Agreement:
    """The version that is offered for signing on a day; the first one before any is in force."""
    return next((each for each in reversed(versions) if each.in_force_on <= day), versions[0])


def is_known(versions: Sequence[Agreement], version: str | None) -> bool:
    """Whether there is, or was, such a version."""
    return any(each.version == version for each in versions)


def last_day_under(versions: Sequence[Agreement], version: str | None) -> date | None:
    """The last day on which a signature under this version is enough; None while no newer one has been written."""
    later = [each.sign_by for number, each in enumerate(versions) if version in [earlier.version for earlier in versions[:number]]]
    return min(later, default=None)


def read_agreements(document: Mapping[str, Any]) -> tuple[Agreement, ...]:
    """The versions of a document, oldest first; ValueError when they are out of order or empty."""
    found = tuple(
        Agreement(
            row["version"], date.fromisoformat(row["in_force_on"]), date.fromisoformat(row["sign_by"]), row["draft"], row["title"], tuple(row["paragraphs"])
        )
        for row in document["versions"]
    )
    if not found or len({each.version for each in found}) != len(found) or list(found) != sorted(found, key=lambda each: each.in_force_on):
        raise ValueError("versions of the agreement stand once each, the oldest first")
    for each in found:
        if each.sign_by < each.in_force_on or not each.title or not all(each.paragraphs) or not (each.draft or document["signed_by"]):
            raise ValueError(f"agreement {each.version}: grace before force, empty words, or a final version that nobody signed")
    return found


@lru_cache(maxsize=1)
def agreements() -> tuple[Agreement, ...]:
    """The versions of this package's file, the oldest first."""
    return read_agreements(json.loads(FILE.read_bytes()))
