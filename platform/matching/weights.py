"""The ranking policy: versioned objects with every number that decides an order. Pure; served by the API as they stand here.

Additive on absolute scales: score = sum of weight x share over the dimensions the person gave an answer for, divided by the sum of those
weights. Any change of a number here, or of a formula of `dimensions`, is a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

HIGH_FACTOR = 2.0
EMPHASES = ("off", "normal", "high")
# Measured outcomes never weigh more, also for somebody who lets them count twice.
MOST_OUTCOMES = 10.0


@dataclass(frozen=True)
class Dimension:
    """`weight` counts by default; `waits_for` says why a dimension weighs nothing yet."""

    name: str
    label: str
    weight: float
    plain: str
    waits_for: str | None = None


DIMENSIONS = (
    Dimension(
        "concern",
        "What it is about",
        30,
        "How much of what you named the therapist works with. Your main concern counts double, your goals together as much as one further concern; "
        "what they name as one of at most five core areas, and we checked, counts fully; what they merely list counts 0.6, a wider area 0.5. More "
        "than you asked for neither helps nor harms.",
    ),
    Dimension(
        "availability",
        "Times",
        15,
        "Openings inside your hours in the next 14 days (four or more count fully), and how soon the first one is. Where you have to ask first, "
        "an opening counts as later by the time that an answer usually takes.",
    ),
    Dimension(
        "style",
        "Way of working",
        12,
        "How close the therapist's own answers about their style are to what you prefer, where your preference is clear.",
    ),
    Dimension(
        "modality",
        "Kind of therapy",
        10,
        "Whether they offer a kind you asked for (1), a wider kind it belongs to (0.6) or a close relative (0.3).",
    ),
    Dimension(
        "evidence",
        "Evidence for the problem",
        8,
        "What guidelines say about the kinds of therapy they have proven training in.",
        waits_for="a version of the evidence table that a named clinician has signed",
    ),
    Dimension(
        "identity",
        "Who they are",
        10,
        "Only what you asked for yourself, and only from the therapist's own published words; wishes count by their strength.",
    ),
    Dimension(
        "price",
        "Price",
        7,
        "How comfortably the lowest fee you qualify for lies within the most you want to pay. An insurance that they say they accept counts fully.",
    ),
    Dimension("setting", "Language and setting", 5, "Languages, formats and access needs you asked for, by their strength."),
    Dimension(
        "outcomes",
        "Measured outcomes",
        0,
        "How clients with a problem like yours did, compared fairly.",
        waits_for="enough measured courses of therapy, with consent",
    ),
    Dimension(
        "responsiveness",
        "Answers and keeps appointments",
        3,
        "How reliably requests were answered in time and appointments kept. The fewer there were, the nearer to neutral; new therapists are neutral.",
    ),
)

NEVER_COUNTS = (
    "what a therapist pays us",
    "sponsorship",
    "sign-up date",
    "name",
    "title or degree",
    "years of experience",
    "stars or reviews",
    "your own identity",
    "anything you did not ask for",
)


@dataclass(frozen=True)
class Weights:
    """`strengths` weigh wishes inside one dimension; `words` are the lowest scores of "strong" and "good", anything below is "partial"."""

    version: str = "2026-11-28.1"
    dimensions: tuple[Dimension, ...] = DIMENSIONS
    strengths: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({"must": 3.0, "strong": 2.0, "nice": 1.0}))
    words: tuple[tuple[str, float], ...] = (("strong", 0.75), ("good", 0.55), ("partial", 0.0))
    unknown: float = 0.5
    never_counts: tuple[str, ...] = NEVER_COUNTS

    def effective(self, dimension: Dimension, emphasis: str, *, evidence_signed: bool) -> float:
        """The weight of a dimension for one person: nothing while it waits or is switched off, twice as much when marked high."""
        if emphasis == "off" or (dimension.name == "evidence" and not evidence_signed):
            return 0.0
        weight = dimension.weight * (HIGH_FACTOR if emphasis == "high" else 1.0)
        return min(weight, MOST_OUTCOMES) if dimension.name == "outcomes" else weight

    def word_of(self, score: float) -> str:
        """In words (strong, good, partial); never a percentage."""
        return next(word for word, least in self.words if score >= least)


@dataclass(frozen=True)
class SlatePolicy:
    """What may move a card beside the fit (`slate`), and how far. Scores are on 0..1.

    `epsilon`: the first card scores at most so much below the highest. `relevance` is the part of the fit, against likeness, when a different approach
    is looked for. `explores`: how often a list shows somebody new second to last; at most `most_explored` of them take turns.
    """

    epsilon: float = 0.03
    longest: int = 5
    pool: int = 40
    exposure_days: int = 14
    places_without_limit: int = 10
    relevance: float = 0.8
    explores: float = 0.1
    shortest_to_explore: int = 4
    most_explored: int = 5


WEIGHTS = Weights()
SLATE = SlatePolicy()
# Every version that a kept slate may name; the present one last.
VERSIONS: Mapping[str, tuple[Weights, SlatePolicy]] = MappingProxyType({WEIGHTS.version: (WEIGHTS, SLATE)})
