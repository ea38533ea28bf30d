"""Free text to concepts of the vocabulary, shown back for a person to confirm. Pure.

Curated aliases first, the longest phrase of a kind winning over shorter ones inside it; then the same with likely typing errors put right; for a short
text without any match, the aliases that look alike. A short form with several meanings is asked about, never guessed. Nothing is stored or logged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from taxonomy.phrases import Entry, Kind, PhraseBook, phrase_book
from taxonomy.vocabulary import Vocabulary, vocabulary
from taxonomy.words import Word, words_of

# Characters that are read of a text, and corrected words that are looked up in it: together they bound the time.
LONGEST_TEXT = 10_000
MOST_CORRECTIONS = 120
SHORT_TEXT_WORDS = 6
# What somebody says first is mostly what it is about.
SAID_FIRST = 0.05
SENTENCE_END = re.compile(r"[.?!\n]")
# Real words one letter away from an alias.
NOT_TYPOS = frozenset(
    {
        *("addition", "additions", "additional", "bother", "cancel", "cancels", "chance", "content", "conversation", "conversations", "created", "creates"),
        *("creating", "denial", "hunting", "mediation", "mediator", "morning", "mornings", "policy", "presentation", "relation", "relations", "saving"),
        *("sitting", "staying", "texting", "though", "walking", "wasting", "wishing"),
    }
)


@dataclass(frozen=True)
class Suggestion:
    """`score` is 0..1 and only orders; `matched` is the piece of the text it comes from, as written."""

    kind: Kind
    slug: str
    label: str
    score: float
    matched: str


@dataclass(frozen=True)
class Clarification:
    """`text` as written stands for several `meanings` (slugs of modalities): ask which."""

    text: str
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class NotOffered:
    """The text asks for something that nobody may offer here; `caution` says so."""

    text: str
    slug: str
    label: str
    caution: str


@dataclass(frozen=True)
class Suggestions:
    items: tuple[Suggestion, ...] = ()
    clarify: tuple[Clarification, ...] = ()
    not_offered: tuple[NotOffered, ...] = ()


@dataclass(frozen=True)
class _Match:
    entry: Entry
    words: Sequence[Word]
    quality: float
    whole: bool


def suggest(text: str, *, kinds: Sequence[Kind] = ("concern", "goal", "modality"), limit: int = 5, within: Vocabulary | None = None) -> Suggestions:
    """At most `limit` suggestions of these kinds together, the most likely first; clarifications and refusals come on top.

    Any text is answered. Of a text longer than 10,000 characters the beginning is read.
    """
    known = within or vocabulary()
    book = phrase_book(known)
    text = text[:LONGEST_TEXT]
    words = words_of(text)
    matches = [match for kind in dict.fromkeys(kinds) for match in _matches(kind, words, book)]
    if not matches and len(words) <= SHORT_TEXT_WORDS:
        matches = [match for kind in dict.fromkeys(kinds) for match in _lookalikes(kind, words, book)]
    items = _ranked(matches, text, known)
    chosen = {item.slug for item in items if item.kind == "modality"}
    asked = {match.entry.slugs: _piece(match, text) for match in matches if len(match.entry.slugs) > 1}
    return Suggestions(
        items[: max(limit, 0)],
        tuple(Clarification(piece, meanings) for meanings, piece in asked.items() if len(chosen & set(meanings)) != 1),
        tuple(_refusals(matches, text, known)),
    )


def _matches(kind: Kind, words: Sequence[Word], book: PhraseBook) -> Iterator[_Match]:
    """Longest phrases first; a word belongs to one phrase of a kind. Phrases as written win over corrected ones."""
    taken = [False] * len(words)
    yield from _scan(kind, words, [1.0] * len(words), taken, book)
    corrected, quality = _corrected(words, taken, book)
    if corrected != words:
        yield from _scan(kind, corrected, quality, taken, book)


def _scan(kind: Kind, words: Sequence[Word], quality: Sequence[float], taken: list[bool], book: PhraseBook) -> Iterator[_Match]:
    shouting = sum(word.capitals for word in words) > 3
    for length in range(min(book.longest, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            end = start + length
            if any(taken[start:end]):
                continue
            entry = book.entry(kind, tuple(word.folded for word in words[start:end]))
            whole = length == len(words)
            if entry is None or not (whole or _stands_alone(entry, words[start:end], shouting)):
                continue
            taken[start:end] = [True] * length
            yield _Match(entry, words[start:end], min(quality[start:end]), whole)


def _stands_alone(entry: Entry, words: Sequence[Word], shouting: bool) -> bool:
    """Whether an alias counts inside a longer text; an everyday word does in capitals, unless everything is in capitals."""
    if entry.only_whole:
        return False
    return not entry.only_capitals or (not shouting and all(word.capitals for word in words))


def _corrected(words: Sequence[Word], taken: Sequence[bool], book: PhraseBook) -> tuple[tuple[Word, ...], tuple[float, ...]]:
    """The words with likely typing errors put right, and how alike each one is to what was written."""
    unknown = dict.fromkeys(word.folded for word, used in zip(words, taken, strict=True) if not used and word.folded not in book.words)
    better = {wrong: found for wrong in list(unknown)[:MOST_CORRECTIONS] if (found := _correction(wrong, book))}
    fixed = tuple(replace(word, folded=better[word.folded][0]) if word.folded in better else word for word in words)
    return fixed, tuple(better[word.folded][1] if word.folded in better else 1.0 for word in words)


@lru_cache(maxsize=4096)
def _correction(wrong: str, book: PhraseBook) -> tuple[str, float] | None:
    """The word of the aliases that was probably meant: same first letter, one slip in six letters; in five letters only two that changed places."""
    if len(wrong) < 5 or len(wrong) > 24 or wrong in NOT_TYPOS:
        return None
    found = process.extractOne(wrong, book.words_with(wrong[0]), scorer=OSA.normalized_similarity, score_cutoff=0.8)
    if found is None or (len(wrong) == 5 and sorted(found[0]) != sorted(wrong)):
        return None
    return str(found[0]), float(found[1])


def _lookalikes(kind: Kind, words: Sequence[Word], book: PhraseBook) -> Iterator[_Match]:
    written = " ".join(word.folded for word in words)
    if len(written) < 5 or any(word.folded in NOT_TYPOS for word in words):
        return
    for text, score, _ in process.extract(written, book.texts(kind), scorer=fuzz.token_sort_ratio, score_cutoff=82, limit=3):
        entry = book.entry(kind, tuple(text.split()))
        if entry is not None:
            yield _Match(entry, words, float(score) / 125, whole=False)


def _ranked(matches: Sequence[_Match], text: str, known: Vocabulary) -> tuple[Suggestion, ...]:
    """One suggestion per entry. A longer phrase says more, and so does the first sentence; a group says less than what is in it; being named again
    adds a little.
    """
    best: dict[tuple[Kind, str], tuple[float, int, Suggestion]] = {}
    opening = _opening(text)
    for match in matches:
        kind, slug = match.entry.kind, match.entry.slugs[0]
        if len(match.entry.slugs) > 1 or (kind == "modality" and known.modalities[slug].kind == "excluded"):
            continue
        is_group = kind == "concern" and known.concerns[slug].parent is None
        said_first = match.words[0].start < opening
        in_part = (0.8 + 0.03 * min(len(match.words), 4)) * match.quality - 0.05 * is_group + SAID_FIRST * said_first
        score = 1.0 if match.whole and match.quality == 1.0 else in_part
        held = best.get((kind, slug))
        if held is not None:
            score = min(max(score, held[0]) + 0.01, 0.99)
        piece = held[2].matched if held else _piece(match, text)
        position = min(match.words[0].start, held[1] if held else match.words[0].start)
        best[kind, slug] = (score, position, Suggestion(kind, slug, match.entry.label, round(score, 4), piece))
    ordered = sorted(best.values(), key=lambda each: (-each[2].score, each[1], each[2].kind, each[2].slug))
    return tuple(each[2] for each in ordered)


def _opening(text: str) -> int:
    """Where the first sentence or line ends."""
    end = SENTENCE_END.search(text)
    return end.start() if end else len(text)


def _refusals(matches: Sequence[_Match], text: str, known: Vocabulary) -> Iterator[NotOffered]:
    seen: set[str] = set()
    for match in matches:
        slug = match.entry.slugs[0]
        if match.entry.kind != "modality" or known.modalities[slug].kind != "excluded" or slug in seen:
            continue
        seen.add(slug)
        yield NotOffered(_piece(match, text), slug, match.entry.label, known.modalities[slug].plain)


def _piece(match: _Match, text: str) -> str:
    return text[match.words[0].start : match.words[-1].end]
