"""The questions of the fit check, in our own words, and what an answer may call for. Pure.

An answer is 0 (not at all) to 10 (completely). One below 5, or 3 or more below what was answered the last time, is a reason to offer something, never a
judgement of anybody.
"""

from collections.abc import Mapping

QUESTIONS: Mapping[str, str] = {
    "topics": "We are working on what matters to me.",
    "way": "The way we work suits me.",
    "honesty": "I can be honest with this person.",
}
HIGHEST = 10
LOW_BELOW = 5
DROP = 3
# Asked after each of so many sessions with one therapist.
SESSIONS = 4

OFFERS: Mapping[str, str] = {
    "talk": "Talk about it with your therapist. You can let them read these answers; nobody reads them unless you say so, and you can end it at any time.",
    "rematch": "Look for somebody else. What you answered when you looked the first time still holds, and nothing is lost if you stay.",
    "help": "Ask a person of ours for help.",
}

Answers = Mapping[str, int]


def telling(answers: Answers, before: Answers | None) -> tuple[str, ...]:
    """The names of the questions whose answer is low, or fell since the check `before`, in the order in which they are asked."""
    return tuple(name for name in QUESTIONS if answers[name] < LOW_BELOW or (before is not None and before[name] - answers[name] >= DROP))


def offers(answers: Answers, before: Answers | None) -> tuple[str, ...]:
    """What to offer: all three, or nothing."""
    return tuple(OFFERS) if telling(answers, before) else ()
