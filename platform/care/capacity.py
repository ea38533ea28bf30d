"""Whether a therapist takes new clients: published, accepting, not about to leave, and with a place left. Asked only where no care relation exists."""

from collections.abc import Collection

from sqlalchemy import func, select

from care.models import CareRelation
from care.relation import TAKING_A_PLACE, relations_between
from core.clock import now
from core.db import db
from core.errors import Conflict
from therapists.accepting import holds
from therapists.models import Therapist


class NotAccepting(Conflict):
    code, detail = "not_accepting", "This therapist takes no new clients at the moment."


def takes_new_clients(therapist_ids: Collection[int]) -> dict[int, bool]:
    """For each therapist, whether somebody new may ask; two queries. Relations that are requested, on trial or active each take a place.

    A therapist who has not told us for too long that they take new clients counts as one who does not, whether or not a job has marked it.
    """
    if not therapist_ids:
        return {}
    taken = places_taken(therapist_ids)
    said = (Therapist.accepting, Therapist.accepting_said_at, Therapist.leaves_at)
    wanted = select(Therapist.person_id, Therapist.published_at, *said, Therapist.places).where(Therapist.person_id.in_(therapist_ids))
    answer = dict.fromkeys(therapist_ids, False)
    at = now()
    for person_id, published_at, accepting, said_at, leaves_at, places in db.session.execute(wanted):
        has_place = leaves_at is None and (places is None or taken.get(person_id, 0) < places)
        answer[person_id] = published_at is not None and holds(accepting, said_at, now=at) and has_place
    return answer


def places_taken(therapist_ids: Collection[int]) -> dict[int, int]:
    """How many places of each are taken; a therapist without any is missing from the answer."""
    counted = select(CareRelation.therapist_id, func.count()).where(CareRelation.therapist_id.in_(therapist_ids), CareRelation.state.in_(TAKING_A_PLACE))
    return {row.therapist_id: row[1] for row in db.session.execute(counted.group_by(CareRelation.therapist_id))}


def require_places(therapist_id: int, client_ids: Collection[int]) -> None:
    """NotAccepting unless each of them has a care relation that is not ended, or a place. Others who ask for the last place wait until this transaction
    ends.
    """
    known = {relation.client_id for relation in relations_between(therapist_id, client_ids) if relation.state != "ended"}
    new = set(client_ids) - known
    if not new:
        return
    said = (Therapist.accepting, Therapist.accepting_said_at)
    facts = select(Therapist.published_at, *said, Therapist.places).where(Therapist.person_id == therapist_id)
    published_at, accepting, said_at, places = db.session.execute(facts.with_for_update(key_share=True)).one()
    if (
        published_at is None
        or not holds(accepting, said_at, now=now())
        or (places is not None and places_taken([therapist_id]).get(therapist_id, 0) + len(new) > places)
    ):
        raise NotAccepting
