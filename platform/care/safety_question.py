"""The plain question about thoughts of ending one's life comes up again: by a person's own words in any text, or by the ninth item of PHQ-9.

It is a question and nothing else: no word is kept, counted or shown to anybody. Until it is answered, requests and bookings stand still, as they do for
anybody who left it open, and somebody trained knows that it is open.
"""

from collections.abc import Sequence
from datetime import datetime

from care.pause import is_paused, pause_for_safety
from care.safety_case import tell_responders
from care.safety_record import SOURCES, Said, record_for_change
from core import audit
from core.access import caller
from core.clock import now as now_of_transaction
from core.db import db
from taxonomy.crisis_words import asks_about_safety


def hear(person_id: int, words: Sequence[str], *, now: datetime) -> bool:
    """Raise the question if these words ask for it. Whether they did."""
    if not any(asks_about_safety(each) for each in words):
        return False
    raise_question(person_id, source="words", now=now)
    return True


def raise_question(person_id: int, *, source: str, now: datetime, says_thoughts: bool = False) -> None:
    """Open the question. A pause that stands for a graver reason stays as it is. `says_thoughts`: what raised it is an answer by itself."""
    if source not in SOURCES:
        raise ValueError(f"nothing called {source!r} raises the question")
    record = record_for_change(person_id)
    said = Said(record)
    said.change(raised=source, answers=None, told=sorted({*said.told, source}), thoughts=(said.thoughts or says_thoughts) or None)
    if not is_paused(person_id):
        pause_for_safety(person_id, now=now)
        record.asked_at = now
    tell_responders(person_id, "ask", [source, *(["thoughts"] if says_thoughts else [])], now=now)
    db.session.flush()
    audit.record("care.question_raised", subject=("person", person_id))


def hear_caller(words: Sequence[str]) -> None:
    """Told by `core.words` of what a request brought along. Whoever works here, or treats people, writes about others: only clients are asked."""
    who = caller()
    if who.person_id is not None and who.roles <= {"client"}:
        hear(who.person_id, words, now=now_of_transaction())
