"""A guest's words are heard like a client's, at every door: `care.safety_question.hear_caller` knows those who are signed in, and nobody else's cookie."""

from collections.abc import Sequence

from care.safety_question import hear
from core.access import caller
from core.clock import now
from core.errors import DomainError
from matching.cookie import visitor
from matching.intake import current_intake


def hear_guest(words: Sequence[str]) -> None:
    """Told by `core.words` of what a request brought along. Without open answers in this browser there is nobody to ask."""
    if caller().person_id is not None:
        return
    try:
        guest = current_intake(visitor(), now=now())
    except DomainError:
        return
    hear(guest.person_id, words, now=now())
