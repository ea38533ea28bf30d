"""How a therapist is paid, as far as a profile has to say it. Chosen and verified elsewhere; heard of by a subscription, and kept here for lists to read.

Who has set up neither way is not open to new clients, first talks included: nobody could be paid for what would follow.
"""

from sqlalchemy import update

from core.db import db
from therapists.models import COLLECTS, Therapist

WORDS = {
    "online": "Sessions that cost something are paid by card through us.",
    "therapist_invoices": "You pay this therapist directly: they send you an invoice. No card is needed to book.",
}
assert tuple(WORDS) == COLLECTS


def note_collection(person_id: int, way: str | None) -> None:
    """Keep how this therapist collects from now on; None: not at all. Nothing happens for somebody who is no therapist."""
    db.session.execute(update(Therapist).where(Therapist.person_id == person_id).values(collects=way))


def collection_words(collects: str | None) -> str | None:
    """What a card says of it; None while nothing is set up."""
    return WORDS[collects] if collects else None
