"""What has to hold between the entries of the vocabulary. Pure; returns every complaint, not the first one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from core.zones import known_zone
from taxonomy.checks import complaints_about_checks
from taxonomy.terms import EvidenceCaution, EvidenceGrade, FacetValue, Register
from taxonomy.words import phrase

if TYPE_CHECKING:  # vocabulary.py calls this module
    from taxonomy.vocabulary import Vocabulary

SLUG = re.compile(r"[a-z][a-z0-9_]*\Z")
FACETS = frozenset(
    {
        *("units", "modes", "session_lengths", "frequencies", "durations", "age_bands", "populations", "identity_kinds", "identity_values"),
        *("relations_wanted", "strengths", "style_dimensions", "style_extras", "about_whom", "practicals", "concession_evidence", "insurers", "access"),
    }
)
STYLE = ("led", "intensity", "past", "warmth")
NOT_VERIFYING = frozenset({"identifier", "not_a_verifier"})


def complaints_about(vocabulary: Vocabulary, read: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Everything that contradicts itself or points nowhere, as sentences that name the file and the entry."""
    found: list[str] = []
    for check in (_slugs, _sources, _goals, _concerns, _modalities, _aliases, _evidence, _jurisdictions, _registers, _crisis, _facets, complaints_about_checks):
        found += check(vocabulary)
    found += [f"{name}: the file says it is {document.get('facet')!r}" for name, document in read.items() if document.get("facet") != name]
    return tuple(found)


