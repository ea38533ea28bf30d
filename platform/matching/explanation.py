"""The reasons in plain words. Pure.

A sentence speaks only of what the person asked for, in the words of the vocabulary, and never of what somebody else is, did or wants.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.money import Money
from matching.candidate import Record
from matching.listing import Listing
from matching.ranking import Ranked, Reason
from matching.shares import Finding
from matching.wishes import Wish, Wishes, fee_for, modality_credit
from taxonomy.vocabulary import Vocabulary

STYLE_WORDS: Mapping[tuple[str, str], str] = {
    ("led", "high"): "takes the lead",
    ("led", "low"): "lets you lead",
    ("intensity", "high"): "goes into strong feelings",
    ("intensity", "low"): "keeps feelings at a distance",
    ("past", "high"): "looks at the past",
    ("past", "low"): "stays with the present and the future",
    ("warmth", "high"): "is warm and supportive",
    ("warmth", "low"): "challenges you",
}
MODE_WORDS: Mapping[str, str] = {"video": "online by video", "phone": "by phone", "chat": "by chat", "in_person": "in person"}
WORDS_OF_STATE: Mapping[str, str] = {"met": "met", "partly": "partly met", "not_met": "not met", "not_stated": "not stated"}
FIT_WORDS: Mapping[str, str] = {"strong": "strong fit", "good": "good fit", "partial": "partial fit"}
ACCEPTS = "They say they accept your insurance; not checked by us; your share may differ."


ROLE_WORDS: Mapping[str, str | None] = {
    "fit": None,
    "different_approach": "A different approach that may be worth considering.",
    "exploring": "New here: shown to you although little is known yet about how they answer.",
}


@dataclass(frozen=True)
class Explained:
    """A reason as people read it: sentences for one dimension, with what it contributes."""

    dimension: str
    label: str
    state: str
    contribution: float
    share: float
    weight: float
    sentences: tuple[str, ...]


def explain(ranked: Ranked, wishes: Wishes, *, vocabulary: Vocabulary, labels: Mapping[str, str]) -> tuple[Explained, ...]:
    """One entry per dimension that counted, largest contribution first. `labels` maps a dimension to its published label."""
    explained = [
        Explained(
            reason.dimension,
            labels[reason.dimension],
            reason.state,
            reason.contribution,
            reason.share,
            reason.weight,
            tuple(_sentence(reason, finding, ranked, wishes, vocabulary) for finding in reason.findings),
        )
        for reason in ranked.scored.reasons
    ]
    return tuple(sorted(explained, key=lambda each: -each.contribution))


def notes(found: Listing, wishes: Wishes, *, vocabulary: Vocabulary) -> list[str]:
    """What the whole list cannot give although it was asked for: a kind of therapy that nobody on it offers."""
    return notes_of(wishes, lambda wish: is_offered(wish, found, wishes, vocabulary=vocabulary), vocabulary=vocabulary)


def is_offered(wish: Wish, found: Listing, wishes: Wishes, *, vocabulary: Vocabulary) -> bool:
    """Whether anybody on the list offers one of these kinds of therapy, or a narrower one."""
    return any(modality_credit(wish, each.candidate, wishes.unit, vocabulary) >= 1.0 for each in found.ranked)


def notes_of(wishes: Wishes, offered: Callable[[Wish], bool], *, vocabulary: Vocabulary) -> list[str]:
    """The same for whoever knows by other means what is offered."""
    said = []
    for wish in wishes.modalities:
        if not offered(wish):
            names = _either([vocabulary.modalities[slug].label for slug in sorted(wish.any_of)])
            said.append(f"Nobody whose registration we have checked and who offers {names} is available for you now.")
    return said


def booking_words(*, on_request: bool, record: Record) -> str:
    """What it takes to get this time."""
    if not on_request:
        return "Book now"
    if record.usual_answer_hours is None:
        return f"Request; new here, says to answer within {_hours(record.promised_hours)}"
    return f"Request; usually answers within {_hours(record.usual_answer_hours)}"


def _hours(number: int) -> str:
    return f"{number} hour{'' if number == 1 else 's'}"


def _sentence(reason: Reason, finding: Finding, ranked: Ranked, wishes: Wishes, vocabulary: Vocabulary) -> str:
    if reason.dimension == "concern":
        return _concern_sentence(finding, vocabulary)
    if reason.dimension == "availability":
        return _availability_sentence(finding)
    if reason.dimension == "style":
        return _style_sentence(finding)
    if reason.dimension == "price":
        return _price_sentence(finding, ranked, wishes)
    if reason.dimension == "modality":
        return _modality_sentence(finding, vocabulary)
    if reason.dimension == "identity":
        return _identity_sentence(finding)
    if reason.dimension == "setting":
        return _setting_sentence(finding, vocabulary)
    if reason.dimension == "evidence":
        return f"What guidelines say about their training for {_concern_label(finding.about[0], vocabulary)}."
    if reason.dimension == "outcomes":
        return "How people with a problem like yours did, compared fairly, counts a little."
    return _record_sentence(finding)


def _record_sentence(finding: Finding) -> str:
    if finding.credit is None:
        return "New here: no record yet of how they answer."
    how = "reliably" if finding.credit >= 0.75 else "mostly" if finding.credit >= 0.5 else "often not"
    return f"They {how} answer requests in time." if finding.code == "answers_in_time" else f"They {how} keep their appointments."


def _concern_sentence(finding: Finding, vocabulary: Vocabulary) -> str:
    if finding.code == "goal":
        return _goal_sentence(finding, vocabulary)
    label = _concern_label(finding.about[0], vocabulary)
    return {
        "core": f"{label} is one of their core areas, checked by us.",
        "declared": f"They list {label} among what they work with.",
        "wider": f"They work with the wider area that {label} belongs to.",
        "not_listed": f"They do not list {label}.",
    }[finding.code]


def _goal_sentence(finding: Finding, vocabulary: Vocabulary) -> str:
    label = vocabulary.goals[finding.about[0]].label
    if not finding.credit:
        return f"They list nothing that your goal \u201c{label}\u201d is about."
    return f"What they work with {'covers' if finding.credit >= 1.0 else 'partly covers'} your goal \u201c{label}\u201d."


def _availability_sentence(finding: Finding) -> str:
    if finding.code == "on_request":
        basis, hours = finding.about
        answer = f"they {'usually answer' if basis == 'usual' else 'say that they answer'} within {_hours(int(hours))}"
        return f"You ask for a time first; {answer}."
    if not finding.about:
        return "No opening inside your hours in the time we can see." if finding.code.endswith("hours") else "No opening in the time we can see."
    count, days = (int(text) for text in finding.about)
    where = " inside your hours" if finding.code == "openings_in_hours" else ""
    first = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    number = "No opening" if count == 0 else f"{count} opening" + ("s" if count > 1 else "")
    return f"{number}{where} in the next 14 days; the first is {first}."


def _style_sentence(finding: Finding) -> str:
    name, end = finding.about
    words = STYLE_WORDS[name, end]
    if finding.credit is None:
        return f"They have not said whether their way of working {words}."
    near = "clearly" if finding.credit >= 0.85 else "mostly" if finding.credit >= 0.7 else "only partly" if finding.credit >= 0.5 else "hardly"
    return f"By their own answers, their way of working {near} {words}."


def _price_sentence(finding: Finding, ranked: Ranked, wishes: Wishes) -> str:
    fee: Money = fee_for(wishes, ranked.service)
    return {
        "insurer": ACCEPTS if finding.credit else "They do not say that they accept your insurance.",
        "other_currency": f"Their fee of {fee} is in another currency than your ceiling.",
        "within_ceiling": f"Their fee of {fee} is within your ceiling.",
        "above_ceiling": f"Their fee of {fee} is above your ceiling.",
    }[finding.code]


def _modality_sentence(finding: Finding, vocabulary: Vocabulary) -> str:
    names = _either([vocabulary.modalities[slug].label if slug in vocabulary.modalities else slug for slug in finding.about])
    if finding.credit == 1.0:
        return f"They offer {names}."
    return f"They offer something related to {names}." if finding.credit else f"They do not offer {names}."


def _identity_sentence(finding: Finding) -> str:
    kind, *values = finding.about
    what = f"{kind.replace('_', ' ')}: {_either([value.replace('_', ' ') for value in values])}"
    if finding.credit is None:
        return f"They publish nothing about what you asked ({what})."
    if finding.credit == 1.0:
        return f"By their own published words, they fit what you asked ({what})."
    return f"They say they have experience with what you asked ({what})." if finding.credit else f"They do not fit what you asked ({what})."


def _setting_sentence(finding: Finding, vocabulary: Vocabulary) -> str:
    if finding.code == "language":
        names = _either([vocabulary.languages[slug].label if slug in vocabulary.languages else slug for slug in finding.about])
        return f"They work in {names}." if finding.credit else f"They do not work in {names}."
    if finding.code == "format":
        names = _either([MODE_WORDS.get(mode, mode.replace("_", " ")) for mode in finding.about])
        return f"They offer sessions {names}." if finding.credit else f"They do not offer sessions {names} where you asked."
    what = _either([slug.replace("_", " ") for slug in finding.about])
    return f"They confirm: {what}." if finding.credit else f"They have not said anything about: {what}."


def _concern_label(slug: str, vocabulary: Vocabulary) -> str:
    return vocabulary.concerns[slug].label if slug in vocabulary.concerns else slug


def _either(names: list[str]) -> str:
    return " or ".join(names)


def wish_words(wish: str, wishes: Wishes, *, vocabulary: Vocabulary) -> str:
    """One of the person's own musts, by the name that `wishes.musts_of` gives it, in the words of the vocabulary."""
    kind, _, number = wish.partition(":")
    if kind == "price":
        return f"At most {wishes.ceiling}"
    if kind == "times":
        return "Only inside your hours"
    if kind == "format":
        return _either([MODE_WORDS.get(mode, mode.replace("_", " ")) for mode in sorted(wishes.modes.any_of)]).capitalize() if wishes.modes else "Format"
    at = int(number)
    if kind == "language":
        return _either([vocabulary.languages[slug].label for slug in sorted(wishes.languages[at].any_of)])
    if kind == "modality":
        return _either([vocabulary.modalities[slug].label for slug in sorted(wishes.modalities[at].any_of)])
    if kind == "identity":
        asked = wishes.identity[at]
        return f"{asked.kind.replace('_', ' ').capitalize()}: {_either([value.replace('_', ' ') for value in sorted(asked.any_of)])}"
    return _either([value.replace("_", " ") for value in sorted(wishes.access[at].any_of)]).capitalize()
