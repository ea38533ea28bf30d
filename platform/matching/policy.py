"""The ranking policy as it is told, to programs and to people: who is on a list at all, what counts how much, what may move a card, what never counts.

Every number comes from `weights`; a gate that has no words here fails a test.
"""

from collections.abc import Mapping
from typing import Any

from matching.slate import DIFFERENT, EXPLORING
from matching.weights import EMPHASES, HIGH_FACTOR, SLATE, WEIGHTS, Dimension, SlatePolicy
from taxonomy.vocabulary import Vocabulary

Json = dict[str, Any]
FORMULA = "score = sum of weight x share over the dimensions you gave an answer for, divided by the sum of these weights"
TIES = "Equal scores are ordered by a hash of your intake, the therapist and the day at your place: still within a day, changing from day to day."
CHOICES = "You can switch each dimension off, or let it count twice. What you gave no answer for counts for nobody."
PAYMENT = "No therapist can pay for a place, and nobody can pay to be left out: there is no field for it."
# Why somebody is not on a list, by the code of the gate. The first ones are the law, the register or safety: they never give way.
GATES: Mapping[str, str] = {
    "verified": "We hold a current check of the therapist's registration, which lasts until the session.",
    "not_barred": "No suspension, restriction or exclusion stands against them.",
    "required_checks": "What else we check about every therapist is current: insurance, identity and so on.",
    "jurisdiction": "They may work with people who are where you will be during the session.",
    "scope": "They may give this service; under supervision only where that is allowed and shown.",
    "age_group": "They work with your age group.",
    "unit": "They offer sessions for as many people as you are.",
    "competence_floor": "Where somebody's safety asks for a special competence, we have checked it.",
    "no_conflict": "Nothing stands between you and them that we are bound to respect.",
    "paused": "No safety question of yours waits for a person.",
    "leaving": "They still work here on the day of the session.",
    "accepting": "They take new clients and have a place; places that are held count as taken.",
    "bookable": "They have a real opening in the next weeks; without one they may keep a waitlist.",
    "hidden": "You have not asked us to leave them out of your lists.",
    "language": "Languages that you marked must.",
    "price": "Your ceiling, when you said that it is firm.",
    "format": "Formats that you marked must.",
    "times": "Your hours, when you marked them must.",
    "must": "Anything else that you marked must.",
}
CAN_GIVE_WAY = ("language", "price", "format", "times", "must")


def policy_json(words: Vocabulary) -> Json:
    """Ready for `schemas.RankingPolicySchema`. What the evidence weighs follows from whether its table in `words` is signed."""
    return {
        "version": WEIGHTS.version,
        "taxonomy_version": words.version,
        "gates": [{"code": code, "plain": plain, "can_give_way": code in CAN_GIVE_WAY} for code, plain in GATES.items()],
        "formula": FORMULA,
        "dimensions": [_dimension_json(each, signed=words.evidence_signed_by is not None) for each in WEIGHTS.dimensions],
        "choices": CHOICES,
        "emphases": dict(zip(EMPHASES, (0.0, 1.0, HIGH_FACTOR), strict=True)),
        "strengths": dict(WEIGHTS.strengths),
        "words": [{"word": word, "lowest_score": least} for word, least in WEIGHTS.words],
        "unknown_counts_as": WEIGHTS.unknown,
        "ties": TIES,
        "slate": slate_json(SLATE),
        "payment": PAYMENT,
        "never_counts": list(WEIGHTS.never_counts),
    }


def _dimension_json(dimension: Dimension, *, signed: bool) -> Json:
    weight_now = WEIGHTS.effective(dimension, "normal", evidence_signed=signed)
    return {**vars(dimension), "weight_now": weight_now, "waits_for": None if weight_now else dimension.waits_for}


def slate_json(policy: SlatePolicy) -> Json:
    """What may move a card beside the fit, and how far."""
    return {
        "most_cards": policy.longest,
        "first_card_loses_at_most": policy.epsilon,
        "other_cards_lose_at_most": 2 * policy.epsilon,
        "days_of_attention": policy.exposure_days,
        "rules": [
            {"name": "demand", "moves_at_most": policy.epsilon / 2, "plain": "Who has many requests waiting for each free place steps back a little."},
            {
                "name": "attention",
                "moves_at_most": policy.epsilon / 4,
                "plain": f"Who was shown less than the fit deserved in the {policy.exposure_days} days before today steps forward a little, who was shown "
                "more steps back.",
            },
            {
                "name": DIFFERENT,
                "moves_at_most": 2 * policy.epsilon,
                "plain": "When all cards work alike, the last one may show a different approach of nearly the same fit. It says so.",
            },
            {
                "name": EXPLORING,
                "moves_at_most": policy.epsilon,
                "plain": f"In {round(policy.explores * 100)} of 100 lists of {policy.shortest_to_explore} cards or more, the last but one shows somebody new "
                "of nearly the same fit. It says so. Never where somebody may be at risk.",
            },
        ],
        "everybody": "The list of everybody who is eligible is always in the order of the fit alone.",
    }
