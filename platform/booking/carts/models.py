"""What a client put together: the bookings name it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId


class Cart(Base, HasPublicId):
    """`public_id` is the reference of its payment. Everything in it costs in one currency."""

    __tablename__ = "carts"
    __table_args__ = (Index(None, "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    currency: Mapped[str]
    made_at: Mapped[datetime]
