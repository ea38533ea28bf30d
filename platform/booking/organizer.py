"""Who invites, in every calendar object: the platform's own calendar address, from the settings. Never a person's."""

from flask import current_app

from booking.invitation import Party

NAME = "Attune"


def organizer() -> Party:
    """ORGANIZER of everything we send; it stays the same as long as the setting does."""
    return Party(current_app.config["CALENDAR_ADDRESS"], NAME)


def where_to_look() -> str:
    """The note in a calendar entry: where its reader finds the details, and nothing about what they are."""
    return f"Details: {current_app.config['BASE_URL']}/"
