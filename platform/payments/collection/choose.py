"""Choosing how to collect, and reading how somebody does. Whoever shows or books asks `ways_of`; whoever charges asks `require_online` at that moment."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core import audit
from core.db import db
from core.errors import Conflict
from payments.collection.models import CollectionChoice, ConnectedAccount
from payments.collection.ways import Setup, Way

# (person id, how they collect from now on)
OnCollection = Callable[[int, Way | None], None]
_listeners: list[OnCollection] = []


class PayeeNotReady(Conflict):
    code, detail = "payee_not_ready", "This therapist cannot take payments at the moment. Nothing was charged."


def when_collection_changes(listener: OnCollection) -> None:
    """`listener` hears, inside the transaction, how a payee collects from now on. Connecting twice changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def choose_way(person_id: int, way: Way, *, now: datetime) -> Setup:
    """Keep the choice. Online begins to work once the processor has verified the payee's account."""
    chosen = insert(CollectionChoice).values(person_id=person_id, way=way, chosen_at=now)
    anew = chosen.on_conflict_do_update(index_elements=["person_id"], set_={"way": way, "chosen_at": now}, where=CollectionChoice.way != way)
    db.session.execute(anew)
    audit.record("payments.collection_chosen", subject=("person", person_id), reason=way)
    return tell_collection(person_id)


def tell_collection(person_id: int) -> Setup:
    """Tell whoever listens how this payee collects now. For every act that may have changed it."""
    setup = setup_of(person_id)
    for listener in _listeners:
        listener(person_id, setup.works_as)
    return setup


def setup_of(person_id: int) -> Setup:
    """What one payee has set up."""
    return setups_of([person_id])[person_id]


def setups_of(person_ids: Collection[int]) -> dict[int, Setup]:
    """What each of them has set up; two queries."""
    chosen = select(CollectionChoice.person_id, CollectionChoice.way).where(CollectionChoice.person_id.in_(person_ids))
    opened = select(ConnectedAccount.person_id, ConnectedAccount.state).where(ConnectedAccount.person_id.in_(person_ids))
    ways: dict[int, Way] = {row[0]: row[1] for row in db.session.execute(chosen)}
    states: dict[int, str] = {row[0]: row[1] for row in db.session.execute(opened)}
    return {each: Setup(ways.get(each), states.get(each)) for each in person_ids}


def require_online(person_id: int) -> ConnectedAccount:
    """The verified account that this payee's money goes to; PayeeNotReady, before anything is charged, when they do not collect online or it is not verified.

    The row is locked against a change until the transaction ends.
    """
    if setup_of(person_id).works_as != "online":
        raise PayeeNotReady
    account = select(ConnectedAccount).where(ConnectedAccount.person_id == person_id)
    return db.session.scalars(account.with_for_update(key_share=True).execution_options(populate_existing=True)).one()
