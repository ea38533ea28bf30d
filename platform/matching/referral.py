"""What is right instead of a list: a person who helps, or another service that is named; with the reason in plain words and what to do next. Pure.

No way of asking ends with nothing. Whatever is said here may be read by somebody else at the same screen: it names no answer about safety.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from matching.answers import Answers, different_service, is_joint, needs_person
from taxonomy.suggest import suggest
from taxonomy.vocabulary import Vocabulary

Kind: TypeAlias = Literal["person", "other_service"]
# Danger from somebody at home: nobody is asked to speak about it in front of the other.
UNSAFE_TOGETHER = "domestic_violence"
HOME_ANSWERS = ("yes", "prefer_not_to_say")

ASK_US = "If you would rather talk it over, ask for a person: they read it when somebody is at the desk."
THERAPY_TOO = "If you would like therapy as well, add what it should be about to your goals, and you see who may work with you."


@dataclass(frozen=True)
class Service:
    """Another service, and how people come to it."""

    name: str
    how: str


@dataclass(frozen=True)
class Referral:
    """`code` says why; `text` and `next` say it to the person. `desk`: whose case it is (a kind of `desk.kinds`), None when nobody has to look at it."""

    code: str
    kind: Kind
    text: str
    next: tuple[str, ...]
    services: tuple[Service, ...] = ()
    desk: str | None = "matchmaking"


PERSONS = {
    "minor": Referral(
        "minor",
        "person",
        "Who has to agree before somebody under 18 begins therapy depends on where they live. A person checks that with you before anybody is suggested.",
        (
            "You need to do nothing more: we have noted it, and somebody looks at it when they are at the desk.",
            "Say how to reach you, and whether a message there is safe. We tell nobody at home that you asked.",
            "You can talk to a family doctor, a school counsellor or a helpline for young people without waiting for us.",
            "If the age is not right, tell that person. Once they have looked at it, you can answer the question about your age anew.",
        ),
    ),
    "child": Referral(
        "child",
        "person",
        "For a child, those who care for it agree before the first session; what that takes depends on the place. A person goes through it with you.",
        (
            "You need to do nothing more: we have noted it, and somebody looks at it when they are at the desk.",
            "Say how to reach you. It helps to know who has parental responsibility.",
            "A family doctor or the school can refer a child too, often at no cost.",
        ),
    ),
    "someone_else": Referral(
        "someone_else",
        "person",
        "Only the person themselves can say what helps them, and agree to it. A person looks with you at what you can do meanwhile.",
        (
            "They can answer these questions themselves, in their own time.",
            "If you would like support for yourself, choose that it is for you: therapists here work with people who care for somebody.",
            ASK_US,
        ),
    ),
    "together": Referral(
        "together",
        "person",
        "Before a talk together, somebody from here speaks with each person alone. That is how we begin in some situations, and it says nothing about anybody.",
        (
            "You can look for somebody for yourself alone now: choose that it is for you.",
            "Somebody trained reads this when they are at the desk. Nobody else who would take part is told.",
        ),
        desk="safety",
    ),
}
NOT_OFFERED_NEXT = (
    "Nothing about who you are needs to be changed. Therapists here can support you as you are, also with what others say or do about it.",
    "To see them, say that you have read this.",
    ASK_US,
)
FAMILY_DOCTOR = Service("Your family doctor (GP)", "They can prescribe, know who assesses where you live, and refer you. The usual first step.")
SERVICES = {
    "medication": (
        FAMILY_DOCTOR,
        Service("A psychiatrist or another prescriber", "A psychiatrist, and in some places a nurse or pharmacist who may prescribe."),
    ),
    "diagnosis_or_assessment": (
        FAMILY_DOCTOR,
        Service("A clinic or clinician for assessments", "Ask whether they assess people of your age for what you want to know, and how long it takes."),
    ),
}
BEFORE_CHANGES = "If you take something now, please speak with whoever prescribes it before you change or stop it."


def referral_for(answers: Answers, *, vocabulary: Vocabulary, unsafe_at_home: bool = False, joint: bool = False, is_minor: bool = False) -> Referral | None:
    """Why there is no list although the safety gate is open; None when a list is right. `unsafe_at_home`: as the person has ever said, here or elsewhere.
    `is_minor`: as care has it, whatever the answers say. `joint`: others would take part in what they are about to choose, whoever the answers say that it
    is for. What was not answered says nothing.

    The gravest comes first: nobody is asked to a session together who may have to fear it.
    """
    together = joint or (answers.get("for_whom") is not None and is_joint(answers))
    if together and (unsafe_at_home or answers.get("home") in HOME_ANSWERS or UNSAFE_TOGETHER in _concerns(answers)):
        return PERSONS["together"]
    if (why := needs_person(answers)) is not None:
        return PERSONS[why]
    if is_minor:
        return PERSONS["minor"]
    if not_offered := _not_offered(answers, vocabulary):
        return Referral("not_offered", "person", not_offered, NOT_OFFERED_NEXT)
    goals = different_service(answers, vocabulary=vocabulary)
    return _other_service(goals, vocabulary) if goals else None


def _concerns(answers: Answers) -> Sequence[str]:
    return (str(answers.get("main_concern")), *(answers.get("other_concerns") or ()))


def _not_offered(answers: Answers, vocabulary: Vocabulary) -> str | None:
    """What nobody may offer, as the person's own words ask for it; whoever has read that goes on, also whoever wrote of what was done to them."""
    if answers.get("not_offered_read") is True or not answers.get("words"):
        return None
    found = suggest(str(answers["words"]), kinds=("modality",), within=vocabulary).not_offered
    return " ".join(dict.fromkeys(each.caution for each in found)) or None


def _other_service(goals: Sequence[str], vocabulary: Vocabulary) -> Referral:
    text = " ".join(str(vocabulary.goals[goal].note) for goal in goals)
    services = tuple(dict.fromkeys(service for goal in goals for service in SERVICES.get(goal, ())))
    before = (BEFORE_CHANGES,) if "medication" in goals else ()
    return Referral(goals[0] if len(goals) == 1 else "other_service", "other_service", text, (*before, THERAPY_TOO, ASK_US), services, desk=None)
