"""Data that contradicts itself is refused with all its faults named."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from taxonomy.reading import VocabularyError, documents, version_of
from taxonomy.vocabulary import build

READ = documents()
Change = Callable[[dict[str, Any]], None]


def entry(document: dict[str, Any], slug: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in document["items"] if each.get("slug") == slug)
    return found


def changed(name: str, change: Change) -> dict[str, Any]:
    copied = {**READ, name: copy.deepcopy(READ[name])}
    change(copied[name])
    return copied


FAULTS: list[tuple[str, str, Change, str]] = [
    ("a broader that does not exist", "modalities", lambda d: entry(d, "cbt").update(broader=["nowhere"]), "modalities: cbt: broader: nowhere does not exist"),
    ("a circle", "modalities", lambda d: entry(d, "cognitive_behavioural").update(broader=["erp"]), "modalities: cbt: points to itself"),
    ("a unit that does not exist", "modalities", lambda d: entry(d, "gottman").update(units=["duo"]), "units: duo does not exist"),
    ("training verified by nobody", "modalities", lambda d: entry(d, "cbt").update(verifiable_by=["nimh"]), "modalities: cbt: nimh verifies nobody"),
    ("an offerable family", "modalities", lambda d: entry(d, "couple").update(offerable=True), "modalities: couple: a family cannot be offered"),
    ("an unknown kind", "modalities", lambda d: entry(d, "cbt").update(kind="magic"), "modalities: cbt.kind: 'magic' is not possible here"),
    ("an alias of two", "modalities", lambda d: entry(d, "ipt")["aliases"].append("Cbt"), "'cbt' stands for cbt and ipt"),
    ("an ambiguity of one", "modalities", lambda d: d["clarify"][0].update(meanings=["eft_couple"]), "two meanings at least"),
    ("a misspelt field", "concerns", lambda d: entry(d, "grief").update(aliasses=[]), "concerns: grief: unknown field aliasses"),
    ("a missing label", "concerns", lambda d: entry(d, "grief").pop("label"), "concerns: grief: label is missing"),
    ("a parent that does not exist", "concerns", lambda d: entry(d, "grief").update(parent="nowhere"), "concerns: grief: parent: nowhere does not exist"),
    ("three levels", "concerns", lambda d: entry(d, "grief").update(parent="breakup"), "concerns: grief: there are two levels only"),
    ("a floor that is lost", "concerns", lambda d: entry(d, "psychosis").pop("needs_floor"), "concerns: psychosis: its group needs a floor"),
    ("a concern twice", "concerns", lambda d: d["items"].append(d["items"][3]), "stands twice"),
    ("one alias of two concerns", "concerns", lambda d: entry(d, "grief")["aliases"].append("Worry"), "'worry' stands for generalised_anxiety and grief"),
    ("a source nobody named", "concerns", lambda d: entry(d, "grief").update(source="hearsay"), "concerns: grief: source: hearsay does not exist"),
    ("a grade outside the scale", "evidence", lambda d: d["items"][0].update(grade="D"), "'D' is not possible here"),
    ("a graded stranger", "evidence", lambda d: d["items"][0].update(modality="nowhere"), "nowhere does not exist"),
    ("a cell twice", "evidence", lambda d: d["items"].append(d["items"][0]), "graded twice"),
    ("final rows unsigned", "evidence", lambda d: d["items"][0].update(draft=False), "only a signed table has rows that are no draft"),
    (
        "an unknown zone",
        "jurisdictions",
        lambda d: entry(d, "IE").update(zones=["Europe/Atlantis"], main_zone="Europe/Atlantis"),
        "unknown zone Europe/Atlantis",
    ),
    ("issuing, not enacted", "jurisdictions", lambda d: entry(d, "US-OH").update(counseling_compact_enacted=False), "issues under a compact"),
    ("a membership from nowhere", "jurisdictions", lambda d: entry(d, "US-TX").update(facts=entry(d, "US-TX")["facts"][:1]), "psypact_member has no source"),
    ("a shape about a part", "registers", lambda d: entry(d, "gmc").update(number_shape=r"\d{7}"), "is not about the whole number"),
    ("a broken shape", "registers", lambda d: entry(d, "gmc").update(number_shape="^([0-9]$"), "is not a regular expression"),
    ("a training body that authorises", "registers", lambda d: entry(d, "emdria").update(accepted_for_practice=True), "cannot be enough to treat people"),
    ("a closed register that authorises", "registers", lambda d: entry(d, "coru").update(accepted_for_practice=True), "cannot be enough to treat people"),
    ("a refusal without reason", "registers", lambda d: entry(d, "nimh").pop("reason"), "says why"),
    ("a check without a person", "crisis_lines", lambda d: entry(d, "us_988").update(checked_on="2026-11-01"), "a check has a day and a person"),
    ("a check on no day", "crisis_lines", lambda d: entry(d, "us_988").update(checked_on="soon", checked_by="A"), "soon is not a day"),
    ("a line without number", "crisis_lines", lambda d: entry(d, "gb_samaritans").update(number=None), "neither a number to call nor one to text"),
    ("a facet too few", "facets", lambda d: d["items"].pop(0), "facets: units is missing"),
    ("a fifth style", "facets", lambda d: entry(d, "style_dimensions")["values"].append({"slug": "x", "label": "x"}), "style_dimensions are the four"),
    ("a flag in words", "goals", lambda d: entry(d, "medication").update(different_service="yes"), "'yes' is not possible here"),
    ("a list in words", "goals", lambda d: entry(d, "medication").update(aliases="pills"), "a list is needed"),
    ("a file under another name", "languages", lambda d: d.update(facet="tongues"), "the file says it is 'tongues'"),
]


@pytest.mark.parametrize(("name", "change", "complaint"), [each[1:] for each in FAULTS], ids=[each[0].replace(" ", "-") for each in FAULTS])
def test_a_fault_in_the_data_is_named(name: str, change: Change, complaint: str) -> None:
    with pytest.raises(VocabularyError) as refused:
        build(changed(name, change))
    assert any(complaint in each for each in refused.value.complaints), refused.value.complaints


def test_several_faults_are_named_at_once() -> None:
    def spoil(document: dict[str, Any]) -> None:
        entry(document, "cbt").update(broader=["nowhere"])
        entry(document, "act").update(broader=["elsewhere"])

    with pytest.raises(VocabularyError) as refused:
        build(changed("modalities", spoil))
    assert len(refused.value.complaints) >= 2


def test_any_change_of_data_changes_the_version() -> None:
    other = changed("concerns", lambda d: entry(d, "grief").update(label="Grieving"))
    assert build(other).version != build(READ).version == version_of(READ)
