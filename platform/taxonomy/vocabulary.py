"""The closed vocabulary as one frozen object, read from the package's files once per process. Pure.

Matching by `modality_relation`, grades by `evidence_for`, help in a crisis by `help_for`; everything else is a mapping from slug to entry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

from taxonomy.checks import CheckKind, CheckRule, RequiredChecks
from taxonomy.crisis import CrisisHelp, crisis_help
from taxonomy.reading import DATA, Document, VocabularyError, by_slug, documents, read_entries, read_facet, version_of
from taxonomy.terms import (
    Ambiguity,
    Concern,
    CrisisLine,
    Directory,
    EmergencyNumber,
    EvidenceCaution,
    EvidenceGrade,
    Facet,
    Goal,
    Jurisdiction,
    Language,
    Modality,
    ProviderCode,
    Register,
    Relation,
    Variant,
)
from taxonomy.validity import complaints_about

# Worst first: with several assumed variants and no word on which one it is, the most cautious grade counts.
CAUTIOUS_ORDER = "!-CBA"


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Everything is immutable and in the order of the files. `version` changes with any change of the data.

    `evidence_signed_by` is None until a named clinician has signed the table; until then evidence has no weight and is not shown as evidence.
    `sources` maps a file's name to the texts behind the keys that its entries cite.
    """

    version: str
    goals: Mapping[str, Goal]
    concerns: Mapping[str, Concern]
    modalities: Mapping[str, Modality]
    ambiguities: tuple[Ambiguity, ...]
    everyday_words: frozenset[str]
    evidence: tuple[EvidenceGrade, ...]
    cautions: tuple[EvidenceCaution, ...]
    variants: Mapping[str, Variant]
    rule_sets: Mapping[str, str]
    evidence_signed_by: str | None
    crisis_signed_by: str | None
    languages: Mapping[str, Language]
    jurisdictions: Mapping[str, Jurisdiction]
    registers: Mapping[str, Register]
    provider_codes: Mapping[str, ProviderCode]
    crisis_lines: Mapping[str, CrisisLine]
    emergency_numbers: Mapping[str, EmergencyNumber]
    directory: Directory
    facets: Mapping[str, Facet]
    checks: RequiredChecks
    sources: Mapping[str, Mapping[str, str]]

    @cached_property
    def _children(self) -> Mapping[str, tuple[Concern, ...]]:
        return {slug: tuple(each for each in self.concerns.values() if each.parent == slug) for slug in self.concerns}

    @cached_property
    def _ancestors(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}

        def climb(slug: str) -> frozenset[str]:
            if slug not in found:
                direct = self.modalities[slug].broader
                found[slug] = frozenset(direct).union(*(climb(each) for each in direct))
            return found[slug]

        for slug in self.modalities:
            climb(slug)
        return found

    @cached_property
    def _grades(self) -> Mapping[tuple[str, str, str | None], EvidenceGrade]:
        return {(row.concern, row.modality, row.variant): row for row in self.evidence}

    def children_of(self, concern: str) -> tuple[Concern, ...]:
        """The concerns directly below one; empty for a child and for an unknown slug."""
        return self._children.get(concern, ())

    def modality_relation(self, wanted: str, offered: str) -> Relation | None:
        """What `offered` is to `wanted`: the same, narrower (full credit), broader, a sibling, or nothing.

        Two that are marked not to be the same are nothing to each other. A word like "integrative" on a profile does not say that a certain therapy is in
        it, so it is never the broader one. Siblings share a direct parent that groups by method: parents of the kinds meta and stance make no siblings.
        Slugs that this version does not know are nothing.
        """
        pair = wanted, offered
        if pair not in self._relations and wanted in self.modalities and offered in self.modalities:
            self._relations[pair] = self._relation(wanted, offered)
        return self._relations.get(pair)

    @cached_property
    def _relations(self) -> dict[tuple[str, str], Relation | None]:
        """What was asked before: of known slugs only, so that it stays as small as the vocabulary."""
        return {}

    def _relation(self, wanted: str, offered: str) -> Relation | None:
        want, have = self.modalities[wanted], self.modalities[offered]
        if wanted == offered:
            return "same"
        if offered in want.not_same_as or wanted in have.not_same_as:
            return None
        if wanted in self._ancestors[offered]:
            return "narrower"
        if offered in self._ancestors[wanted]:
            return None if have.kind == "meta" else "broader"
        shared = set(want.broader) & set(have.broader)
        return "sibling" if any(self.modalities[each].kind not in ("meta", "stance") for each in shared) else None

    def serves_unit(self, modality: str, unit: str) -> bool:
        """Whether a way of working is for this unit at all; couple and family modalities are for these only. False for an unknown slug."""
        known = self.modalities.get(modality)
        return known is not None and (not known.units or unit in known.units)

    def evidence_for(self, concern: str, modality: str, *, variant: str | None = None) -> EvidenceGrade | None:
        """The grade of this very pair; nothing is inherited from wider or narrower entries.

        With a variant, its row or the general one. Without, the general row, else the most cautious of the variants that are assumed. None: not graded,
        which is neither good nor bad; also where there is no disorder to grade (`evidence_applies`).
        """
        known = self.concerns.get(concern)
        if known is None or not known.evidence_applies:
            return None
        row = self._grades.get((concern, modality, variant)) or self._grades.get((concern, modality, None))
        if row is not None or variant is not None:
            return row
        assumed = [self._grades.get((concern, modality, slug)) for slug, each in self.variants.items() if each.assumed]
        return min((each for each in assumed if each is not None), key=lambda each: CAUTIOUS_ORDER.index(each.grade), default=None)

    def is_graded(self, concern: str) -> bool:
        """Whether the table has any grade that may count for this concern."""
        known = self.concerns.get(concern)
        return known is not None and known.evidence_applies and any(row.concern == concern for row in self.evidence)

    def expand_goals(self, goals: Iterable[str]) -> frozenset[str]:
        """Goals with those that stand for several replaced by these."""
        return frozenset(each for slug in goals for each in (self.goals[slug].includes or (slug,)))

    def help_for(self, country: str, *, on: date | None = None) -> CrisisHelp:
        """What a crisis panel may show in a country (``GB``) or jurisdiction (``GB-ENG``) on a day.

        The day defaults to today in UTC by the machine's clock, not the database's: this panel has to appear when nothing else works.
        """
        return crisis_help(
            country,
            on=on or datetime.now(UTC).date(),
            lines=self.crisis_lines.values(),
            emergency=self.emergency_numbers,
            directory=self.directory,
            signed_by=self.crisis_signed_by,
        )


