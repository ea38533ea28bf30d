"""Take a kept card away: at once here, then at the processor, by a job that is repeated until it has heard."""

import uuid
from datetime import datetime

from core.db import db, transaction
from core.jobs import job
from payments import processor
from payments.cards.keep import revoke_card
from payments.models import SavedCard
from payments.processor_failures import RequestRefused


def take_away(public_id: uuid.UUID, *, payer_id: int, now: datetime) -> None:
    """NotFound for anybody else's card."""
    card = revoke_card(public_id, payer_id=payer_id, now=now)
    forget.enqueue(card_id=card.id)


@job("payments.forget_card", outside=True)
def forget(card_id: int) -> None:
    """A card that is gone there already is what was wanted."""
    with transaction():
        card = db.session.get_one(SavedCard, card_id)
        method, key = card.method, f"card:{card.public_id}:forget"
    try:
        processor.forget_card(method, idempotency_key=key)
    except RequestRefused:
        return
