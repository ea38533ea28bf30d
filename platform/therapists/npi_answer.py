"""What the NPI registry's answer says. Pure.

The NPPES API, version 2.1 (npiregistry.cms.hhs.gov/api-page), answers 200 with ``result_count`` and ``results``, and also 200 with ``Errors`` when it
does not understand. It lists active numbers: one that was deactivated is as a rule no longer shown, so "not found" is an alarm as well.
A number names a provider and licenses nobody; the taxonomy codes are what the provider wrote.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from taxonomy.vocabulary import vocabulary
from therapists.register_answers import Answer, Found, NotFound, Unavailable

PERSON, ORGANISATION = "NPI-1", "NPI-2"
STATUSES = {"A": "Active", "D": "Deactivated"}
LONGEST = 200
MOST_LISTED = 30


class _WrongShape(Exception):
    pass


def answer_in(document: object, *, number: str, source: str) -> Answer:
    """Read a parsed answer. Unavailable `wrong_shape` for everything that is not plainly about this one number."""
    try:
        count, results = _results(document)
        if count == 0:
            return NotFound(source)
        if count != 1 or str(_text(results[0].get("number"))) != number:
            raise _WrongShape
        return _found(results[0], source)
    except _WrongShape:
        return Unavailable("wrong_shape", source)


def _results(document: object) -> tuple[int, list[Mapping[str, Any]]]:
    if not isinstance(document, dict) or "Errors" in document:
        raise _WrongShape
    count, results = document.get("result_count"), document.get("results")
    if type(count) is not int or not isinstance(results, list) or count != len(results) or not all(isinstance(each, dict) for each in results):
        raise _WrongShape
    return count, results


def _found(entry: Mapping[str, Any], source: str) -> Found:
    basic, kind = entry.get("basic"), entry.get("enumeration_type")
    if not isinstance(basic, dict) or kind not in (PERSON, ORGANISATION):
        raise _WrongShape
    written = _text(basic.get("status"))
    codes = list(_rows(entry.get("taxonomies")))
    names = tuple(dict.fromkeys(filter(None, (_name(each) for each in (basic, *_rows(entry.get("other_names")))))))
    if not written or not names:
        raise _WrongShape
    known = vocabulary().provider_codes
    alarms = {
        "deactivated": written != "A",
        "organisation": kind == ORGANISATION,
        "no_mental_health_code": not any(_text(row.get("code")) in known for row in codes),
    }
    return Found(
        status=STATUSES.get(written, written),
        names=names,
        credential_types=tuple(filter(None, (_code(row) for row in codes))),
        expires_on=None,
        restrictions=(),
        source=source,
        alarms=tuple(code for code, holds in alarms.items() if holds),
    )


def _name(row: Mapping[str, Any]) -> str:
    parts = [_text(row.get(part)) for part in ("first_name", "middle_name", "last_name")]
    return " ".join(filter(None, parts)) or _text(row.get("organization_name"))


def _code(row: Mapping[str, Any]) -> str:
    """Such as ``103TC0700X Psychologist, Clinical (CA PSY12345)``."""
    licence = " ".join(filter(None, (_text(row.get("state")), _text(row.get("license")))))
    return " ".join(filter(None, (_text(row.get("code")), _text(row.get("desc")), f"({licence})" if licence else "")))


def _rows(value: object) -> Iterator[Mapping[str, Any]]:
    """None where a list is left out; more than anybody has is not listed."""
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise _WrongShape
    yield from value[:MOST_LISTED]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _WrongShape
    # It is kept and shown: printable, and not endless.
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())[:LONGEST]
