"""Slates as they were shown, without any way back to an intake; and their sums by therapist and day."""

import uuid
from datetime import date

from sqlalchemy import ARRAY, BigInteger, Double, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base


class ShownSlate(Base):
    """The first slate of an intake on a day (UTC), for audits and for judging other weights by what was shown.

    The columns are lists of one length, one entry for each contender: `place` from 1, or None when not shown; `propensity` how likely that was;
    `given` and `deserved` attention; `role`. The id is random and there is no time of day, so that no row can be laid beside what somebody did.
    """

    __tablename__ = "shown_slates"
    __table_args__ = (Index(None, "shown_on"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    shown_on: Mapped[date]
    weights_version: Mapped[str]
    taxonomy_version: Mapped[str]
    therapist_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    places: Mapped[list[int | None]] = mapped_column(ARRAY(Integer))
    roles: Mapped[list[str | None]] = mapped_column(ARRAY(String))
    propensities: Mapped[list[float]] = mapped_column(ARRAY(Double))
    given: Mapped[list[float]] = mapped_column(ARRAY(Double))
    deserved: Mapped[list[float]] = mapped_column(ARRAY(Double))


class Exposure(Base):
    """The sums of one therapist's day: on how many slates they were, and attention given and deserved."""

    __tablename__ = "exposures"
    __table_args__ = (Index(None, "day"),)

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    shown: Mapped[int]
    given: Mapped[float] = mapped_column(Double)
    deserved: Mapped[float] = mapped_column(Double)
