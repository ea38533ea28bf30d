"""Every alias of the vocabulary as folded words, ready to be looked up. Pure; built once per vocabulary."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from taxonomy.vocabulary import Vocabulary
from taxonomy.words import phrase

Kind = Literal["concern", "goal", "modality", "language"]
KINDS: tuple[Kind, ...] = ("concern", "goal", "modality", "language")
Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """What a phrase stands for. More than one slug: it has to be asked about. `only_whole`: counts only as the whole text; `only_capitals`: or in capitals."""

    kind: Kind
    slugs: tuple[str, ...]
    label: str
    only_whole: bool = False
    only_capitals: bool = False


@dataclass(frozen=True, eq=False)
class PhraseBook:
    """Phrases by kind. `words` are all words of the phrases, `longest` the number of words of the longest one."""

    phrases: Mapping[Kind, Mapping[Phrase, Entry]]
    words: frozenset[str]
    by_letter: Mapping[str, Sequence[str]]
    joined: Mapping[Kind, Sequence[str]]
    longest: int

    def entry(self, kind: Kind, words: Phrase) -> Entry | None:
        return self.phrases[kind].get(words)

    def words_with(self, first_letter: str) -> Sequence[str]:
        """Words of at least five letters that begin so: the candidates for a correction."""
        return self.by_letter.get(first_letter, ())

    def texts(self, kind: Kind) -> Sequence[str]:
        return self.joined[kind]


@lru_cache(maxsize=4)
def phrase_book(vocabulary: Vocabulary) -> PhraseBook:
    phrases: dict[Kind, dict[Phrase, Entry]] = {kind: {} for kind in KINDS}
    for kind in KINDS:
        for aliased, entry in _entries(kind, vocabulary):
            phrases[kind].setdefault(aliased, entry)
    words = frozenset(word for of_kind in phrases.values() for each in of_kind for word in each)
    by_letter: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) >= 5:
            by_letter.setdefault(word[0], []).append(word)
    longest = max(len(each) for of_kind in phrases.values() for each in of_kind)
    return PhraseBook(phrases, words, by_letter, {kind: [" ".join(each) for each in phrases[kind]] for kind in KINDS}, longest)


def _entries(kind: Kind, v: Vocabulary) -> Iterator[tuple[Phrase, Entry]]:
    """What is asked about first, then aliases, then labels and slugs: an earlier entry of a phrase stands."""
    if kind == "modality":
        yield from ((phrase(each.text), Entry(kind, each.meanings, each.text)) for each in v.ambiguities)
    terms = list(_terms(kind, v))
    for slug, label, aliases, alone in terms:
        for alias in aliases:
            words = phrase(alias)
            yield words, Entry(kind, (slug,), label, only_capitals=kind == "modality" and len(words) == 1 and words[0] in v.everyday_words)
        yield from ((phrase(alias), Entry(kind, (slug,), label, only_whole=True)) for alias in alone)
    for slug, label, _, _ in terms:
        for text in (label, label.split("(")[0], slug.replace("_", " ")):
            words = phrase(text)
            yield words, Entry(kind, (slug,), label, only_whole=len(words) < 2)


def _terms(kind: Kind, v: Vocabulary) -> Iterable[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    if kind == "language":
        return ((each.slug, each.label, (*each.aliases, each.label, each.own_name), ()) for each in v.languages.values())
    if kind == "concern":
        return ((each.slug, each.label, each.aliases, each.alone) for each in v.concerns.values())
    if kind == "goal":
        return ((each.slug, each.label, each.aliases, each.alone) for each in v.goals.values())
    return ((each.slug, each.label, each.aliases, each.alone) for each in v.modalities.values())
