"""The possible answers in words, in the order in which they are shown. Pure."""

from collections.abc import Mapping

from matching.answers import facet_values, identity_kinds, identity_values, options_of
from matching.questionnaire import Field
from matching.weights import DIMENSIONS
from taxonomy.vocabulary import Vocabulary

Option = tuple[str, str]
Group = tuple[str, tuple[Option, ...]]

OWN: Mapping[str, Mapping[str, str]] = {
    "for_whom": {
        "self": "Me",
        "couple": "Me and my partner, together",
        "family": "My family, together",
        "child": "A child I care for",
        "someone_else": "Somebody else",
    },
    "duration": {"weeks": "Some weeks", "months": "Some months", "years": "Years", "always": "For as long as I can remember"},
    "affects": {"work": "Work or studies", "relationships": "Relationships", "sleep": "Sleep", "body": "My body", "everything": "Everything"},
    "homework": {"yes": "Yes", "no": "No", "either": "Either is fine"},
    "pace": {"slow": "Slow", "steady": "Steady", "fast": "Fast", "either": "Either is fine"},
    "share_with_therapist": {"yes": "Yes", "no": "No", "ask_me": "Ask me each time"},
}
ANSWER_WORDS: Mapping[str, str] = {"yes": "Yes", "no": "No", "prefer_not_to_say": "I would rather not say"}
STRENGTH_WORDS: Mapping[str, str] = {"must": "It is a must", "strong": "It matters a lot", "nice": "It would be nice"}
RELATION_WORDS: Mapping[str, str] = {"shares": "They are this themselves", "experienced_with": "They have experience with it", "prefer_not": "Rather not this"}
EMPHASIS_WORDS: Mapping[str, str] = {"normal": "As usual", "high": "More", "off": "Not at all"}
# Countries whose parts have rules of their own.
COUNTRY_WORDS: Mapping[str, str] = {"GB": "United Kingdom", "US": "United States", "CA": "Canada", "AU": "Australia"}
EMPHASES_LABELS: Mapping[str, str] = {dimension.name: dimension.label for dimension in DIMENSIONS}
STYLE_ENDS: Mapping[str, tuple[str, str]] = {
    "led": ("Let me lead", "Lead me"),
    "intensity": ("Keep feelings at a distance", "Go into feelings"),
    "past": ("The present", "The past"),
    "warmth": ("Challenge me", "Be warm with me"),
}


def options(field: Field, vocabulary: Vocabulary) -> tuple[Option, ...]:
    """Values of a closed question with their words."""
    values = options_of(field, vocabulary)
    if field.name in OWN:
        return tuple((value, OWN[field.name][value]) for value in values)
    if field.list_name is None:
        known = STRENGTH_WORDS if "strong" in values else ANSWER_WORDS
        return tuple((value, known.get(value, value.replace("_", " ").capitalize())) for value in values)
    labels = _labels(field.list_name, vocabulary)
    found = [(value, labels[value]) for value in values]
    return tuple(sorted(found, key=lambda each: each[1]) if field.list_name in ("languages", "modalities", "jurisdictions") else found)


def groups(field: Field, vocabulary: Vocabulary) -> tuple[Group, ...]:
    """The same under headings, where the list is long enough to need them: concerns by their area, places by their country."""
    if field.list_name == "concerns":
        areas = [each for each in vocabulary.concerns.values() if each.parent is None]
        below = {area.slug: [each for each in vocabulary.concerns.values() if each.parent == area.slug] for area in areas}
        return tuple((area.label, ((area.slug, f"{area.label}, in general"), *((each.slug, each.label) for each in below[area.slug]))) for area in areas)
    if field.list_name == "jurisdictions":
        places = sorted(vocabulary.jurisdictions.values(), key=lambda each: each.label)
        whole = tuple((each.slug, each.label) for each in places if each.slug == each.country)
        parts = [(country, words) for country, words in COUNTRY_WORDS.items() if any(each.country == country for each in places)]
        return (*((words, tuple((each.slug, each.label) for each in places if each.country == country)) for country, words in parts), ("Elsewhere", whole))
    return ()


def identity_questions(vocabulary: Vocabulary) -> tuple[tuple[str, str, tuple[Option, ...]], ...]:
    """What may be wished of who a therapist is: kind, words, closed values (none where people use their own words)."""
    asked = []
    for kind in identity_kinds(vocabulary):
        values = identity_values(vocabulary, kind)
        label = "Experience with" if kind == "population" else vocabulary.facets["identity_kinds"][kind].label
        asked.append((kind, label, tuple(sorted(((each, _value_label(kind, each, vocabulary)) for each in values or ()), key=lambda each: each[1]))))
    return tuple(asked)


def insurers(vocabulary: Vocabulary) -> tuple[Option, ...]:
    return tuple((each, vocabulary.facets["insurers"][each].label) for each in facet_values(vocabulary, "insurers"))


def _labels(name: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    lists = {
        "jurisdictions": vocabulary.jurisdictions,
        "concerns": vocabulary.concerns,
        "goals": vocabulary.goals,
        "modalities": vocabulary.modalities,
        "languages": vocabulary.languages,
    }
    return {slug: each.label for slug, each in (lists[name] if name in lists else vocabulary.facets[name]).items()}  # type: ignore[attr-defined]


def _value_label(kind: str, value: str, vocabulary: Vocabulary) -> str:
    if kind == "languages":
        return vocabulary.languages[value].label
    facet = {"population": "populations", "age_band": "age_bands"}.get(kind, "identity_values")
    return vocabulary.facets[facet][value].label
