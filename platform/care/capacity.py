"""Whether a therapist takes new clients: published, accepting, able to be paid, not about to leave, and with a place left.

Asked only where no care relation exists.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select, union
from sqlalchemy.dialects.postgresql import insert

from care.models import CareRelation, ReservedPlace
from care.relation import TAKING_A_PLACE, relation_between, relations_between, shared_place
from core.clock import now
from core.db import db
from core.errors import Conflict
from therapists.accepting import holds
from therapists.models import Therapist


class NotAccepting(Conflict):
    code, detail = "not_accepting", "This therapist takes no new clients at the moment."


def is_open_to(therapist_id: int, client_id: int) -> bool:
    """Whether this therapist has taken this client on, or could: what `require_places` asks, as a look without a lock."""
    relation = relation_between(therapist_id, client_id)
    if relation is not None and relation.state != "ended":
        return True
    return takes_new_clients([therapist_id], but_of=[client_id])[therapist_id]


def takes_new_clients(therapist_ids: Collection[int], *, but_of: Collection[int] = ()) -> dict[int, bool]:
    """For each therapist, whether somebody new may ask; two queries. Relations that are requested, on trial or active each take a place.

    A therapist who has not told us for too long that they take new clients counts as one who does not, whether or not a job has marked it. What is kept for
    the clients `but_of` is theirs to use.
    """
    if not therapist_ids:
        return {}
    taken = places_taken(therapist_ids, but_of=but_of)
    said = (Therapist.accepting, Therapist.accepting_said_at, Therapist.collects, Therapist.leaves_at)
    wanted = select(Therapist.person_id, Therapist.published_at, *said, Therapist.places).where(Therapist.person_id.in_(therapist_ids))
    answer = dict.fromkeys(therapist_ids, False)
    at = now()
    for person_id, published_at, accepting, said_at, collects, leaves_at, places in db.session.execute(wanted):
        has_place = leaves_at is None and (places is None or taken.get(person_id, 0) < places)
        answer[person_id] = published_at is not None and holds(accepting, said_at, collects, now=at) and has_place
    return answer


def places_taken(therapist_ids: Collection[int], *, but_of: Collection[int] = ()) -> dict[int, int]:
    """How many places of each are taken, by relations and by what holds and offers keep; a therapist without any is missing from the answer.

    People who came together take one. What is kept for the clients `but_of` does not count: it is theirs to use.
    """
    mine = (CareRelation.therapist_id == ReservedPlace.therapist_id, CareRelation.client_id == ReservedPlace.client_id)
    whose = (CareRelation.therapist_id, CareRelation.place_id)
    related = select(*whose).where(CareRelation.therapist_id.in_(therapist_ids), CareRelation.state.in_(TAKING_A_PLACE))
    kept = select(ReservedPlace.therapist_id, ReservedPlace.place_id).where(
        ReservedPlace.therapist_id.in_(therapist_ids),
        ReservedPlace.until > now(),
        ReservedPlace.client_id.not_in(but_of),
        ~select(CareRelation.id).where(*mine, CareRelation.state != "ended").exists(),
    )
    each = union(related, kept).subquery()
    counted = select(each.c.therapist_id, func.count()).group_by(each.c.therapist_id)
    return {row.therapist_id: row[1] for row in db.session.execute(counted)}


def reserve_places(therapist_id: int, client_ids: Collection[int], *, until: datetime) -> None:
    """Keep a place for them, who come together, until then, or longer if it is kept longer already. Ask `require_places` first, in the same transaction."""
    if client_ids:
        place_id = shared_place(relations_between(therapist_id, client_ids)) or uuid.uuid4()
        row = {"therapist_id": therapist_id, "until": until, "place_id": place_id}
        kept = insert(ReservedPlace).values([{**row, "client_id": each} for each in sorted(client_ids)])
        longest = func.greatest(ReservedPlace.until, kept.excluded.until)
        anew = {"until": longest, "place_id": kept.excluded.place_id}
        db.session.execute(kept.on_conflict_do_update(index_elements=["therapist_id", "client_id"], set_=anew))


def give_back_places(therapist_id: int, client_ids: Collection[int]) -> None:
    """What was kept for them is free, or is about to be taken by a relation."""
    db.session.execute(delete(ReservedPlace).where(ReservedPlace.therapist_id == therapist_id, ReservedPlace.client_id.in_(client_ids)))


def require_places(therapist_id: int, client_ids: Collection[int]) -> None:
    """NotAccepting unless each of them has a care relation that is not ended, or there is one place for those who are new: they come together, and with
    whoever of them has a place they need none. Others who ask for the last place wait until this transaction ends.
    """
    known = [relation for relation in relations_between(therapist_id, client_ids) if relation.state != "ended"]
    new = set(client_ids) - {relation.client_id for relation in known}
    if not new:
        return
    said = (Therapist.accepting, Therapist.accepting_said_at, Therapist.collects)
    facts = select(Therapist.published_at, *said, Therapist.places).where(Therapist.person_id == therapist_id)
    published_at, accepting, said_at, collects, places = db.session.execute(facts.with_for_update(key_share=True)).one()
    if (
        published_at is None
        or not holds(accepting, said_at, collects, now=now())
        or (places is not None and shared_place(known) is None and places_taken([therapist_id], but_of=new).get(therapist_id, 0) >= places)
    ):
        raise NotAccepting
