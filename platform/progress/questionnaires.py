"""The questionnaires we give: their words, their bands and cut-offs, as versioned data (questionnaires.json). Pure.

Only instruments that are free to reproduce: PHQ-9, PHQ-8, PHQ-2, GAD-7, GAD-2. Screening, never a diagnosis.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("questionnaires.json")
HIGHEST_ANSWER = 3


@dataclass(frozen=True)
class Band:
    """Sums from `least` to `most`, both included."""

    least: int
    most: int
    name: str


@dataclass(frozen=True)
class Questionnaire:
    """`safety_item` is the number (from 1) of the item about thoughts of being better off dead. `cutoff` is where screening is positive; `caseness` and
    `reliable_change` (points) serve reliable change and recovery alone, and are None where none is published for this language and version.
    """

    slug: str
    name: str
    stem: str
    items: tuple[str, ...]
    bands: tuple[Band, ...]
    cutoff: int
    safety_item: int | None = None
    caseness: int | None = None
    reliable_change: int | None = None

    @property
    def highest(self) -> int:
        """The highest possible sum; the lowest is 0."""
        return len(self.items) * HIGHEST_ANSWER


@cache
def _document() -> dict[str, object]:
    read: dict[str, object] = json.loads(DATA.read_text())
    return read


@cache
def questionnaires() -> Mapping[str, Questionnaire]:
    """By slug, such as ``phq-9``."""
    rows: list[dict[str, object]] = _document()["questionnaires"]  # type: ignore[assignment]
    return {str(row["id"]): _questionnaire(row) for row in rows}


@cache
def answer_words() -> tuple[str, ...]:
    """What 0 to 3 stand for."""
    return tuple(_document()["answers"])  # type: ignore[arg-type]


def version() -> str:
    return str(_document()["version"])


def about_words() -> dict[str, object]:
    """Of whom the words are, of which day words, bands and cut-offs, from what; `draft` until a named clinician has signed this version."""
    document = _document()
    return {"licence": document["licence"], "version": document["version"], "sources": document["sources"], "draft": document["signed_by"] is None}


def offered(*, somebody_can_respond: bool) -> tuple[Questionnaire, ...]:
    """What is given to people now: PHQ-8 stands in for PHQ-9 while nobody trained is on duty to respond to its ninth item."""
    long_form = "phq-9" if somebody_can_respond else "phq-8"
    return tuple(questionnaires()[slug] for slug in ("phq-2", "gad-2", long_form, "gad-7"))


def _questionnaire(row: Mapping[str, object]) -> Questionnaire:
    bands: list[dict[str, object]] = row["bands"]  # type: ignore[assignment]
    return Questionnaire(
        slug=str(row["id"]),
        name=str(row["name"]),
        stem=str(row["stem"]),
        items=tuple(row["items"]),  # type: ignore[arg-type]
        bands=tuple(Band(int(band["from"]), int(band["to"]), str(band["band"])) for band in bands),  # type: ignore[call-overload]
        **{name: row[name] for name in ("cutoff", "safety_item", "caseness", "reliable_change") if name in row},  # type: ignore[arg-type]
    )