def build(read: Mapping[str, Document]) -> Vocabulary:
    """The vocabulary in these documents; VocabularyError lists what is wrong with them."""
    vocabulary = _assemble(read)
    if found := complaints_about(vocabulary, read):
        raise VocabularyError(found)
    return vocabulary


def _assemble(read: Mapping[str, Document]) -> Vocabulary:
    modalities, evidence, crisis, registers = (read[name] for name in ("modalities", "evidence", "crisis_lines", "registers"))
    emergency = read_entries(EmergencyNumber, crisis["emergency"], "crisis_lines.emergency")
    codes = read_entries(ProviderCode, registers["provider_codes"], "registers.provider_codes")
    return Vocabulary(
        version=version_of(read),
        goals=by_slug(read_entries(Goal, read["goals"]["items"], "goals"), "goals"),
        concerns=by_slug(read_entries(Concern, read["concerns"]["items"], "concerns"), "concerns"),
        modalities=by_slug(read_entries(Modality, modalities["items"], "modalities"), "modalities"),
        ambiguities=read_entries(Ambiguity, modalities["clarify"], "modalities.clarify"),
        everyday_words=frozenset(modalities["everyday_words"]),
        evidence=read_entries(EvidenceGrade, evidence["items"], "evidence"),
        cautions=read_entries(EvidenceCaution, evidence["cautions"], "evidence.cautions"),
        variants=by_slug(read_entries(Variant, evidence["variants"], "evidence.variants"), "evidence.variants"),
        rule_sets=MappingProxyType(dict(evidence["rule_sets"])),
        evidence_signed_by=evidence["signed_by"],
        crisis_signed_by=crisis["signed_by"],
        languages=by_slug(read_entries(Language, read["languages"]["items"], "languages"), "languages"),
        jurisdictions=by_slug(read_entries(Jurisdiction, read["jurisdictions"]["items"], "jurisdictions"), "jurisdictions"),
        registers=by_slug(read_entries(Register, registers["items"], "registers"), "registers"),
        provider_codes=MappingProxyType({each.code: each for each in codes}),
        crisis_lines=by_slug(read_entries(CrisisLine, crisis["items"], "crisis_lines"), "crisis_lines"),
        emergency_numbers=MappingProxyType({each.country: each for each in emergency}),
        directory=read_entries(Directory, [crisis["directory"]], "crisis_lines.directory")[0],
        checks=_checks(read["required_checks"]),
        facets=by_slug([read_facet(row) for row in read["facets"]["items"]], "facets"),
        sources=MappingProxyType({name: MappingProxyType(dict(read[name]["sources"])) for name in read}),
    )


def _checks(document: Document) -> RequiredChecks:
    kinds = by_slug(read_entries(CheckKind, document["items"], "required_checks"), "required_checks")
    return RequiredChecks(dict(kinds), read_entries(CheckRule, document["rules"], "required_checks.rules"), document["signed_by"])


def load(folder: Path = DATA) -> Vocabulary:
    """The vocabulary of a folder of files, checked whole."""
    return build(documents(folder))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The vocabulary of this package, read and checked once per process."""
    return load()


def modality_relation(wanted: str, offered: str) -> Relation | None:
    """`Vocabulary.modality_relation` of this package's vocabulary."""
    return vocabulary().modality_relation(wanted, offered)
