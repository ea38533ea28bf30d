"""Kept cards as their holder sees them: for whom each may be charged, and by which words."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.cards.keep import cards_of
from payments.cards.terms import all_terms
from payments.receipts.described import payee_names


@dataclass(frozen=True, slots=True)
class CardShown:
    """`terms` is the version of the words that its holder agreed to, `words` what they say."""

    public_id: uuid.UUID
    brand: str
    last_four: str
    payee_name: str
    terms: str
    words: Sequence[str]
    agreed_at: datetime


def cards_shown(payer_id: int) -> list[CardShown]:
    """Everything that this person lets us keep, the oldest first."""
    cards = cards_of(payer_id)
    names, words = payee_names([each.payee_id for each in cards]), {each.version: each.words for each in all_terms()}
    return [
        CardShown(each.public_id, each.brand, each.last_four, names.get(each.payee_id, ""), each.terms, words.get(each.terms, ()), each.agreed_at)
        for each in cards
    ]
