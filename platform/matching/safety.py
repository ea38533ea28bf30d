"""The gate before any ranking: three plain questions, and what the answers lead to. Pure.

The answers decide what happens next; they are never added up, weighed or turned into a level of risk, and they never rank anybody.
An unanswered direct question stays in the highest class: somebody has to talk with the person first.
"""

from dataclasses import dataclass
from enum import StrEnum

from care.eligibility import RISK_COMPETENCE

ANSWERS = ("yes", "no", "prefer_not_to_say")
QUESTIONS = {
    "thoughts": "Are you having thoughts of ending your life?",
    "others": "Are you worried that you might seriously hurt somebody else?",
    "home": "Are you unsafe where you live, or afraid of somebody there?",
}
DIRECT_QUESTIONS = {
    "intent": "Do you mean to act on these thoughts?",
    "plan": "Have you thought about how or when you would do it?",
    "safe_now": "Are you safe right now?",
}
# With thoughts but no intent: only therapists with a checked competence who have time this soon.
FOLLOW_UP_WITHIN_DAYS = 7


class Outcome(StrEnum):
    """`incomplete`: one of the three questions is open, so there is no list. `ask`: the direct questions come first, no list until they are
    answered, and somebody already knows. `proceed`: a list. `follow_up`: a restricted list and somebody follows up. `pause`: no list, no
    requests, no bookings until a person has spoken with them; no later answer takes that back."""

    INCOMPLETE = "incomplete"
    ASK = "ask"
    PROCEED = "proceed"
    FOLLOW_UP = "follow_up"
    PAUSE = "pause"


@dataclass(frozen=True)
class SafetyAnswers:
    """None is not answered."""

    thoughts: str | None = None
    others: str | None = None
    home: str | None = None
    intent: str | None = None
    plan: str | None = None
    safe_now: str | None = None


@dataclass(frozen=True)
class Gate:
    """`crisis_help`: local help is shown and stays. `reasons`: codes for the person who follows up, in the order of the questions.

    `ask`: direct questions still open. `needs`: concerns for which the list demands a checked competence.
    """

    outcome: Outcome
    crisis_help: bool = False
    reasons: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    within_days: int | None = None

    @property
    def opens_case(self) -> bool:
        return self.outcome in (Outcome.ASK, Outcome.FOLLOW_UP, Outcome.PAUSE)

    @property
    def stops_booking(self) -> bool:
        return self.outcome in (Outcome.ASK, Outcome.PAUSE)

    @property
    def allows_list(self) -> bool:
        return self.outcome in (Outcome.PROCEED, Outcome.FOLLOW_UP)


def gate(answers: SafetyAnswers, *, joint: bool, raised: bool = False) -> Gate:
    """What the answers lead to. `joint`: more than one person would attend, so fear at home never leads to a session together. `raised`: their own words,
    or an item of a questionnaire, made us ask about thoughts of ending their life again; until that is answered it stays where an open question stays.

    Thoughts, or not wanting to say, lead to the direct questions; intent, a plan, not being safe now, or not wanting to say one of them
    pauses. Harm to others and danger at home pause. Not wanting to say keeps the crisis help in view.
    """
    given = (answers.thoughts, answers.others, answers.home)
    reasons = tuple(_reasons(answers, joint=joint))
    crisis = any(answer in ("yes", "prefer_not_to_say") for answer in given)
    if set(reasons) - {"thoughts"}:
        return Gate(Outcome.PAUSE, crisis_help=True, reasons=reasons)
    ask = tuple(name for name in DIRECT_QUESTIONS if getattr(answers, name) is None)
    if reasons and ask:
        return Gate(Outcome.ASK, crisis_help=True, reasons=reasons, ask=ask)
    if raised and answers.thoughts is None:
        return Gate(Outcome.ASK, crisis_help=True, ask=("thoughts",))
    if None in given:
        return Gate(Outcome.INCOMPLETE, crisis_help=crisis)
    if reasons:
        return Gate(Outcome.FOLLOW_UP, crisis_help=True, reasons=reasons, needs=RISK_COMPETENCE, within_days=FOLLOW_UP_WITHIN_DAYS)
    return Gate(Outcome.PROCEED, crisis_help=crisis)


def _has_thoughts(answers: SafetyAnswers) -> bool:
    return answers.thoughts in ("yes", "prefer_not_to_say")


def _reasons(answers: SafetyAnswers, *, joint: bool) -> list[str]:
    found = []
    if _has_thoughts(answers):
        found.append("thoughts")
        # Whoever would rather not say stays where a person talks with them first.
        found += [name for name in ("intent", "plan") if getattr(answers, name) not in ("no", None)]
        found += ["not_safe_now"] if answers.safe_now not in ("yes", None) else []
    if answers.others == "yes":
        found.append("harm_to_others")
    if answers.home == "yes" or (joint and answers.home == "prefer_not_to_say"):
        found.append("unsafe_at_home")
    return found
