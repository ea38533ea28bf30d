"""Who invites, in every calendar object: the platform's own calendar address, from the settings. Never a person's."""

from booking.calendar.invitation import Party
from core.configuration import setting

NAME = "Attune"


def organizer() -> Party:
    """ORGANIZER of everything we send; it stays the same as long as the setting does."""
    return Party(setting("CALENDAR_ADDRESS"), NAME)


def where_to_look() -> str:
    """The note in a calendar entry: where its reader finds the details, and nothing about what they are."""
    return f"Details: {setting('BASE_URL')}/"
