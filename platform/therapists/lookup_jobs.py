"""Asking a register: read the errand, speak with no transaction open, keep the answer and arrange the next attempt."""

from core.clock import now
from core.db import transaction
from core.jobs import job
from therapists.register_lookup import ask, errand_for, note_answer


@job("therapists.ask_register", outside=True)
def ask_register(credential_id: int, asked_by: int, attempt: int) -> None:
    """Ask once. A register that cannot be asked is asked again later, a few times; each attempt leaves a row."""
    with transaction():
        errand = errand_for(credential_id, asked_by=asked_by, attempt=attempt)
    if errand is None:
        return
    answer = ask(errand)
    with transaction():
        row = note_answer(errand, answer, now=now())
        if row.asks_again_at is not None:
            ask_register.enqueue_at(row.asks_again_at, credential_id=credential_id, asked_by=asked_by, attempt=attempt + 1)
