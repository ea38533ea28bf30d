"""When and how the people of a booking meet: windows on elapsed time, and the words for each way of meeting. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Pages of ours, below BASE_URL, that letters lead to. Where a session is joined.
JOIN_PAGE = "join"
AFTER_PAGE = "appointment/how-it-went"
# Where a time is booked; where a therapist has one appointment; where both have a series.
BOOK_PAGE, WEEK_PAGE, SERIES_PAGE = "book", "week", "series"
# People who meet from afar say where they are first: the law of that place decides, and help must find them. Elsewhere their place is the therapist's.
FROM_AFAR = frozenset({"video", "phone", "text"})
STATE_PLACE_BEFORE = timedelta(hours=2)
JOIN_BEFORE = timedelta(minutes=15)
JOIN_AFTER = timedelta(minutes=30)
DETAILS_KEPT = timedelta(hours=24)
# Somebody who gave a place where they may not be treated has this long from the start on to correct it.
CORRECTED_WITHIN, TIME_TO_CORRECT = timedelta(minutes=15), timedelta(minutes=5)
RECHECKED_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Half open: from `opens` on, before `closes`."""

    opens: datetime
    closes: datetime


def to_state_place(starts_at: datetime, ends_at: datetime) -> Window:
    """When a client can say where they are."""
    return Window(starts_at - STATE_PLACE_BEFORE, ends_at)


def to_join(starts_at: datetime, ends_at: datetime) -> Window:
    """When the link is shown."""
    return Window(starts_at - JOIN_BEFORE, ends_at + JOIN_AFTER)


def to_read_details(starts_at: datetime, ends_at: datetime) -> Window:
    """When the therapist reads where clients are."""
    return Window(starts_at - JOIN_BEFORE, ends_at + DETAILS_KEPT)


def corrected_by(starts_at: datetime, *, stated_at: datetime) -> datetime:
    """Until when a refused place can be corrected: 15 minutes into the session, and never less than five after it was stated."""
    return max(starts_at + CORRECTED_WITHIN, stated_at + TIME_TO_CORRECT)


def needs_arrival(mode: str) -> bool:
    """Whether clients say where they are before such a session."""
    return mode in FROM_AFAR


def how_to_meet(mode: str, *, link_from: str | None, gives: bool) -> str | None:
    """One sentence for a confirmed booking; None where there is nothing to say. `gives`: it is the therapist who reads it."""
    if mode == "phone":
        return (
            "You call your client at the number that they give before the session."
            if gives
            else "Your therapist calls you at the number that you give before the session."
        )
    if mode != "video":
        return None
    if link_from == "nobody":
        return "Send your client a link before the session: this service has none." if gives else "Your therapist will send you the link."
    return "The link is on the page of this appointment from 15 minutes before it begins."
