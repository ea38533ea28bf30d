"""Answers of the personas, screen by screen, as the intake takes them; and the pure way from answers to a list."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from matching.answers import attendees, checked, is_joint, missing, safety_answers, wishes
from matching.candidate import Candidate
from matching.listing import Listing, Occasion, listing
from matching.questionnaire import SCREENS
from matching.safety import Gate, gate
from taxonomy.vocabulary import vocabulary
from tests.matching.cast import NOW, cast

SAFE = {"thoughts": "no", "others": "no", "home": "no"}
EVENINGS = [{"weekday": day, "from_minute": 17 * 60, "to_minute": 22 * 60} for day in range(5)]

P01 = {
    "for_whom": "self",
    "place": "GB-ENG",
    "age_band": "adult",
    **SAFE,
    "main_concern": "emotional_unavailability",
    "about_whom": "self",
    "modalities": [{"any_of": ["psychodynamic", "attachment_based"], "strength": "strong"}],
    "identity": [{"kind": "gender", "any_of": ["woman"], "relation": "shares", "strength": "nice"}],
    "modes": ["video"],
    "hours": EVENINGS,
    "ceiling": {"amount": 7000, "currency": "GBP"},
    "ceiling_firm": True,
    "confirmed": True,
}
P02 = {
    "for_whom": "couple",
    "place": "GB-ENG",
    "age_band": "adult",
    "all_adults": True,
    **SAFE,
    "main_concern": "emotional_unavailability",
    "about_whom": "partner",
    "modalities": [{"any_of": ["eft_couple"], "strength": "strong"}],
    "modes": ["video"],
    "confirmed": True,
}
P04 = {
    "for_whom": "couple",
    "place": "US-CA",
    "age_band": "adult",
    "all_adults": True,
    **SAFE,
    "main_concern": "infidelity",
    "languages": [{"any_of": ["es"], "strength": "nice"}],
    "confirmed": True,
}
P06 = {"for_whom": "self", "place": "US-CA", "age_band": "adult", **SAFE, "main_concern": "ocd", "confirmed": True}
P09 = {
    "for_whom": "self",
    "place": "GB-ENG",
    "age_band": "adult",
    **SAFE,
    "main_concern": "depression",
    "led": 0.8,
    "past": -0.6,
    "ceiling": {"amount": 10000, "currency": "GBP"},
    "ceiling_firm": True,
    "confirmed": True,
}
P12 = {
    "for_whom": "self",
    "place": "GB-ENG",
    "age_band": "adult",
    **SAFE,
    "main_concern": "ptsd",
    "modalities": [{"any_of": ["emdr"], "strength": "strong"}],
    "confirmed": True,
}
P13 = {
    "for_whom": "self",
    "place": "IE",
    "age_band": "adult",
    **SAFE,
    "main_concern": "ptsd",
    "languages": [{"any_of": ["es"], "strength": "strong"}],
    "modalities": [{"any_of": ["emdr"], "strength": "strong"}],
    "identity": [{"kind": "population", "any_of": ["lgbtq"], "relation": "experienced_with", "strength": "strong"}],
    "confirmed": True,
}
P18 = {"for_whom": "self", "place": "CA-ON", "age_band": "adult", **SAFE, "main_concern": "self_harm", "confirmed": True}
P20 = {
    "for_whom": "self",
    "place": "AU-NSW",
    "age_band": "adult",
    **SAFE,
    "main_concern": "perfectionism",
    "ceiling": {"amount": 15000, "currency": "AUD"},
    "ceiling_firm": True,
    "confirmed": True,
}
P21 = {
    "for_whom": "self",
    "place": "IN",
    "age_band": "adult",
    **SAFE,
    "main_concern": "emotional_unavailability",
    "languages": [{"any_of": ["hi"], "strength": "must"}],
    "confirmed": True,
}
P22 = {"for_whom": "self", "place": "GB-ENG", "age_band": "adult", **SAFE, "main_concern": "depression", "confirmed": True}
P23 = {
    "for_whom": "self",
    "place": "GB-ENG",
    "age_band": "age_18_25",
    **SAFE,
    "main_concern": "self_esteem",
    "ceiling": {"amount": 2500, "currency": "GBP"},
    "ceiling_firm": True,
    "concession": True,
    "confirmed": True,
}
P33 = {
    "for_whom": "self",
    "place": "GB-ENG",
    "age_band": "adult",
    **SAFE,
    "main_concern": "depression",
    "languages": [{"any_of": ["bfi"], "strength": "must"}],
    "confirmed": True,
}


def clean(answers: dict[str, Any]) -> dict[str, Any]:
    """The same answers after the checks of every screen."""
    found: dict[str, Any] = {}
    for screen in SCREENS:
        mine = {field.name: answers[field.name] for field in screen.fields if field.name in answers}
        if mine:
            found |= checked(screen.name, mine, vocabulary=vocabulary())
    assert set(found) == set(answers), "an answer that no screen asks for"
    return found


def gate_of(answers: dict[str, Any]) -> Gate:
    return gate(safety_answers(answers), joint=is_joint(answers))


def occasion_of(answers: dict[str, Any], *, now: datetime = NOW, seed: str = "intake", **more: Any) -> Occasion:
    held = clean(answers)
    assert missing(held) == ()
    found = gate_of(held)
    return Occasion(
        wishes(held, vocabulary=vocabulary()),
        attendees(held, found, vocabulary=vocabulary()),
        now,
        seed,
        within_days=found.within_days,
        **more,
    )


def list_for(answers: dict[str, Any], candidates: Iterable[Candidate] | None = None, **more: Any) -> Listing:
    return listing(occasion_of(answers, **more), cast() if candidates is None else candidates, vocabulary=vocabulary())


def keys(found: Listing) -> list[str]:
    return [each.candidate.key for each in found.ranked]
