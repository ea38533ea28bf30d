"""Who is shown to the public: published, not held, with a credential and the required checks that count today.

A lapse takes a profile off every list without any write.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, Forbidden, NotFound
from therapists.accepting import answered
from therapists.executor import ExecutorMissing, has_executor
from therapists.facts import standing_of
from therapists.first_reading import asked_for_first_reading, take_back_first_reading
from therapists.models import Therapist
from therapists.profile import WHOLE, touch
from therapists.required_checks import lacking, may_see_minors, supported
from therapists.standing import ADULT_BANDS, Standing, bars, counts, is_fresh


class NotVerified(Forbidden):
    code, detail = "not_verified", "A profile is published once a credential that allows you to practise has been checked and is current."


class ChecksMissing(Forbidden):
    code, detail = "checks_missing", "Some checks that everybody needs are missing or have ended; /therapist/checks tells which, and what to do."


class Held(Forbidden):
    code, detail = "profile_held", "Your profile is on hold. Please write to us."


class ProfileIncomplete(Conflict):
    code, detail = "profile_incomplete", "Some of your profile is still missing."


def publish(therapist: Therapist, *, now: datetime) -> Therapist:
    """Show the profile, or ask for its first reading: it shows once a person has approved it and everything else still stands.

    Held under a hold, NotVerified without a credential that counts now, ChecksMissing with the missing `checks`, ProfileIncomplete by field,
    ExecutorMissing.
    """
    require_publishable(therapist, now=now)
    answered(therapist, now=now)
    if not asked_for_first_reading(therapist, now=now):
        show(therapist, now=now)
    return therapist


def require_publishable(therapist: Therapist, *, now: datetime) -> None:
    """Everything but the reading; refusals as `publish`."""
    if therapist.held_at is not None:
        raise Held
    standing = standing_of(therapist)
    if not _has_credential(standing, now=now):
        raise NotVerified
    if missing_checks := checks_to_publish(standing, now=now):
        raise ChecksMissing(extra={"checks": missing_checks})
    if missing := _missing(therapist):
        raise ProfileIncomplete(errors=missing)
    if not has_executor(therapist.person_id):
        raise ExecutorMissing


def show(therapist: Therapist, *, now: datetime) -> None:
    """Put a profile that may be shown on the lists."""
    if therapist.published_at is None:
        therapist.published_at = now
        audit.record("therapists.published", subject=("therapist", therapist.public_id), actor=therapist.person_id)
        touch(therapist, now=now)


def unpublish(therapist: Therapist, *, now: datetime) -> Therapist:
    """Take the profile off every list, and do not show it once it is approved. Bookings and care relations stay."""
    take_back_first_reading(therapist, now=now)
    if therapist.published_at is not None:
        therapist.published_at = None
        audit.record("therapists.unpublished", subject=("therapist", therapist.public_id), actor=therapist.person_id)
        touch(therapist, now=now)
    return therapist


def may_be_shown(therapist: Therapist, *, now: datetime, to_new_clients: bool = True) -> bool:
    """Whether a credential and every required check count today and nothing bars the therapist. Needs credentials and checks loaded.

    Where only our own look at the register is late, new clients stop sooner than those who are in care.
    """
    has_left = therapist.leaves_at is not None and therapist.leaves_at <= now
    return not has_left and suffices(standing_of(therapist), now=now, to_new_clients=to_new_clients)


def suffices(standing: Standing, *, now: datetime, to_new_clients: bool = True) -> bool:
    """Whether what was checked of a therapist is enough to be shown today: no hold, no bar, every required check, and a credential that counts."""
    if standing.barred or _lacks(standing, now=now, to_new_clients=to_new_clients):
        return False
    return _has_credential(supported(standing, now, now=now), now=now, to_new_clients=to_new_clients)


def checks_to_publish(standing: Standing, *, now: datetime) -> list[str]:
    """The required checks without which nobody could book: those of everybody, supervision where every entry stands on it, minors' where only they come."""
    missing = _lacks(standing, now=now, to_new_clients=True)
    return missing if _has_credential(supported(standing, now, now=now), now=now) else [*missing, "supervision"]


def _lacks(standing: Standing, *, now: datetime, to_new_clients: bool) -> list[str]:
    missing = list(lacking(standing, now, now=now, new_client=to_new_clients))
    if standing.age_bands and not standing.age_bands & ADULT_BANDS and not may_see_minors(standing, now, now=now, new_client=to_new_clients):
        missing.append("child_protection")
    return missing


def _has_credential(standing: Standing, *, now: datetime, to_new_clients: bool = True) -> bool:
    if any(bars(credential) for credential in standing.credentials):
        return False
    return any(counts(credential, now, now=now) and (is_fresh(credential, now=now) or not to_new_clients) for credential in standing.credentials)


def is_listed(therapist: Therapist, *, now: datetime, to_new_clients: bool = True) -> bool:
    """Published and may be shown."""
    return therapist.published_at is not None and may_be_shown(therapist, now=now, to_new_clients=to_new_clients)


def listed_therapist(public_id: UUID, *, now: datetime) -> Therapist:
    """One therapist's public page, which those in care need as well; NotFound for whoever is not shown, as for whoever does not exist."""
    wanted = select(Therapist).where(Therapist.public_id == public_id).options(*WHOLE)
    therapist = db.session.scalars(wanted.execution_options(populate_existing=True)).unique().one_or_none()
    if therapist is None or not is_listed(therapist, now=now, to_new_clients=False):
        raise NotFound
    return therapist


def _missing(therapist: Therapist) -> dict[str, list[str]]:
    needed = {
        "languages": any(language.level != "basic" for language in therapist.languages),
        "units": bool(therapist.units),
        "age_bands": bool(therapist.age_bands),
        "services": any(service.active for service in therapist.services),
        "hours": bool(therapist.working_hours),
    }
    return {field: ["Still missing."] for field, there in needed.items() if not there}
