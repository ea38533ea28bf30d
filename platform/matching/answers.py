"""Answers: checked against the closed questionnaire and vocabulary, and read as wishes, attendees and safety answers. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields as dataclass_fields
from typing import Any

from care.eligibility import Attendee
from core.errors import Invalid
from core.money import Money
from core.zones import known_zone
from matching.candidate import Style
from matching.questionnaire import FIRST_SCREENS, SCREEN_BY_NAME, STRENGTHS, UNIT_OF, Field
from matching.safety import Gate, SafetyAnswers
from matching.weights import DIMENSIONS, EMPHASES
from matching.wishes import IdentityWish, Strength, Window, Wish, Wishes
from taxonomy.vocabulary import Vocabulary
from therapists.standing import ADULT_BANDS

RELATIONS = ("shares", "experienced_with", "prefer_not")
MOST_VALUES = 10
# Characters; ten times what any question takes.
LONGEST_HEARD = 20_000
POPULATION = "population"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,39}")
Answers = Mapping[str, Any]


class _Wrong(Exception):
    """Where inside an answer, and what is wrong with it."""

    def __init__(self, message: str, path: str = "") -> None:
        self.path, self.message = path, message
        super().__init__(message)


def checked(screen_name: str, answers: Mapping[str, object], *, vocabulary: Vocabulary) -> dict[str, Any]:
    """The answers of one screen, cleaned. None takes an answer back. Invalid names every wrong field, as ``answers.hours.0.weekday``."""
    screen = SCREEN_BY_NAME.get(screen_name)
    if screen is None or not screen.fields:
        raise Invalid("There is no such screen.", code="unknown_screen", errors={"screen": ["Unknown screen."]})
    known = {field.name: field for field in screen.fields}
    errors: dict[str, list[str]] = {f"answers.{name}": ["Unknown field."] for name in answers if name not in known}
    clean: dict[str, Any] = {}
    for name, value in answers.items():
        if name not in known:
            continue
        try:
            clean[name] = None if value is None else _READERS[known[name].kind](value, known[name], vocabulary)
        except _Wrong as wrong:
            errors[f"answers.{name}" + (f".{wrong.path}" if wrong.path else "")] = [wrong.message]
    if errors:
        raise Invalid(errors=errors)
    return clean


def free_words(screen_name: str, answers: Mapping[str, object]) -> list[str]:
    """Every text of a screen that is no choice of ours, as it was sent, right or not: whatever people can write may say that they are in danger."""
    found = []
    for field in SCREEN_BY_NAME[screen_name].fields if screen_name in SCREEN_BY_NAME else ():
        value = answers.get(field.name)
        if field.kind in ("text", "name", "zone") and isinstance(value, str):
            found.append(value[:LONGEST_HEARD])
        elif field.kind == "identity_wishes" and isinstance(value, list):
            lists = [each["any_of"] for each in value[: field.most] if isinstance(each, dict) and isinstance(each.get("any_of"), list)]
            found += [each[:LONGEST_HEARD] for values in lists for each in values[:MOST_VALUES] if isinstance(each, str)]
    return found


def options_of(field: Field, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Every value a closed question takes; empty for open ones."""
    if field.list_name is None:
        return field.options
    lists: Mapping[str, Sequence[str]] = {
        "jurisdictions": tuple(vocabulary.jurisdictions),
        "concerns": tuple(vocabulary.concerns),
        "goals": tuple(vocabulary.goals),
        # What nobody may offer cannot be asked for either; free text that does is answered with why (`taxonomy.suggest`).
        "modalities": tuple(slug for slug, modality in vocabulary.modalities.items() if modality.kind != "excluded"),
        "languages": tuple(vocabulary.languages),
    }
    return tuple(lists[field.list_name]) if field.list_name in lists else facet_values(vocabulary, field.list_name)


def facet_values(vocabulary: Vocabulary, name: str) -> tuple[str, ...]:
    """The slugs of one facet of the vocabulary, in its order."""
    return tuple(vocabulary.facets[name])


