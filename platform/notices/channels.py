"""The ways a letter can travel. Mail is the only one so far; a text message would be a second entry in `CHANNELS`."""

from datetime import datetime
from typing import Protocol

from flask import current_app

from notices.letter import Letter
from notices.message import message_of
from notices.transport import mail_transport


class Channel(Protocol):
    def deliver(self, letter: Letter, *, message_id: str, written_at: datetime) -> None:
        """Hand the letter over, with no transaction open. Refused for good: `Refused`. Any other exception: try again later."""


class Mail:
    """By e-mail. `message_id` is the same in every attempt, so that a mailbox can recognise a repetition."""

    def deliver(self, letter: Letter, *, message_id: str, written_at: datetime) -> None:
        message = message_of(letter, sender=current_app.config["MAIL_FROM"], message_id=message_id, written_at=written_at)
        mail_transport().send(message, to=letter.address)


CHANNELS: dict[str, Channel] = {"mail": Mail()}
