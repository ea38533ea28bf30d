"""The dimensions about the person and the treatment: concern and goals, style, modality, evidence, identity. Pure; the contract is `dimensions`'."""

from collections.abc import Callable, Mapping
from math import fsum

from matching.candidate import Candidate, OfferedService
from matching.shares import Answer, Finding, Question, Share, weighted_mean
from matching.wishes import identity_credit, modality_credit
from taxonomy.vocabulary import Vocabulary

CORE, DECLARED, WIDER = 1.0, 0.6, 0.5
CONCERN_CREDIT: Mapping[str, float] = {"core": CORE, "declared": DECLARED, "wider": WIDER, "not_listed": 0.0}
MAIN_CONCERN, OTHER_CONCERN, ALL_GOALS = 2.0, 1.0, 1.0
EVIDENCE_CREDIT = {"A": 1.0, "B": 0.7, "C": 0.4}
NO_EVIDENCE = 0.2
# Half-strong: the four style questions run from -1 to +1, and a weaker answer is no wish.
STYLE_WISH = 0.5


def concern(q: Question) -> Answer | None:
    """Coverage of what was named: Σ weight·credit / Σ weight. What nobody asked for neither helps nor harms.

    Inputs: `main_concern` (weight 2), each of `other_concerns` (1), and `goals` that stand for concerns (together 1, in equal parts); the therapist's
    `full_concerns` and `all_concerns`. Credit of a concern: 1 when it, or one of its children, is among the first five core areas and checked; .6 when
    it, or a child, is listed at all (a sixth core area, an unchecked one, or declared); .5 when its parent is listed; otherwise 0, also for an empty
    list. Credit of a goal: the highest of the concerns it stands for. None when nothing was named.
    """
    wishes, vocabulary, unknown = q.wishes, q.vocabulary, q.weights.unknown
    weighted = [(wishes.main_concern, MAIN_CONCERN)] if wishes.main_concern else []
    weighted += [(other, OTHER_CONCERN) for other in wishes.other_concerns]
    named = [
        (_listed(slug, vocabulary), {code: Finding(code, (slug,), credit, weight) for code, credit in CONCERN_CREDIT.items()}) for slug, weight in weighted
    ]
    stood_for = [(goal, vocabulary.goals[goal].concerns) for goal in wishes.goals if goal in vocabulary.goals]
    goals = [(goal, [_listed(slug, vocabulary) for slug in concerns]) for goal, concerns in stood_for if concerns]
    if not named and not goals:
        return None

    def answer(who: Candidate, _: OfferedService) -> Share:
        full, every = who.full_concerns, who.all_concerns
        findings = [told[listed(full, every)] for listed, told in named]
        for goal, concerns in goals:
            credit = max([CONCERN_CREDIT[listed(full, every)] for listed in concerns])
            findings.append(Finding("goal", (goal,), credit, ALL_GOALS / len(goals)))
        return weighted_mean(findings, unknown)

    return answer


def style(q: Question) -> Answer | None:
    """1 − mean(|client − therapist| / 2) over the dimensions of style on which the client's wish is at least half-strong (|x| ≥ .5).

    Inputs: the four numbers −1..+1 of both; 2 is the range. A dimension that the therapist has not stated counts .5. None without such a wish. Met: all
    of them stated and their mean at least .75; not met: the mean of the stated ones below .5.
    """
    unknown = q.weights.unknown
    wished = [(name, value) for name, value in q.wishes.style.items() if value is not None and abs(value) >= STYLE_WISH]
    about = {name: (name, "high" if value > 0 else "low") for name, value in wished}
    if not wished:
        return None

    def answer(who: Candidate, _: OfferedService) -> Share:
        offered = [(name, value, getattr(who.style, name)) for name, value in wished]
        findings = [Finding("style", about[name], None if own is None else 1.0 - abs(value - own) / 2) for name, value, own in offered]
        credits_ = [finding.credit for finding in findings]
        value = fsum([unknown if credit is None else credit for credit in credits_]) / len(findings)
        known = [credit for credit in credits_ if credit is not None]
        if not known:
            return Share(value, "not_stated", tuple(findings))
        near = fsum(known) / len(known)
        return Share(value, "met" if near >= 0.75 and len(known) == len(findings) else "not_met" if near < 0.5 else "partly", tuple(findings))

    return answer


