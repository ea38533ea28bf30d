"""The dimensions about practical things: times, price, language and setting, how reliably somebody answers. Pure; the contract is `dimensions`'."""

from math import fsum

from core.zones import local_date
from matching.shares import Finding, Question, Share, weighted_mean
from matching.wishes import fee_for, insured, mode_fits, openings_in_hours

ENOUGH_OPENINGS, AVAILABILITY_DAYS, LATEST_CREDIT = 4, 14, 0.3
DAY = 86_400
# As many as-yet-unseen requests, half of them answered in time, as stand behind everybody's record.
PRIOR_WEIGHT = 10.0


def availability(q: Question) -> Share:
    """(plenty + near) / 2. A service that is only booked on request counts each opening as later by the expected time to an answer.

    Inputs: the service's openings inside the client's hours (all, where none were named), rising UTC seconds; `Candidate.record`'s expected hours to an
    answer; now; the client's zone. With t = opening + (expected hours · 3600 when on request, else 0): plenty = min(4, number of t < now + 14 days) / 4;
    near = 1 − .7·min(d, 14)/14, where d is the number of whole local days at the client's place from today to the first t, at least 0. No opening: 0.
    The words tell the openings themselves; being on request is told by itself.
    """
    fitting, now, zone = openings_in_hours(q.wishes, q.service), int(q.now.timestamp()), q.wishes.zone
    if not fitting:
        return Share(0.0, "not_met", (Finding("no_opening_in_hours" if q.wishes.hours else "no_opening", (), 0.0),))
    wait = round(q.candidate.record.expected_answer_hours * 3600) if q.service.on_request else 0
    last, today = now + AVAILABILITY_DAYS * DAY, local_date(zone, now)
    plenty = min(sum(opening + wait < last for opening in fitting), ENOUGH_OPENINGS) / ENOUGH_OPENINGS
    days = max((local_date(zone, fitting[0] + wait) - today).days, 0)
    near = 1.0 - (1.0 - LATEST_CREDIT) * min(days, AVAILABILITY_DAYS) / AVAILABILITY_DAYS
    told = str(sum(opening < last for opening in fitting)), str(max((local_date(zone, fitting[0]) - today).days, 0))
    findings = [Finding("openings_in_hours" if q.wishes.hours else "openings", told, plenty)]
    if q.service.on_request:
        findings.append(Finding("on_request", (q.candidate.record.answer_basis, str(q.candidate.record.expected_answer_hours)), plenty, 0.0))
    return Share(fsum((plenty, near)) / 2, "met" if plenty >= 1.0 else "partly", tuple(findings))


def price(q: Question) -> Share | None:
    """With the lowest fee f that the client qualifies for and their ceiling c, in one currency: f ≤ c: 1 − .5·f/c; above: max(0, 1.5 − f/c).

    An accepted insurance counts 1, whatever the fee. A fee in another currency is not compared: unknown (.5). With an insurance and no ceiling: 1 or 0.
    None without ceiling and insurance.
    """
    ceiling, fee, insurer = q.wishes.ceiling, fee_for(q.wishes, q.service), q.wishes.insurer
    if insurer is not None and (insured(q.wishes, q.candidate) or ceiling is None):
        credit = 1.0 if insured(q.wishes, q.candidate) else 0.0
        return Share(credit, "met" if credit else "not_met", (Finding("insurer", (insurer,), credit),))
    if ceiling is None:
        return None
    uninsured = () if insurer is None else (Finding("insurer", (insurer,), 0.0, 0.0),)
    if fee.currency != ceiling.currency:
        return Share(q.weights.unknown, "not_stated", (Finding("other_currency", (fee.currency,), None), *uninsured))
    if fee.amount <= ceiling.amount:
        value = 1.0 if not fee.amount else 1.0 - 0.5 * fee.amount / ceiling.amount
        return Share(value, "met", (Finding("within_ceiling", (str(ceiling),), 1.0), *uninsured))
    value = max(0.0, 1.5 - fee.amount / ceiling.amount) if ceiling.amount else 0.0
    return Share(value, "partly" if value > 0 else "not_met", (Finding("above_ceiling", (str(ceiling),), value), *uninsured))


def setting(q: Question) -> Share | None:
    """Σ strength·credit / Σ strength over languages, the format and access needs.

    A language wish: 1 when the therapist works in one of its languages, else 0. The format: 1 when the service has a wished one, in person only in the
    town that was named, else 0. An access need: 1 when confirmed, otherwise unknown (.5). None without any such wish.
    """
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
    return weighted_mean(q, findings)


def responsiveness(q: Question) -> Share:
    """The mean of two rates, each shrunk towards .5: (good + 10·.5) / (all + 10). Nobody is punished for being new: without a record it is exactly .5.

    Inputs: requests answered in time out of those that were answered or left to lapse; appointments that the therapist kept out of those whose time came
    or that they called off. `Candidate.record` is measured once a day, so that it stands still within a day.
    """
    record, unknown = q.candidate.record, q.weights.unknown
    answers, keeps = (
        (good + PRIOR_WEIGHT * unknown) / (whole + PRIOR_WEIGHT) for good, whole in ((record.on_time, record.requests), (record.kept, record.appointments))
    )
    value = fsum((answers, keeps)) / 2
    if not record.requests and not record.appointments:
        return Share(value, "not_stated", (Finding("new_here", (), None),))
    told = (("answers_in_time", answers, record.requests), ("keeps_appointments", keeps, record.appointments))
    findings = tuple(Finding(code, (), credit) for code, credit, whole in told if whole)
    return Share(value, "met" if value >= 0.75 else "partly" if value >= 0.5 else "not_met", findings)