def _missing(where: str, slugs: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    for slug in slugs:
        if slug not in known:
            yield f"{where}: {slug} does not exist"


def _slugs(v: Vocabulary) -> Iterator[str]:
    for name, entries in (("goals", v.goals), ("concerns", v.concerns), ("modalities", v.modalities), ("registers", v.registers)):
        yield from (f"{name}: {slug} is not a slug" for slug in entries if not SLUG.match(slug))
    yield from (f"languages: {slug} is not an ISO 639 code" for slug in v.languages if not re.fullmatch(r"[a-z]{2,3}", slug))


def _sources(v: Vocabulary) -> Iterator[str]:
    cited: list[tuple[str, str, str]] = [("goals", each.slug, each.source) for each in v.goals.values()]
    cited += [("concerns", each.slug, each.source) for each in v.concerns.values()]
    cited += [("evidence", f"{row.concern}/{row.modality}", row.source) for row in v.evidence]
    cited += [("evidence", f"{caution.concern}/{caution.code}", caution.source) for caution in v.cautions]
    cited += [("jurisdictions", each.slug, fact.source) for each in v.jurisdictions.values() for fact in each.facts]
    cited += [("registers", each.slug, each.source) for each in v.registers.values()]
    cited += [("crisis_lines", each.slug, each.source) for each in v.crisis_lines.values()]
    cited += [("crisis_lines", each.country, each.source) for each in v.emergency_numbers.values()]
    for name, entry, source in cited:
        yield from _missing(f"{name}: {entry}: source", [source], v.sources[name])


def _goals(v: Vocabulary) -> Iterator[str]:
    for goal in v.goals.values():
        yield from _missing(f"goals: {goal.slug}: includes", goal.includes, v.goals)
        yield from _missing(f"goals: {goal.slug}: concerns", goal.concerns, v.concerns)
        if goal.different_service and not goal.note:
            yield f"goals: {goal.slug}: a different service says where to turn"


def _concerns(v: Vocabulary) -> Iterator[str]:
    codes: set[str] = set()
    for concern in v.concerns.values():
        where = f"concerns: {concern.slug}"
        yield from _missing(f"{where}: related", concern.related, v.concerns)
        if concern.parent is not None:
            yield from _missing(f"{where}: parent", [concern.parent], v.concerns)
            parent = v.concerns.get(concern.parent)
            if parent and parent.parent is not None:
                yield f"{where}: there are two levels only"
            if parent and parent.needs_floor and not concern.needs_floor:
                yield f"{where}: its group needs a floor, so it does"
        for each in concern.codes:
            if not re.fullmatch(r"(sign|cause):[a-z_]+", each.code) or each.code in codes:
                yield f"{where}: {each.code} is not a code of its own"
            codes.add(each.code)


def _modalities(v: Vocabulary) -> Iterator[str]:
    for modality in v.modalities.values():
        where = f"modalities: {modality.slug}"
        yield from _missing(f"{where}: broader", modality.broader, v.modalities)
        yield from _missing(f"{where}: not_same_as", modality.not_same_as, v.modalities)
        yield from _missing(f"{where}: units", modality.units, v.facets.get("units", {}))
        yield from _missing(f"{where}: verifiable_by", modality.verifiable_by, v.registers)
        yield from (f"{where}: {slug} verifies nobody" for slug in modality.verifiable_by if slug in v.registers and v.registers[slug].kind in NOT_VERIFYING)
        if modality.offerable and modality.kind in ("family", "excluded", "not_therapy"):
            yield f"{where}: a {modality.kind} cannot be offered"
        if modality.slug in modality.not_same_as or _climbs_to_itself(v, modality.slug):
            yield f"{where}: points to itself"
    for ambiguity in v.ambiguities:
        yield from _missing(f"modalities.clarify: {ambiguity.text}", ambiguity.meanings, v.modalities)
        if len(set(ambiguity.meanings)) < 2:
            yield f"modalities.clarify: {ambiguity.text}: two meanings at least"


def _climbs_to_itself(v: Vocabulary, slug: str) -> bool:
    seen: set[str] = set()
    ahead = list(v.modalities[slug].broader)
    while ahead:
        step = ahead.pop()
        if step == slug:
            return True
        if step not in seen and step in v.modalities:
            seen.add(step)
            ahead += v.modalities[step].broader
    return False


def _aliases(v: Vocabulary) -> Iterator[str]:
    """One alias means one entry of its kind, unless it is declared to be asked about."""
    asked = {phrase(each.text): frozenset(each.meanings) for each in v.ambiguities}
    for name, entries in (("goals", v.goals), ("concerns", v.concerns), ("modalities", v.modalities), ("registers", v.registers)):
        owners: dict[tuple[str, ...], set[str]] = {}
        for slug, entry in entries.items():
            for alias in (*entry.aliases, *getattr(entry, "alone", ())):
                if not phrase(alias):
                    yield f"{name}: {slug}: an alias without words"
                owners.setdefault(phrase(alias), set()).add(slug)
        for words, slugs in owners.items():
            if len(slugs) > 1 and not (name == "modalities" and slugs <= asked.get(words, frozenset())):
                yield f"{name}: {' '.join(words)!r} stands for {' and '.join(sorted(slugs))}"
        if name == "modalities":
            yield from (f"modalities.everyday_words: {word} is no alias" for word in v.everyday_words if (word,) not in owners)


def _evidence(v: Vocabulary) -> Iterator[str]:
    seen: set[tuple[str, str, str | None]] = set()
    for row in v.evidence:
        where = f"evidence: {row.concern}/{row.modality}"
        yield from _missing(where, [row.concern], v.concerns)
        yield from _missing(where, [row.modality], v.modalities)
        yield from _missing(f"{where}: variant", [row.variant] if row.variant else [], v.variants)
        key = (row.concern, row.modality, row.variant)
        if key in seen:
            yield f"{where}: graded twice"
        seen.add(key)
    graded: tuple[EvidenceGrade | EvidenceCaution, ...] = (*v.evidence, *v.cautions)
    for each in graded:
        yield from _missing(f"evidence: {each.concern}", [each.concern], v.concerns)
        yield from _missing(f"evidence: {each.concern}: rule_set", [each.rule_set], v.rule_sets)
        if not each.draft and not v.evidence_signed_by:
            yield f"evidence: {each.concern}: only a signed table has rows that are no draft"


def _jurisdictions(v: Vocabulary) -> Iterator[str]:
    for place in v.jurisdictions.values():
        where = f"jurisdictions: {place.slug}"
        if place.slug.split("-")[0] != place.country or not re.fullmatch(r"[A-Z]{2}(-[A-Z]{2,3})?", place.slug):
            yield f"{where}: not a code of {place.country}"
        yield from (f"{where}: unknown zone {name}" for name in place.zones if not known_zone(name))
        if place.main_zone not in place.zones:
            yield f"{where}: the main zone is one of its zones"
        if place.counseling_compact_issuing and not place.counseling_compact_enacted:
            yield f"{where}: issues under a compact that it has not enacted"
        known = {fact.fact for fact in place.facts}
        for fact in ("psypact_member", "counseling_compact_enacted", "counseling_compact_issuing"):
            if getattr(place, fact) and fact not in known:
                yield f"{where}: {fact} has no source"
        if "zones" not in known:
            yield f"{where}: its zones have no source"
        yield from (f"{where}: {day} is not a day" for each in place.facts for day in (each.since, each.until) if day and not _is_day(day))
        for visit in place.temporary:
            yield from _missing(f"{where}: temporary", [visit.register], v.registers)
            titles = [each.slug for each in v.registers[visit.register].credential_types] if visit.register in v.registers else []
            yield from _missing(f"{where}: temporary", visit.titles, titles)
            yield from _missing(f"{where}: temporary: source", [visit.source], v.sources["jurisdictions"])


def _registers(v: Vocabulary) -> Iterator[str]:
    for register in v.registers.values():
        where = f"registers: {register.slug}"
        yield from _missing(f"{where}: jurisdictions", register.jurisdictions, v.jurisdictions)
        yield from _missing(f"{where}: add_on_to", register.add_on_to, v.registers)
        yield from _add_on_complaints(v, register, where)
        for shape in (register.number_shape, *(each.number_shape for each in register.credential_types)):
            yield from _shape_complaints(where, shape)
        if register.accepted_for_practice and (not register.jurisdictions or not register.is_open or register.kind in NOT_VERIFYING | {"training_body"}):
            yield f"{where}: it cannot be enough to treat people"
        if register.kind == "not_a_verifier" and (not register.reason or register.credential_types):
            yield f"{where}: what verifies nobody says why and has no titles"
        if len({each.slug for each in register.credential_types}) != len(register.credential_types):
            yield f"{where}: a title stands twice"
    titles = {each.slug for register in v.registers.values() for each in register.credential_types}
    for code in v.provider_codes.values():
        yield from _missing(f"registers.provider_codes: {code.code}", [code.credential_type] if code.credential_type else [], titles)


def _add_on_complaints(v: Vocabulary, register: Register, where: str) -> Iterator[str]:
    """What is added to a licence says to which one, or it could be added to any."""
    home = {each.slug for slug in register.add_on_to if slug in v.registers for each in v.registers[slug].credential_types}
    for title in register.credential_types:
        yield from _missing(f"{where}: {title.slug}: builds_on", title.builds_on, home)
        yield from _missing(f"{where}: {title.slug}: modes", title.modes, v.facets.get("modes", {}))
        if (title.practice == "add_on") != bool(register.add_on_to and title.builds_on) and register.accepted_for_practice:
            yield f"{where}: {title.slug} names what it builds on, and only an addition does"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _shape_complaints(where: str, shape: str | None) -> Iterator[str]:
    if shape is None:
        return
    try:
        re.compile(shape)
    except re.error:
        yield f"{where}: {shape} is not a regular expression"
    if not (shape.startswith("^") and shape.endswith("$")):
        yield f"{where}: {shape} is not about the whole number"


def _crisis(v: Vocabulary) -> Iterator[str]:
    for line in v.crisis_lines.values():
        where = f"crisis_lines: {line.slug}"
        yield from _missing(f"{where}: emergency number of", [line.country], v.emergency_numbers)
        if not (line.number or line.sms):
            yield f"{where}: neither a number to call nor one to text"
        if (line.checked_on is None) != (line.checked_by is None):
            yield f"{where}: a check has a day and a person"
        try:
            date.fromisoformat(line.checked_on or "2000-01-01")
        except ValueError:
            yield f"{where}: {line.checked_on} is not a day"


def _facets(v: Vocabulary) -> Iterator[str]:
    yield from (f"facets: {name} is missing" for name in sorted(FACETS - v.facets.keys()))
    yield from (f"facets: {name} is not known" for name in sorted(v.facets.keys() - FACETS))
    nothing: Mapping[str, FacetValue] = {}
    style = v.facets.get("style_dimensions", nothing)
    if tuple(style) != STYLE or any((each.minimum, each.maximum) != (-1, 1) or not each.low or not each.high for each in style.values()):
        yield "facets: style_dimensions are the four, from -1 to 1, with both ends named"
    kinds = v.facets.get("identity_kinds", nothing)
    for value in v.facets.get("identity_values", nothing).values():
        yield from _missing(f"facets: identity_values: {value.slug}", [value.kind or ""], kinds)
    for band in v.facets.get("age_bands", nothing).values():
        if band.from_age is None or (band.to_age is not None and band.to_age < band.from_age):
            yield f"facets: age_bands: {band.slug} has no ages"
