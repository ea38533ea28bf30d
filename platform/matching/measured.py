"""The dimension of measured outcomes: weighs nothing until there is enough data, and never much. Pure; the contract is `dimensions`'."""

from matching.candidate import Candidate, OfferedService
from matching.shares import Answer, Finding, Question, Share

PER_SD, LEAST, MOST = 0.4, 0.3, 0.7


def outcomes(q: Question) -> Answer | None:
    """.5 + .4·x, between .3 and .7, with x the end of the 80 % interval nearer the prior mean (0 while the interval contains it).

    Inputs: `Candidate.effects` in the domain of the main concern, which is itself or its parent. Without a measured effect: unknown. None without a main
    concern.
    """
    main, unknown = q.wishes.main_concern, q.weights.unknown
    if main is None:
        return None
    known = q.vocabulary.concerns.get(main)
    domain = (known and known.parent) or main

    def answer(who: Candidate, _: OfferedService) -> Share:
        effect = who.effects.get(main) or who.effects.get(domain)
        if effect is None:
            return Share(unknown, "not_stated", (Finding("outcomes", (main,), None),))
        value = min(MOST, max(LEAST, unknown + PER_SD * effect.nearer_end()))
        return Share(value, "met" if value > unknown else "not_met" if value < unknown else "partly", (Finding("outcomes", (main,), value),))

    return answer
