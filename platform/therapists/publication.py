"""Who is shown to the public: published, not held, with a credential that counts today. A lapse takes a profile off every list without any write."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, Forbidden, NotFound
from therapists.accepting import answered
from therapists.executor import ExecutorMissing, has_executor
from therapists.facts import facts_of
from therapists.first_reading import asked_for_first_reading, take_back_first_reading
from therapists.models import Therapist
from therapists.profile import WHOLE, touch
from therapists.standing import CredentialFacts, bars, counts, is_fresh


class NotVerified(Forbidden):
    code, detail = "not_verified", "A profile is published once a credential that allows you to practise has been checked and is current."


class Held(Forbidden):
    code, detail = "profile_held", "Your profile is on hold. Please write to us."


class ProfileIncomplete(Conflict):
    code, detail = "profile_incomplete", "Some of your profile is still missing."


def publish(therapist: Therapist, *, now: datetime) -> Therapist:
    """Show the profile, or ask for its first reading: it shows once a person has approved it and everything else still stands.

    NotVerified without a credential that counts now, Held under a hold, ProfileIncomplete with what is missing by field, ExecutorMissing.
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
    if not may_be_shown(therapist, now=now):
        raise NotVerified
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
    """Whether a credential counts today and nothing bars the therapist. Needs credentials loaded.

    Where only our own look at the register is late, new clients stop sooner than those who are in care.
    """
    facts = [facts_of(credential, therapist.credentials) for credential in therapist.credentials]
    has_left = therapist.leaves_at is not None and therapist.leaves_at <= now
    return therapist.held_at is None and not has_left and credentials_suffice(facts, now=now, to_new_clients=to_new_clients)


def credentials_suffice(facts: Sequence[CredentialFacts], *, now: datetime, to_new_clients: bool = True) -> bool:
    """Whether one of a therapist's credentials counts today and none of them bars."""
    if any(bars(credential) for credential in facts):
        return False
    return any(counts(credential, now, now=now) and (is_fresh(credential, now=now) or not to_new_clients) for credential in facts)


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
