"""Who is a guest, for care: their words are heard like a client's, at every door, and help is shown near them. `care` knows those who are signed in, and
nobody else's cookie.
"""

from collections.abc import Sequence

from care.safety_question import hear
from core.access import caller
from core.clock import now
from core.errors import DomainError
from matching.cookie import visitor
from matching.intake import current_intake


def hear_guest(words: Sequence[str]) -> None:
    """Told by `core.words` of what a request brought along. Without open answers in this browser there is nobody to ask."""
    if caller().person_id is None and (guest_id := guest_here()) is not None:
        hear(guest_id, words, now=now())


def guest_here() -> int | None:
    """Whose answers lie open in this browser."""
    try:
        return current_intake(visitor(), now=now()).person_id
    except DomainError:
        return None
