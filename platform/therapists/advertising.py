"""Where a profile may break the rules of advertising for health professions: cures, guarantees, testimonials, superlatives, titles that no checked credential
supports, and practices that try to change who somebody is. Pure.

A hint points a reader to a sentence and decides nothing: "there is no cure for grief" is pointed at as well. What a machine does not find, the person who
reads finds. Draft of 2026-11-22 after the advertising rules that the professions have in common (BACP Ethical Framework; APA Ethics Code 5.01-5.06; ASA
CAP Code 12; Memorandum of Understanding on Conversion Therapy in the UK, version 2), not yet reviewed by a lawyer.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

HINTS = ("cure", "guarantee", "testimonial", "superlative", "title", "conversion")
SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")

WHO_SOMEBODY_IS = r"(?:same.sex|homosexual\w*|gay\w*|lesbian\w*|sexual orientation|sexuality|transgender\w*|gender identity|gender confusion)"

# English, German, French, Spanish; without accents, small letters.
PATTERNS: dict[str, tuple[str, ...]] = {
    "cure": (
        r"\bcur(?:e|es|ed|ing|able)\b",
        r"\bheal(?:s|ed)? you\b",
        r"\b(?:get rid of|free (?:you )?(?:of|from)|eliminat\w+) your\b",
        r"\bpermanent(?:ly)? (?:relief|recover\w*|result\w*)",
        r"\bheil(?:e|t|en|ung)\b",
        r"\bgueri(?:r|s|t|son)\b",
        r"\bcur(?:ar|acion|o)\b",
    ),
    "guarantee": (
        r"\bguarant\w+",
        r"\b(?:100|one hundred) ?(?:%|per ?cent)",
        r"\bsuccess rate\b",
        r"\b(?:proven|certain|sure) (?:results?|success)\b",
        r"\bmoney.back\b",
        r"\bresults? in (?:just |only )?\w+ (?:sessions?|days?|weeks?)",
        r"\bgarant\w+",
        r"\berfolgsquote\b",
    ),
    "testimonial": (
        r"\btestimonials?\b",
        r"\b(?:my |former |past )?(?:clients?|patients?) (?:say|says|said|tell|told|write|wrote|report|love)\b",
        r"\b(?:changed|saved) (?:my|his|her|their) li(?:fe|ves)\b",
        r"\b(?:five|5).?stars?\b",
        r"\breviews? (?:from|of|by) (?:my )?(?:clients?|patients?)\b",
        r"\bklient(?:en|innen) sagen\b",
        r"\btemoignages?\b",
        r"\btestimonios?\b",
    ),
    "superlative": (
        r"\bbest\b",
        r"\b(?:leading|top|number one|no\. ?1|foremost|world.class|unrivalled|unique)\b",
        r"\b(?:better|more effective|faster) than (?:other|any|most)\b",
        r"\bthe only (?:therapist|counsell?or|psychologist|one)\b",
        r"\bmost (?:effective|experienced|successful|trusted)\b",
        r"\b(?:beste[rns]?|fuhrende[rns]?)\b",
        r"\b(?:meilleure?s?|mejor(?:es)?)\b",
    ),
    "conversion": (
        r"\b(?:conversion|reparative|sexual reorientation) (?:therap\w+|practices?|treatments?|counsell?ing)",
        rf"\b(?:unwanted|overcom\w+|leav\w+|change|changing|heal\w*|resist\w*|cur\w+) (?:your |their |the )?{WHO_SOMEBODY_IS}",
        r"\b(?:ex|former)(?:ly)?.gay\b",
        r"\bkonversions(?:therapie|behandlung)\b",
        r"\btherapies? de conversion\b",
        r"\bterapias? de conversion\b",
    ),
}
# A title, and the words of a checked credential that support it. A doctorate is on no register of ours: a person asks for proof.
TITLES: dict[str, tuple[str, ...]] = {
    r"\bpsycholog(?:ists?|en?|in|innen|ues?)\b|\bpsicolog[oa]s?\b": ("psycholog",),
    r"\bpsychiat(?:rists?|er|erin|res?)\b|\bpsiquiatras?\b": ("psychiatr",),
    r"\bsocial workers?\b|\blcsw\b": ("social work",),
    r"\bpsychotherapeut(?:en?|in|innen)?\b": ("psychotherap",),
    r"\b(?:art|drama|music) ?therapists?\b": ("arts therapist",),
    r"\blicen[cs]ed\b": ("licen", "state board"),
    r"\bchartered\b": ("chartered",),
    r"\baccredited\b": ("accredited", "accred"),
    r"\bboard.certified\b": ("board certified",),
    r"\b(?:registered )?(?:mental health |psychiatric )?nurses?\b": ("nurs",),
    r"\b(?:dr|prof|phd|psyd|md)\b\.?|\b(?:doctor|professor|physician)\b": (),
}


@dataclass(frozen=True)
class Hint:
    """`code` is one of HINTS, `sentence` as it was written, `words` what was found in it."""

    code: str
    sentence: str
    words: str


def hints_in(text: str, *, supported: str = "") -> list[Hint]:
    """What a reader is pointed at, in the order of the text. `supported` are the words of all credentials that are checked and current, any case."""
    known = plain(supported)
    return [hint for sentence in sentences_of(text) for hint in _in_sentence(sentence, known)]


def sentences_of(text: str) -> list[str]:
    """A text in sentences, as they were written."""
    # "Dr. Ash" is one sentence.
    whole = re.sub(r"\b(dr|prof|no)\.", lambda found: found[1] + "\0", text, flags=re.IGNORECASE)
    return [found[0].strip().replace("\0", ".") for found in SENTENCE.finditer(whole) if found[0].strip()]


def plain(text: str) -> str:
    """Small letters without accents, disguised letters and runs of space: what the patterns are written for."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(letter for letter in folded if not unicodedata.combining(letter) and unicodedata.category(letter) != "Cf")
    return re.sub(r"\s+", " ", kept.replace("’", "'"))


def _in_sentence(sentence: str, supported: str) -> Iterator[Hint]:
    words = plain(sentence)
    for code, patterns in PATTERNS.items():
        found = next((match for pattern in patterns if (match := re.search(pattern, words))), None)
        if found is not None:
            yield Hint(code, sentence, found[0].strip())
    for pattern, proofs in TITLES.items():
        found = re.search(pattern, words)
        if found is not None and not any(proof in supported for proof in proofs):
            yield Hint("title", sentence, found[0].strip())
