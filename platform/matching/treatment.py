"""The dimensions about the person and the treatment: concern and goals, style, modality, evidence, identity. Pure; the contract is `dimensions`'."""

from math import fsum

from matching.shares import Finding, Question, Share, credit_of, weighted_mean
from matching.wishes import identity_credit, modality_credit

CORE, DECLARED, WIDER = 1.0, 0.6, 0.5
MAIN_CONCERN, OTHER_CONCERN, ALL_GOALS = 2.0, 1.0, 1.0
EVIDENCE_CREDIT = {"A": 1.0, "B": 0.7, "C": 0.4}
NO_EVIDENCE = 0.2
# Half-strong: the four style questions run from -1 to +1, and a weaker answer is no wish.
STYLE_WISH = 0.5


def concern(q: Question) -> Share | None:
    """Coverage of what was named: Σ weight·credit / Σ weight. What nobody asked for neither helps nor harms.

    Inputs: `main_concern` (weight 2), each of `other_concerns` (1), and `goals` that stand for concerns (together 1, in equal parts); the therapist's
    `full_concerns` and `all_concerns`. Credit of a concern: 1 when it, or one of its children, is among the first five core areas and checked; .6 when
    it, or a child, is listed at all (a sixth core area, an unchecked one, or declared); .5 when its parent is listed; otherwise 0, also for an empty
    list. Credit of a goal: the highest of the concerns it stands for. None when nothing was named.
    """
    wishes = q.wishes
    named = [(wishes.main_concern, MAIN_CONCERN)] if wishes.main_concern else []
    named += [(other, OTHER_CONCERN) for other in wishes.other_concerns]
    findings = [Finding(*_concern_credit(q, slug), weight) for slug, weight in named]
    goals = [goal for goal in wishes.goals if goal in q.vocabulary.goals and q.vocabulary.goals[goal].concerns]
    findings += [_goal_finding(q, goal, ALL_GOALS / len(goals)) for goal in goals]
    return weighted_mean(q, findings)


def style(q: Question) -> Share | None:
    """1 − mean(|client − therapist| / 2) over the dimensions of style on which the client's wish is at least half-strong (|x| ≥ .5).

    Inputs: the four numbers −1..+1 of both; 2 is the range. A dimension that the therapist has not stated counts .5. None without such a wish. Met: all
    of them stated and their mean at least .75; not met: the mean of the stated ones below .5.
    """
    offered = dict(q.candidate.style.items())
    findings = [_style_finding(name, wished, offered[name]) for name, wished in q.wishes.style.items() if wished is not None and abs(wished) >= STYLE_WISH]
    if not findings:
        return None
    value = fsum(credit_of(finding, q.weights) for finding in findings) / len(findings)
    known = [finding for finding in findings if finding.credit is not None]
    if not known:
        return Share(value, "not_stated", tuple(findings))
    near = fsum(finding.credit or 0.0 for finding in known) / len(known)
    state = "met" if near >= 0.75 and len(known) == len(findings) else "not_met" if near < 0.5 else "partly"
    return Share(value, state, tuple(findings))


def modality(q: Question) -> Share | None:
    """Σ strength·credit / Σ strength over the wishes for a kind of therapy; strengths are `Weights.strengths`.

    Credit of a wish: the highest over its values and over every modality that the therapist lists or has verified and that is for this unit at all: the
    same or narrower 1, broader .6, sibling .3, otherwise 0. "Not sure" is no wish, and None without any.
    """
    strengths = q.weights.strengths
    wished = [(wish, modality_credit(wish, q.candidate, q.wishes.unit, q.vocabulary)) for wish in q.wishes.modalities]
    return weighted_mean(q, [Finding("modality", tuple(sorted(wish.any_of)), credit, strengths[wish.strength]) for wish, credit in wished])


def evidence(q: Question) -> Share | None:
    """The best grade that the table gives their *verified* modalities for the main concern: A 1, B .7, C .4, anything else .2.

    Only modalities for this unit count. None without a main concern, or where no row of the table knows it. The whole dimension weighs nothing until a
    named clinician has signed the version of the table (`Weights.effective`).
    """
    main = q.wishes.main_concern
    if main is None or not q.vocabulary.is_graded(main):
        return None
    proven = [each for each in sorted(q.candidate.verified_modalities) if q.vocabulary.serves_unit(each, q.wishes.unit)]
    grades = [row for offered in proven if (row := q.vocabulary.evidence_for(main, offered)) is not None]
    value = max((EVIDENCE_CREDIT.get(row.grade, NO_EVIDENCE) for row in grades), default=NO_EVIDENCE)
    return Share(value, "met" if value >= 1.0 else "partly" if value > NO_EVIDENCE else "not_met", (Finding("evidence", (main,), value),))


def identity(q: Question) -> Share | None:
    """Σ strength·credit / Σ strength over the client's own wishes about who the therapist is; never without one.

    Credit of a wish, from the therapist's published words alone: 1 met; .6 "experienced with" where sharing was asked; 0 not met; unknown (.5) where they
    publish nothing of that kind.
    """
    strengths = q.weights.strengths
    wished = [(wish, identity_credit(wish, q.candidate)) for wish in q.wishes.identity]
    return weighted_mean(q, [Finding(wish.relation, (wish.kind, *sorted(wish.any_of)), credit, strengths[wish.strength]) for wish, credit in wished])


def _concern_credit(q: Question, wanted: str) -> tuple[str, tuple[str, ...], float]:
    """A child of what was wanted counts as the thing itself; the parent of what was wanted as the wider area."""
    wanted_or_narrower = {wanted, *(child.slug for child in q.vocabulary.children_of(wanted))}
    known = q.vocabulary.concerns.get(wanted)
    if wanted_or_narrower & q.candidate.full_concerns:
        return "core", (wanted,), CORE
    if wanted_or_narrower & q.candidate.all_concerns:
        return "declared", (wanted,), DECLARED
    if known is not None and known.parent is not None and known.parent in q.candidate.all_concerns:
        return "wider", (wanted,), WIDER
    return "not_listed", (wanted,), 0.0


def _goal_finding(q: Question, goal: str, weight: float) -> Finding:
    credit = max(_concern_credit(q, slug)[2] for slug in q.vocabulary.goals[goal].concerns)
    return Finding("goal", (goal,), credit, weight)


def _style_finding(name: str, wished: float, offered: float | None) -> Finding:
    end = "high" if wished > 0 else "low"
    return Finding("style", (name, end), None if offered is None else 1.0 - abs(wished - offered) / 2)
