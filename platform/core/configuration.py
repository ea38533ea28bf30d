"""A setting of the running application, for acts that must not know Flask: an address in a mail, the organiser of an invitation."""

from flask import current_app


def setting(name: str) -> str:
    """A text setting by its name in `app.config`; KeyError for one that does not exist."""
    return str(current_app.config[name])
