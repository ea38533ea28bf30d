"""One row for each therapist who has a record."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class TrackRecord(Base):
    """As of `measured_at`: `on_time` of `requests`, `kept` of `appointments`, and within how many hours four in five answers came (None: too few)."""

    __tablename__ = "track_records"
    __table_args__ = (CheckConstraint("0 <= on_time AND on_time <= requests AND 0 <= kept AND kept <= appointments", name="parts_of_wholes"),)

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    requests: Mapped[int]
    on_time: Mapped[int]
    appointments: Mapped[int]
    kept: Mapped[int]
    usual_answer_hours: Mapped[int | None]
    measured_at: Mapped[datetime]
