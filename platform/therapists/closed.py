"""Only words of the closed vocabulary get in: lists of slugs are checked here, each wrong one named by its place in the list."""

from collections.abc import Collection, Sequence

from core.errors import Invalid
from taxonomy.vocabulary import vocabulary

Errors = dict[str, list[str]]


def errors_in(field: str, slugs: Sequence[str], known: Collection[str]) -> Errors:
    """What is wrong with a list of slugs, by ``field.index``: unknown ones, and ones given twice."""
    errors: Errors = {}
    for index, slug in enumerate(slugs):
        if slug not in known:
            errors[f"{field}.{index}"] = ["Not a word of our vocabulary; see /api/v1/taxonomy."]
        elif slug in slugs[:index]:
            errors[f"{field}.{index}"] = ["Given twice."]
    return errors


def refuse(*found: Errors) -> None:
    """Invalid with all of these errors, if there are any."""
    merged: Errors = {}
    for errors in found:
        merged.update(errors)
    if merged:
        raise Invalid(errors=merged)


def facet(name: str) -> Collection[str]:
    """The slugs of one small list of the vocabulary, such as `units`."""
    return vocabulary().facets[name]
