"""The required checks as conditions on rows of therapists, for counting many: when these hold, `required_checks` says yes in every zone of the world."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from core.zones import local_date
from taxonomy.checks import EVERYWHERE, CheckKind
from taxonomy.vocabulary import vocabulary
from therapists.agreement import agreements, last_day_under
from therapists.check_models import PracticeCheck
from therapists.models import Credential, Therapist
from therapists.standing import ADULT_BANDS, NEW_CLIENTS_STOP_AFTER


def surely_checked(*, minors: bool, now: datetime) -> ColumnElement[bool]:
    """Every check that is demanded of everybody holds for somebody new; those for work with people under 18 where they are asked for, or alone are seen."""
    checks = vocabulary().checks
    always = [_demanded(kind, now=now) for kind in checks.of_demand("always")]
    for_minors = and_(*[_demanded(kind, now=now) for kind in checks.of_demand("minors")])
    sees_adults = or_(func.cardinality(Therapist.age_bands) == 0, Therapist.age_bands.bool_op("&&")(cast(sorted(ADULT_BANDS), ARRAY(String))))
    return and_(*always, for_minors if minors else or_(sees_adults, for_minors))


def is_supported(*, now: datetime) -> ColumnElement[bool]:
    """Of a credential: it does not stand on supervision, or that is shown."""
    checks = vocabulary().checks
    titles = [
        f"{register.slug}/{title.slug}"
        for register in vocabulary().registers.values()
        if register.slug not in checks.supervising
        for title in register.credential_types
        if title.practice != "supervised"
    ]
    alone = and_(Credential.supervised.is_(False), (Credential.register + "/" + Credential.credential_type).in_(titles))
    return or_(alone, *[_holds(kind, Credential.therapist_id, now=now) for kind in checks.of_demand("supervision")])


def _demanded(kind: CheckKind, *, now: datetime) -> ColumnElement[bool]:
    holds = _holds(kind, Therapist.person_id, now=now)
    countries = {country for rule in vocabulary().checks.rules if rule.check == kind.slug for country in rule.countries}
    return holds if EVERYWHERE in countries else or_(Therapist.country.not_in(sorted(countries)), holds)


def _holds(kind: CheckKind, therapist_id: InstrumentedAttribute[int], *, now: datetime) -> ColumnElement[bool]:
    tomorrow = local_date("UTC", int(now.timestamp())) + timedelta(days=1)
    rules: list[ColumnElement[bool]] = [PracticeCheck.therapist_id == therapist_id, PracticeCheck.kind == kind.slug, PracticeCheck.passed.is_(True)]
    rules.append(PracticeCheck.checked_at <= now)
    if kind.every_days is not None:
        rules.append(PracticeCheck.checked_at >= now - timedelta(days=kind.every_days) - NEW_CLIENTS_STOP_AFTER)
    elif kind.renewal == "signature":
        ends = {each.version: last_day_under(agreements(), each.version) for each in agreements()}
        rules.append(PracticeCheck.version.in_([version for version, end in ends.items() if end is None or end >= tomorrow]))
    else:
        rules.append(PracticeCheck.valid_until >= tomorrow)
    return exists().where(*rules)
