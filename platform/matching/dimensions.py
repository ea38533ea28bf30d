"""The ten dimensions of the score: each looks at one therapist and one service and says what share of the wish is met. Pure.

A share lies in 0..1 on an absolute scale, so it does not depend on who else is on the list. None instead of a result means that the person
gave no answer: the dimension drops out for everybody. Findings carry the facts behind a share, for the explanation, and speak only of what was wished for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum

from core.zones import local_date
from matching.candidate import Candidate, OfferedService
from matching.weights import Weights
from matching.wishes import Wishes, fee_for, identity_credit, insured, modality_credit, mode_fits, openings_in_hours
from taxonomy.vocabulary import Vocabulary

CORE, DECLARED, WIDER = 1.0, 0.6, 0.5
EVIDENCE_CREDIT = {"A": 1.0, "B": 0.7, "C": 0.4}
NO_EVIDENCE = 0.2
ENOUGH_OPENINGS, AVAILABILITY_DAYS, LATEST_CREDIT = 4, 14, 0.3
# Half-strong: the four style questions run from -1 to +1, and a weaker answer is no wish.
STYLE_WISH = 0.5
STATES = ("met", "partly", "not_met", "not_stated")


@dataclass(frozen=True)
class Finding:
    """One fact behind a share: a code, what it is about (slugs of the wish, or a number), how far it is met (None = not stated), its weight."""

    code: str
    about: tuple[str, ...]
    credit: float | None
    weight: float = 1.0

    @property
    def state(self) -> str:
        if self.credit is None:
            return "not_stated"
        return "met" if self.credit >= 1.0 else "not_met" if self.credit <= 0.0 else "partly"


@dataclass(frozen=True)
class Share:
    """How far one dimension is met: `value` in 0..1, `state` one of `STATES`."""

    value: float
    state: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Question:
    """Everything a dimension may look at."""

    wishes: Wishes
    candidate: Candidate
    service: OfferedService
    now: datetime
    vocabulary: Vocabulary
    weights: Weights


def concern(q: Question) -> Share | None:
    """Share of the concerns covered, the main one counting double: core and checked 1, declared .6, the wider area .5, none 0."""
    needs = ([(q.wishes.main_concern, 2.0)] if q.wishes.main_concern else []) + [(other, 1.0) for other in q.wishes.other_concerns]
    return _mean(q, [_concern_finding(q, slug, weight) for slug, weight in needs])


def availability(q: Question) -> Share:
    """Mean of: openings inside the hours in 14 days (4 or more count fully), and whole local days to the first one (0 → 1, 14 or more → .3)."""
    fitting = openings_in_hours(q.wishes, q.service)
    today, start = local_date(q.wishes.zone, int(q.now.timestamp())), int(q.now.timestamp())
    soon = [opening for opening in fitting if opening < start + AVAILABILITY_DAYS * 86_400]
    plenty = min(len(soon), ENOUGH_OPENINGS) / ENOUGH_OPENINGS
    if not fitting:
        return Share(0.0, "not_met", (Finding("no_opening_in_hours" if q.wishes.hours else "no_opening", (), 0.0),))
    days = (local_date(q.wishes.zone, fitting[0]) - today).days
    near = 1.0 - (1.0 - LATEST_CREDIT) * min(max(days, 0), AVAILABILITY_DAYS) / AVAILABILITY_DAYS
    code = "openings_in_hours" if q.wishes.hours else "openings"
    value = fsum((plenty, near)) / 2
    state = "met" if plenty >= 1.0 else "partly"
    return Share(value, state, (Finding(code, (str(len(soon)), str(max(days, 0))), plenty),))


def style(q: Question) -> Share | None:
    """1 minus the mean distance as a share of the range, over the dimensions on which the wish is at least half-strong."""
    offered = dict(q.candidate.style.items())
    findings = [_style_finding(name, wished, offered[name]) for name, wished in q.wishes.style.items() if wished is not None and abs(wished) >= STYLE_WISH]
    if not findings:
        return None
    value = fsum(_credit(finding, q.weights) for finding in findings) / len(findings)
    known = [finding for finding in findings if finding.credit is not None]
    if not known:
        return Share(value, "not_stated", tuple(findings))
    near = fsum(finding.credit or 0.0 for finding in known) / len(known)
    state = "met" if near >= 0.75 and len(known) == len(findings) else "not_met" if near < 0.5 else "partly"
    return Share(value, state, tuple(findings))


def modality(q: Question) -> Share | None:
    """Strength-weighted mean over the kinds of therapy that were asked for."""
    return _mean(
        q,
        [
            Finding("modality", tuple(sorted(wish.any_of)), modality_credit(wish, q.candidate, q.wishes.unit, q.vocabulary), q.weights.strengths[wish.strength])
            for wish in q.wishes.modalities
        ],
    )


def evidence(q: Question) -> Share | None:
    """Best grade of their verified training for the main concern: A 1, B .7, C .4, otherwise .2; off where no row of the table knows the concern."""
    main = q.wishes.main_concern
    if main is None or not q.vocabulary.is_graded(main):
        return None
    grades = [row for offered in sorted(q.candidate.verified_modalities) if (row := q.vocabulary.evidence_for(main, offered)) is not None]
    value = max((EVIDENCE_CREDIT.get(row.grade, NO_EVIDENCE) for row in grades), default=NO_EVIDENCE)
    return Share(value, "met" if value >= 1.0 else "partly" if value > NO_EVIDENCE else "not_met", (Finding("evidence", (main,), value),))


def identity(q: Question) -> Share | None:
    """Strength-weighted share met; "experienced with" gives .6 where sharing was asked."""
    return _mean(
        q,
        [
            Finding(wish.relation, (wish.kind, *sorted(wish.any_of)), identity_credit(wish, q.candidate), q.weights.strengths[wish.strength])
            for wish in q.wishes.identity
        ],
    )


def price(q: Question) -> Share | None:
    """1 − .5·fee/ceiling up to the ceiling, 1.5 − fee/ceiling above a soft one, never below 0; an accepted insurance counts fully."""
    ceiling, fee = q.wishes.ceiling, fee_for(q.wishes, q.service)
    if q.wishes.insurer is not None and (insured(q.wishes, q.candidate) or ceiling is None):
        credit = 1.0 if insured(q.wishes, q.candidate) else 0.0
        return Share(credit, "met" if credit else "not_met", (Finding("insurer", (q.wishes.insurer,), credit),))
    if ceiling is None:
        return None
    if fee.currency != ceiling.currency:
        return Share(q.weights.unknown, "not_stated", (Finding("other_currency", (fee.currency,), None),))
    if fee.amount <= ceiling.amount:
        value = 1.0 if not fee.amount else 1.0 - 0.5 * fee.amount / ceiling.amount
        return Share(value, "met", (Finding("within_ceiling", (str(ceiling),), 1.0),))
    value = max(0.0, 1.5 - fee.amount / ceiling.amount) if ceiling.amount else 0.0
    return Share(value, "partly" if value > 0 else "not_met", (Finding("above_ceiling", (str(ceiling),), value),))


def setting(q: Question) -> Share | None:
    """Languages, format and access needs, weighted by strength; an access need that is not confirmed is not stated."""
    strengths = q.weights.strengths
    findings = [
        Finding("language", tuple(sorted(wish.any_of)), float(bool(wish.any_of & q.candidate.languages)), strengths[wish.strength])
        for wish in q.wishes.languages
    ]
    if q.wishes.modes is not None:
        modes = q.wishes.modes
        findings.append(Finding("format", tuple(sorted(modes.any_of)), float(mode_fits(q.wishes, q.service)), strengths[modes.strength]))
    findings += [
        Finding("access", tuple(sorted(wish.any_of)), 1.0 if wish.any_of & q.candidate.access else None, strengths[wish.strength]) for wish in q.wishes.access
    ]
    return _mean(q, findings)


def outcomes(q: Question) -> Share | None:  # noqa: ARG001 every dimension has the same signature
    """Nothing is measured yet."""
    return None


def responsiveness(q: Question) -> Share:
    """Share of requests answered in time; a therapist without a record is neutral."""
    rate = q.candidate.on_time
    if rate is None:
        return Share(q.weights.unknown, "not_stated", (Finding("new_here", (), None),))
    return Share(rate, "met" if rate >= 0.75 else "partly" if rate >= 0.5 else "not_met", (Finding("answers_in_time", (), rate),))


SHARES: Mapping[str, Callable[[Question], Share | None]] = {
    "concern": concern,
    "availability": availability,
    "style": style,
    "modality": modality,
    "evidence": evidence,
    "identity": identity,
    "price": price,
    "setting": setting,
    "outcomes": outcomes,
    "responsiveness": responsiveness,
}


def _credit(finding: Finding, weights: Weights) -> float:
    return weights.unknown if finding.credit is None else finding.credit


def _mean(q: Question, findings: Sequence[Finding]) -> Share | None:
    """Weighted mean of the credits, unknown as neutral; None without findings. fsum, so that no order of adding shows."""
    if not findings:
        return None
    value = fsum(finding.weight * _credit(finding, q.weights) for finding in findings) / fsum(finding.weight for finding in findings)
    states = {finding.state for finding in findings}
    return Share(value, states.pop() if len(states) == 1 else "partly", tuple(findings))


def _concern_finding(q: Question, wanted: str, weight: float) -> Finding:
    """A child of what was wanted counts as the thing itself; the parent of what was wanted as the wider area."""
    wanted_or_narrower = {wanted, *(child.slug for child in q.vocabulary.children_of(wanted))}
    known = q.vocabulary.concerns.get(wanted)
    if wanted_or_narrower & q.candidate.full_concerns:
        return Finding("core", (wanted,), CORE, weight)
    if wanted_or_narrower & q.candidate.all_concerns:
        return Finding("declared", (wanted,), DECLARED, weight)
    if known is not None and known.parent is not None and known.parent in q.candidate.all_concerns:
        return Finding("wider", (wanted,), WIDER, weight)
    return Finding("not_listed", (wanted,), 0.0, weight)


def _style_finding(name: str, wished: float, offered: float | None) -> Finding:
    end = "high" if wished > 0 else "low"
    return Finding("style", (name, end), None if offered is None else 1.0 - abs(wished - offered) / 2)
