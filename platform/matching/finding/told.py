"""The answers told back in words, screen by screen, before a first list is made of them. Pure."""

from collections.abc import Mapping
from typing import Any

from core.money import Money
from matching.finding import labels, steps
from matching.finding.hours import in_words
from matching.questionnaire import Field
from taxonomy.vocabulary import Vocabulary

# What was said about safety is not repeated on a page that somebody else may see.
UNTOLD = frozenset({"safety", steps.CHECK})


def told_back(answers: Mapping[str, Any], vocabulary: Vocabulary) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """For each screen of a first list: its title, its address, and questions with their answers."""
    told = []
    for name in steps.ASKED:
        screen = steps.screen_named(name)
        if screen is None or name in UNTOLD:
            continue
        said = [(field.label, _said(field, answers[field.name], vocabulary)) for field in screen.fields if answers.get(field.name) is not None]
        told.append((screen.title, steps.page_of(name), said))
    return told


def _said(field: Field, value: Any, vocabulary: Vocabulary) -> str:
    if field.kind in ("choice", "slug"):
        return dict(labels.options(field, vocabulary)).get(value, str(value))
    if field.kind in ("choices", "slugs"):
        words = dict(labels.options(field, vocabulary))
        return ", ".join(words.get(each, each) for each in value)
    if field.kind == "flag":
        return "Yes" if value else "No"
    if field.kind == "money":
        return str(Money(value["amount"], value["currency"]))
    if field.kind == "windows":
        return ", ".join(in_words(value))
    if field.kind == "wishes":
        words = dict(labels.options(field, vocabulary))
        return "; ".join(f"{_either(each, words)} ({labels.STRENGTH_WORDS[each['strength']].lower()})" for each in value)
    if field.kind == "identity_wishes":
        asked = {kind: (label, dict(options)) for kind, label, options in labels.identity_questions(vocabulary)}
        return "; ".join(
            f"{asked[each['kind']][0]}: {_either(each, asked[each['kind']][1])} ({labels.RELATION_WORDS[each['relation']].lower()}, "
            f"{labels.STRENGTH_WORDS[each['strength']].lower()})"
            for each in value
        )
    return dict(labels.insurers(vocabulary)).get(value, str(value)) if field.kind == "name" else str(value)


def _either(wish: Mapping[str, Any], words: Mapping[str, str]) -> str:
    return " or ".join(words.get(each, each) for each in wish["any_of"])