def modality(q: Question) -> Answer | None:
    """Σ strength·credit / Σ strength over the wishes for a kind of therapy; strengths are `Weights.strengths`.

    Credit of a wish: the highest over its values and over every modality that the therapist lists or has verified and that is for this unit at all: the
    same or narrower 1, broader .6, sibling .3, otherwise 0. "Not sure" is no wish, and None without any.
    """
    unit, vocabulary, unknown = q.wishes.unit, q.vocabulary, q.weights.unknown
    wished = [(wish, tuple(sorted(wish.any_of)), q.weights.strengths[wish.strength]) for wish in q.wishes.modalities]
    if not wished:
        return None

    def answer(who: Candidate, _: OfferedService) -> Share:
        found = [Finding("modality", about, modality_credit(wish, who, unit, vocabulary), strength) for wish, about, strength in wished]
        return weighted_mean(found, unknown)

    return answer


def evidence(q: Question) -> Answer | None:
    """The best grade that the table gives their *verified* modalities for the main concern: A 1, B .7, C .4, anything else .2.

    Only modalities for this unit count. None without a main concern, or where no row of the table knows it. The whole dimension weighs nothing until a
    named clinician has signed the version of the table (`Weights.effective`).
    """
    main, unit, vocabulary = q.wishes.main_concern, q.wishes.unit, q.vocabulary
    if main is None or not vocabulary.is_graded(main):
        return None

    def answer(who: Candidate, _: OfferedService) -> Share:
        proven = [each for each in who.verified_modalities if vocabulary.serves_unit(each, unit)]
        grades = [row.grade for each in proven if (row := vocabulary.evidence_for(main, each)) is not None]
        value = max([EVIDENCE_CREDIT.get(grade, NO_EVIDENCE) for grade in grades], default=NO_EVIDENCE)
        return Share(value, "met" if value >= 1.0 else "partly" if value > NO_EVIDENCE else "not_met", (Finding("evidence", (main,), value),))

    return answer


def identity(q: Question) -> Answer | None:
    """Σ strength·credit / Σ strength over the client's own wishes about who the therapist is; never without one.

    Credit of a wish, from the therapist's published words alone: 1 met; .6 "experienced with" where sharing was asked; 0 not met; unknown (.5) where they
    publish nothing of that kind.
    """
    unknown = q.weights.unknown
    wished = [(wish, (wish.kind, *sorted(wish.any_of)), q.weights.strengths[wish.strength]) for wish in q.wishes.identity]
    if not wished:
        return None

    def answer(who: Candidate, _: OfferedService) -> Share:
        return weighted_mean([Finding(wish.relation, about, identity_credit(wish, who), strength) for wish, about, strength in wished], unknown)

    return answer


def _listed(wanted: str, vocabulary: Vocabulary) -> Callable[[frozenset[str], frozenset[str]], str]:
    """How a concern stands among the full and all concerns of somebody, by the codes of `CONCERN_CREDIT`.

    A child of what was wanted counts as the thing itself; the parent of what was wanted as the wider area.
    """
    itself_or_narrower = frozenset({wanted, *(child.slug for child in vocabulary.children_of(wanted))})
    known = vocabulary.concerns.get(wanted)
    parent = None if known is None else known.parent

    def listed(full: frozenset[str], every: frozenset[str]) -> str:
        if not itself_or_narrower.isdisjoint(every):
            return "declared" if itself_or_narrower.isdisjoint(full) else "core"
        return "wider" if parent in every else "not_listed"

    return listed
