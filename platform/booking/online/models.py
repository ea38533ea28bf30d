"""Where somebody said that they are, right before a session from afar."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import Sealed, sealed_json
from core.db import Base, HasPublicId


class Details(TypedDict):
    """The place's code, where help would have to come, and the number to call when the connection breaks."""

    jurisdiction: str
    address: str
    phone: str


class Arrival(Base, HasPublicId):
    """The last statement of one participant for one start. Details are kept of an accepted one only, and a day after the session of none."""

    __tablename__ = "arrivals"
    __table_args__ = (UniqueConstraint("booking_id", "person_id"), CheckConstraint("accepted = (details_sealed IS NOT NULL)", name="details_if_accepted"))

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    for_start: Mapped[datetime]  # of the session that it was stated for: one that is moved asks again
    stated_at: Mapped[datetime]
    accepted: Mapped[bool]  # False: the therapist may not treat people who are there
    details_sealed: Mapped[bytes | None]
    details: Sealed[Details] = sealed_json("details_sealed")