def identity_kinds(vocabulary: Vocabulary) -> tuple[str, ...]:
    """What a wish about a therapist may be about; `population` is whom they have experience with."""
    return (*facet_values(vocabulary, "identity_kinds"), POPULATION)


def identity_values(vocabulary: Vocabulary, kind: str) -> frozenset[str] | None:
    """The closed values of a kind; None where people use their own words (ethnicity is counted differently in every country)."""
    if kind == POPULATION:
        return frozenset(facet_values(vocabulary, "populations"))
    if kind == "languages":
        return frozenset(vocabulary.languages)
    if kind == "age_band":
        return frozenset(facet_values(vocabulary, "age_bands"))
    return frozenset(value.slug for value in vocabulary.facets["identity_values"].values() if value.kind == kind) or None


def missing(answers: Answers) -> tuple[str, ...]:
    """Required fields without an answer, in the order of the screens: with none missing there can be a first list."""
    required = [field.name for screen in FIRST_SCREENS for field in screen.fields if field.required]
    if answers.get("for_whom") in ("couple", "family"):
        required.insert(required.index("age_band") + 1, "all_adults")
    return tuple(name for name in required if answers.get(name) is None or (name == "confirmed" and answers[name] is not True))


def safety_answers(answers: Answers) -> SafetyAnswers:
    return SafetyAnswers(**{each.name: answers.get(each.name) for each in dataclass_fields(SafetyAnswers)})


def is_joint(answers: Answers) -> bool:
    return answers.get("for_whom") not in ("self", "someone_else", "child")


def needs_person(answers: Answers) -> str | None:
    """Why a person has to help instead of a list: a code, or None. Minors and people asking for somebody else are never listed for alone.

    By what was said: what is not answered is `missing`, and there is no list before it is.
    """
    if answers.get("for_whom") in ("child", "someone_else"):
        return str(answers["for_whom"])
    if answers.get("age_band") not in (None, *ADULT_BANDS) or (is_joint(answers) and answers.get("all_adults") is False):
        return "minor"
    return None


