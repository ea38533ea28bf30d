"""A therapist's own profile: becoming one, reading it whole, editing its plain facts.

Every edit locks the therapist's row, so edits follow each other; the revision it raises is the ETag that the next edit must name.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.interfaces import ORMOption

from accounts.roles import grant_role
from core import audit
from core.db import db
from core.errors import Conflict, NotFound, PreconditionFailed
from core.http import etag_of
from taxonomy.vocabulary import vocabulary
from therapists.accepting import answered
from therapists.closed import errors_in, facet, refuse
from therapists.models import Credential, Service, Therapist
from therapists.profile_changes import settle_changes
from therapists.schedule_models import TherapistSchedule
from therapists.video_link import require_video_link

ANY_VERSION = "*"
DEFAULT_SCHEDULE = "Working hours"
SERVICES_IN_FULL = (
    selectinload(Therapist.services).selectinload(Service.concessions),
    selectinload(Therapist.services).joinedload(Service.place),
    selectinload(Therapist.services).joinedload(Service.schedule),
    selectinload(Therapist.services).selectinload(Service.lengths),
)
WHOLE: tuple[ORMOption, ...] = (
    selectinload(Therapist.modalities),
    selectinload(Therapist.concerns),
    selectinload(Therapist.languages),
    selectinload(Therapist.identities),
    selectinload(Therapist.locations),
    *SERVICES_IN_FULL,
    selectinload(Therapist.schedules).selectinload(TherapistSchedule.hours),
    selectinload(Therapist.schedules).selectinload(TherapistSchedule.overrides),
    selectinload(Therapist.schedules).selectinload(TherapistSchedule.zone_changes),
    selectinload(Therapist.credentials).selectinload(Credential.records),
    selectinload(Therapist.checks),
)


class AlreadyTherapist(Conflict):
    code, detail = "already_a_therapist", "You have a therapist profile already."


def become_therapist(person_id: int, *, display_name: str, country: str, zone: str, now: datetime) -> Therapist:
    """Open a profile, unpublished, and give the role. Nothing is shown to anybody before a credential was checked and the therapist publishes."""
    refuse(_country_errors(country))
    if db.session.get(Therapist, person_id) is not None:
        raise AlreadyTherapist
    therapist = Therapist(person_id=person_id, display_name=display_name, country=country, zone=zone, created_at=now, changed_at=now, accepting_said_at=now)
    therapist.schedules = [TherapistSchedule(name=DEFAULT_SCHEDULE, is_default=True)]
    db.session.add(therapist)
    db.session.flush()
    grant_role(person_id, "therapist", now=now)
    audit.record("therapists.joined", subject=("therapist", therapist.public_id), actor=person_id)
    return own_profile(person_id)


def own_profile(person_id: int) -> Therapist:
    """Everything a therapist states, with credentials; NotFound when the person has no profile."""
    return _found(select(Therapist).where(Therapist.person_id == person_id).options(*WHOLE))


def profile_for_edit(person_id: int, *, version: str = ANY_VERSION) -> Therapist:
    """The same, locked until the transaction ends; PreconditionFailed unless `version` is its ETag now."""
    locked = select(Therapist).where(Therapist.person_id == person_id).options(*WHOLE).with_for_update(of=Therapist, key_share=True)
    therapist = _found(locked)
    if version not in (ANY_VERSION, version_of(therapist)):
        raise PreconditionFailed
    return therapist


def version_of(therapist: Therapist) -> str:
    """The ETag of the profile as it is."""
    return etag_of("therapist", therapist.public_id, therapist.revision)


def touch(therapist: Therapist, *, now: datetime) -> Therapist:
    """Mark an edit; writes it."""
    therapist.revision += 1
    therapist.changed_at = now
    db.session.flush()
    return therapist


def edit_profile(therapist: Therapist, changes: Mapping[str, Any], *, now: datetime) -> Therapist:
    """Set plain facts by name: texts, country, zone, places and the like. Slugs are checked against the vocabulary.

    Some changes of a profile that was read wait for a person: see `profile_changes`. Saying whether new clients are taken counts as an answer to us.
    """
    leaving = {"accepting": ["You have announced your last day, so nobody new can come."]} if changes.get("accepting") and therapist.leaves_at else {}
    refuse(
        leaving,
        _country_errors(changes.get("country", therapist.country)),
        {} if changes.get("works_from") is None or changes["works_from"] in vocabulary().jurisdictions else {"works_from": ["Not a place of our vocabulary."]},
        errors_in("populations", changes.get("populations", ()), facet("populations")),
        errors_in("insurers", changes.get("insurers", ()), facet("insurers")),
    )
    if changes.get("video_url") is not None:
        require_video_link(changes["video_url"])
    for name, value in settle_changes(therapist, changes, now=now).items():
        setattr(therapist, name, value)
    if "accepting" in changes:
        answered(therapist, now=now)
    return touch(therapist, now=now)


def _country_errors(country: str) -> dict[str, list[str]]:
    known = {jurisdiction.country for jurisdiction in vocabulary().jurisdictions.values()}
    return {} if country in known else {"country": ["We hold no registers for this country yet."]}


def _found(query: Any) -> Therapist:
    therapist: Therapist | None = db.session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()
    if therapist is None:
        raise NotFound
    return therapist
