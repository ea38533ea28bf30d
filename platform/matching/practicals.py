"""The dimensions about practical things: times, price, language and setting, how reliably somebody answers. Pure; the contract is `dimensions`'."""

from bisect import bisect_left
from math import fsum

from core.zones import local_date
from matching.candidate import Candidate, OfferedService
from matching.shares import Answer, Finding, Question, Share, weighted_mean
from matching.wishes import fee_for, insured, mode_fits, openings_in_hours

ENOUGH_OPENINGS, AVAILABILITY_DAYS, LATEST_CREDIT = 4, 14, 0.3
DAY = 86_400
# As many as-yet-unseen requests, half of them answered in time, as stand behind everybody's record.
PRIOR_WEIGHT = 10.0


def availability(q: Question) -> Answer:
    """(plenty + near) / 2. A service that is only booked on request counts each opening as later by the expected time to an answer.

    Inputs: the service's openings inside the client's hours (all, where none were named), rising UTC seconds; `Candidate.record`'s expected hours to an
    answer; now; the client's zone. With t = opening + (expected hours · 3600 when on request, else 0): plenty = min(4, number of t < now + 14 days) / 4;
    near = 1 − .7·min(d, 14)/14, where d is the number of whole local days at the client's place from today to the first t, at least 0. No opening: 0.
    The words tell the openings themselves; being on request is told by itself.
    """
    wishes, now, zone = q.wishes, int(q.now.timestamp()), q.wishes.zone
    last, today = now + AVAILABILITY_DAYS * DAY, local_date(zone, now)
    code, without = ("openings_in_hours", "no_opening_in_hours") if wishes.hours else ("openings", "no_opening")

    def days_until(at: int) -> int:
        return max((local_date(zone, at) - today).days, 0)

    def answer(who: Candidate, service: OfferedService) -> Share:
        fitting = openings_in_hours(wishes, service)
        if not fitting:
            return Share(0.0, "not_met", (Finding(without, (), 0.0),))
        wait = round(who.record.expected_answer_hours * 3600) if service.on_request else 0
        plenty = min(bisect_left(fitting, last - wait), ENOUGH_OPENINGS) / ENOUGH_OPENINGS
        near = 1.0 - (1.0 - LATEST_CREDIT) * min(days_until(fitting[0] + wait), AVAILABILITY_DAYS) / AVAILABILITY_DAYS
        findings = [Finding(code, (str(bisect_left(fitting, last)), str(days_until(fitting[0]))), plenty)]
        if service.on_request:
            findings.append(Finding("on_request", (who.record.answer_basis, str(who.record.expected_answer_hours)), plenty, 0.0))
        return Share(fsum((plenty, near)) / 2, "met" if plenty >= 1.0 else "partly", tuple(findings))

    return answer


def price(q: Question) -> Answer | None:
    """With the lowest fee f that the client qualifies for and their ceiling c, in one currency: f ≤ c: 1 − .5·f/c; above: max(0, 1.5 − f/c).

    An accepted insurance counts 1, whatever the fee. A fee in another currency is not compared: unknown (.5). With an insurance and no ceiling: 1 or 0.
    None without ceiling and insurance.
    """
    wishes, ceiling, insurer, unknown = q.wishes, q.wishes.ceiling, q.wishes.insurer, q.weights.unknown
    if ceiling is None and insurer is None:
        return None
    told = (str(ceiling),)

    def answer(who: Candidate, service: OfferedService) -> Share:
        if insurer is not None and (ceiling is None or insured(wishes, who)):
            credit = float(insured(wishes, who))
            return Share(credit, "met" if credit else "not_met", (Finding("insurer", (insurer,), credit),))
        assert ceiling is not None
        fee, uninsured = fee_for(wishes, service), () if insurer is None else (Finding("insurer", (insurer,), 0.0, 0.0),)
        if fee.currency != ceiling.currency:
            return Share(unknown, "not_stated", (Finding("other_currency", (fee.currency,), None), *uninsured))
        if fee.amount <= ceiling.amount:
            value = 1.0 if not fee.amount else 1.0 - 0.5 * fee.amount / ceiling.amount
            return Share(value, "met", (Finding("within_ceiling", told, 1.0), *uninsured))
        value = max(0.0, 1.5 - fee.amount / ceiling.amount) if ceiling.amount else 0.0
        return Share(value, "partly" if value > 0 else "not_met", (Finding("above_ceiling", told, value), *uninsured))

    return answer


def setting(q: Question) -> Answer | None:
    """Σ strength·credit / Σ strength over languages, the format and access needs.

    A language wish: 1 when the therapist works in one of its languages, else 0. The format: 1 when the service has a wished one, in person only in the
    town that was named, else 0. An access need: 1 when confirmed, otherwise unknown (.5). None without any such wish.
    """
    wishes, modes, strengths, unknown = q.wishes, q.wishes.modes, q.weights.strengths, q.weights.unknown
    languages = [(wish.any_of, tuple(sorted(wish.any_of)), strengths[wish.strength]) for wish in wishes.languages]
    needs = [(wish.any_of, tuple(sorted(wish.any_of)), strengths[wish.strength]) for wish in wishes.access]
    formats = () if modes is None else tuple(sorted(modes.any_of))
    if not languages and not needs and modes is None:
        return None

    def answer(who: Candidate, service: OfferedService) -> Share:
        findings = [Finding("language", about, float(not any_of.isdisjoint(who.languages)), strength) for any_of, about, strength in languages]
        if modes is not None:
            findings.append(Finding("format", formats, float(mode_fits(wishes, service)), strengths[modes.strength]))
        findings += [Finding("access", about, None if any_of.isdisjoint(who.access) else 1.0, strength) for any_of, about, strength in needs]
        return weighted_mean(findings, unknown)

    return answer


def responsiveness(q: Question) -> Answer:
    """The mean of two rates, each shrunk towards .5: (good + 10·.5) / (all + 10). Nobody is punished for being new: without a record it is exactly .5.

    Inputs: requests answered in time out of those that were answered or left to lapse; appointments that the therapist kept out of those whose time came
    or that they called off. `Candidate.record` is measured once a day, so that it stands still within a day.
    """
    unknown = q.weights.unknown

    def rate(good: int, whole: int) -> float:
        return (good + PRIOR_WEIGHT * unknown) / (whole + PRIOR_WEIGHT)

    def answer(who: Candidate, _: OfferedService) -> Share:
        record = who.record
        answers, keeps = rate(record.on_time, record.requests), rate(record.kept, record.appointments)
        value = fsum((answers, keeps)) / 2
        if not record.requests and not record.appointments:
            return Share(value, "not_stated", (Finding("new_here", (), None),))
        findings = [Finding("answers_in_time", (), answers)] if record.requests else []
        if record.appointments:
            findings.append(Finding("keeps_appointments", (), keeps))
        return Share(value, "met" if value >= 0.75 else "partly" if value >= 0.5 else "not_met", tuple(findings))

    return answer