def different_service(answers: Answers, *, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The goals, when nothing else is wanted, that a therapist cannot serve (medication, an assessment): a referral instead of a list. One that the
    vocabulary does not have any more is none of them: answers are older than it."""
    goals = tuple(answers.get("goals") or ())
    return goals if goals and all(goal in vocabulary.goals and vocabulary.goals[goal].different_service for goal in goals) else ()


def zone_of(answers: Answers, *, vocabulary: Vocabulary) -> str:
    """The stated zone, else the main one of the place."""
    place = vocabulary.jurisdictions.get(str(answers.get("place")))
    return str(answers.get("zone") or (place.main_zone if place else "UTC"))


def attendees(answers: Answers, gate: Gate, *, vocabulary: Vocabulary, person_id: int | None = None) -> tuple[Attendee, ...]:
    """Everybody who would attend: the person, and for a couple or family at least one more, where they said these will be."""
    needs = floors_of(answers, vocabulary=vocabulary) | gate.needs
    person = Attendee(person_id, place=answers.get("place"), age_band=answers.get("age_band"), paused=gate.stops_booking, needs=needs)
    if not is_joint(answers):
        return (person,)
    places = tuple(answers.get("others_places") or ()) or (answers.get("place"),)
    band = "adult" if answers.get("all_adults") is True else None
    return (person, *(Attendee(None, place=place, age_band=band, paused=gate.stops_booking) for place in places))


def wishes(answers: Answers, *, vocabulary: Vocabulary) -> Wishes:
    """What these answers wish for. Nothing that was not answered appears; a format that was named counts as a must unless softened."""
    modes = answers.get("modes")
    return Wishes(
        unit=UNIT_OF.get(str(answers.get("for_whom")), "individual"),
        zone=zone_of(answers, vocabulary=vocabulary),
        main_concern=answers.get("main_concern"),
        other_concerns=tuple(slug for slug in answers.get("other_concerns") or () if slug != answers.get("main_concern")),
        goals=tuple(sorted(vocabulary.expand_goals(answers.get("goals") or ()))),
        modalities=_wishes(answers.get("modalities")),
        style=Style(*(answers.get(name) for name in ("led", "intensity", "past", "warmth"))),
        identity=tuple(
            IdentityWish(each["kind"], frozenset(each["any_of"]), each["relation"], Strength(each["strength"])) for each in answers.get("identity") or ()
        ),
        languages=_wishes(answers.get("languages")),
        modes=Wish(frozenset(modes), Strength(answers.get("modes_strength") or "must")) if modes else None,
        town=answers.get("town"),
        hours=tuple(Window(each["weekday"], each["from_minute"], each["to_minute"]) for each in answers.get("hours") or ()),
        hours_strength=Strength(answers.get("hours_strength") or "strong"),
        ceiling=Money(**answers["ceiling"]) if answers.get("ceiling") else None,
        ceiling_firm=bool(answers.get("ceiling_firm")),
        concession=bool(answers.get("concession")),
        insurer=answers.get("insurer"),
        access=_wishes(answers.get("access")),
        emphasis=dict(answers.get("emphasis") or {}),
    )


def floors_of(answers: Answers, *, vocabulary: Vocabulary) -> frozenset[str]:
    """The named concerns that demand a checked competence, by themselves or by the area they belong to."""
    named = [slug for slug in (answers.get("main_concern"), *(answers.get("other_concerns") or ())) if slug in vocabulary.concerns]
    return frozenset(slug for slug in named if vocabulary.concerns[slug].needs_floor)


def _wishes(stated: Sequence[Mapping[str, Any]] | None) -> tuple[Wish, ...]:
    return tuple(Wish(frozenset(each["any_of"]), Strength(each["strength"])) for each in stated or ())


def _choice(value: object, field: Field, vocabulary: Vocabulary) -> str:
    if not isinstance(value, str) or value not in options_of(field, vocabulary):
        raise _Wrong("Not one of the possible answers.")
    return value


def _choices(value: object, field: Field, vocabulary: Vocabulary) -> list[str]:
    possible = frozenset(options_of(field, vocabulary))
    found = _list(value, field.most)
    for number, each in enumerate(found):
        if not isinstance(each, str) or each not in possible:
            raise _Wrong("Not one of the possible answers.", str(number))
    return list(dict.fromkeys(found))


def _flag(value: object, field: Field, vocabulary: Vocabulary) -> bool:  # noqa: ARG001 readers share a signature
    if not isinstance(value, bool):
        raise _Wrong("Answer true or false.")
    return value


def _text(value: object, field: Field, vocabulary: Vocabulary) -> str:  # noqa: ARG001 readers share a signature
    if not isinstance(value, str) or not _is_plain(value):
        raise _Wrong("Write plain text.")
    if len(value) > field.longest:
        raise _Wrong(f"At most {field.longest} characters.")
    return value.strip()


def _name(value: object, field: Field, vocabulary: Vocabulary) -> str:  # noqa: ARG001 readers share a signature
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise _Wrong("Small letters, digits, - and _ only.")
    return value


def _number(value: object, field: Field, vocabulary: Vocabulary) -> float:  # noqa: ARG001 readers share a signature
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
        raise _Wrong("A number from -1 to 1.")
    return float(value)


def _zone(value: object, field: Field, vocabulary: Vocabulary) -> str:  # noqa: ARG001 readers share a signature
    if not isinstance(value, str) or not known_zone(value):
        raise _Wrong("Give a time zone such as Europe/London.")
    return value


def _money(value: object, field: Field, vocabulary: Vocabulary) -> dict[str, Any]:  # noqa: ARG001 readers share a signature
    if isinstance(value, dict) and set(value) == {"amount", "currency"} and type(value["amount"]) is int and 0 < value["amount"] <= 100_000_000:
        try:
            money = Money(value["amount"], value["currency"])
        except (TypeError, ValueError, AttributeError):
            pass
        else:
            return {"amount": money.amount, "currency": money.currency}
    raise _Wrong('Give {"amount": 7000, "currency": "GBP"}: minor units and a currency.')


def _windows(value: object, field: Field, vocabulary: Vocabulary) -> list[dict[str, int]]:  # noqa: ARG001 readers share a signature
    found = []
    for number, each in enumerate(_list(value, field.most)):
        if not isinstance(each, dict) or set(each) != {"weekday", "from_minute", "to_minute"} or any(type(part) is not int for part in each.values()):
            raise _Wrong("Give weekday, from_minute and to_minute.", str(number))
        if not 0 <= each["weekday"] <= 6:
            raise _Wrong("0 (Monday) to 6 (Sunday).", f"{number}.weekday")
        if not 0 <= each["from_minute"] < each["to_minute"] <= 1440:
            raise _Wrong("Minutes of the day, the end after the start, at most 1440.", f"{number}.to_minute")
        found.append(dict(each))
    return found


def _wish_list(value: object, field: Field, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    possible = frozenset(options_of(field, vocabulary))
    found = []
    for number, each in enumerate(_list(value, field.most)):
        if not isinstance(each, dict) or set(each) != {"any_of", "strength"}:
            raise _Wrong("Give any_of and strength.", str(number))
        found.append({"any_of": _any_of(each["any_of"], possible, number), "strength": _one_of(each["strength"], STRENGTHS, f"{number}.strength")})
    return found


def _identity_wishes(value: object, field: Field, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    found = []
    for number, each in enumerate(_list(value, field.most)):
        if not isinstance(each, dict) or set(each) != {"kind", "any_of", "relation", "strength"}:
            raise _Wrong("Give kind, any_of, relation and strength.", str(number))
        kind = _one_of(each["kind"], identity_kinds(vocabulary), f"{number}.kind")
        found.append(
            {
                "kind": kind,
                "any_of": _any_of(each["any_of"], identity_values(vocabulary, kind), number),
                "relation": _one_of(each["relation"], RELATIONS, f"{number}.relation"),
                "strength": _one_of(each["strength"], STRENGTHS, f"{number}.strength"),
            }
        )
    return found


def _emphasis(value: object, field: Field, vocabulary: Vocabulary) -> dict[str, str]:  # noqa: ARG001 readers share a signature
    if not isinstance(value, dict):
        raise _Wrong("Give a dimension and off, normal or high.")
    return {_one_of(name, tuple(dimension.name for dimension in DIMENSIONS), "name"): _one_of(how, EMPHASES, str(name)[:40]) for name, how in value.items()}


def _list(value: object, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong("Give a list.")
    if len(value) > most:
        raise _Wrong(f"At most {most}.")
    return value


def _any_of(value: object, possible: frozenset[str] | None, number: int) -> list[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
        raise _Wrong(f"Give one to {MOST_VALUES} values.", f"{number}.any_of")
    if any(not isinstance(each, str) or not 1 <= len(each) <= 80 or not _is_plain(each) or (possible is not None and each not in possible) for each in value):
        raise _Wrong("Not one of the possible answers.", f"{number}.any_of")
    return sorted(set(value))


def _is_plain(text: str) -> bool:
    """No control characters, and no half of a surrogate pair, which JSON can carry and nothing can store."""
    return not any((letter < " " and letter not in "\n\t\r") or letter == "\x7f" or "\ud800" <= letter <= "\udfff" for letter in text)


def _one_of(value: object, possible: Sequence[str], path: str) -> str:
    if not isinstance(value, str) or value not in possible:
        raise _Wrong("Not one of the possible answers.", path)
    return value


_READERS: Mapping[str, Callable[[object, Field, Vocabulary], Any]] = {
    "choice": _choice,
    "slug": _choice,
    "choices": _choices,
    "slugs": _choices,
    "flag": _flag,
    "text": _text,
    "name": _name,
    "number": _number,
    "zone": _zone,
    "money": _money,
    "windows": _windows,
    "wishes": _wish_list,
    "identity_wishes": _identity_wishes,
    "emphasis": _emphasis,
}
