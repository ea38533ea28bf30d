"""When a therapist works: schedules in local wall time, and what takes hours away from them. How they become openings is booking's."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.crypto import sealed_text
from core.db import Base, HasPublicId


class TherapistSchedule(Base, HasPublicId):
    """A week with its exceptions. Each therapist has one default schedule, which services without one of their own use.

    `zone` None is the therapist's own. Holidays count only where a country is named.
    """

    __tablename__ = "schedules"
    __table_args__ = (
        Index(None, "therapist_id"),
        Index("uq_schedules_default", "therapist_id", unique=True, postgresql_where=text("is_default")),
        CheckConstraint("holiday_country IS NOT NULL OR holiday_subdivision IS NULL", name="subdivision_of_a_country"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    name: Mapped[str]
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
    zone: Mapped[str | None]
    holiday_country: Mapped[str | None]
    holiday_subdivision: Mapped[str | None]

    hours: Mapped[list["WorkingHours"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    overrides: Mapped[list["HoursOverride"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    zone_changes: Mapped[list["ScheduleZoneChange"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="ScheduleZoneChange.day")


class WorkingHours(Base):
    """A weekly window in local wall time. Weekday 0 is Monday; minutes of the day; `to_minute` <= `from_minute` ends the next day."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_in_range"),
        CheckConstraint("from_minute BETWEEN 0 AND 1439 AND to_minute BETWEEN 0 AND 1440 AND from_minute <> to_minute", name="minutes_in_range"),
    )

    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id"), primary_key=True, autoincrement=False)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    to_minute: Mapped[int]


class HoursOverride(Base):
    """Replaces every window that begins on this local date. A date without windows is a row with `from_minute` None."""

    __tablename__ = "hours_overrides"
    __table_args__ = (Index(None, "schedule_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id"))
    day: Mapped[date]
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]


class ScheduleZoneChange(Base):
    """From this local date on the schedule lies in another zone: the therapist travels."""

    __tablename__ = "schedule_zone_changes"

    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    zone: Mapped[str]


class TimeOff(Base, HasPublicId):
    """Away from a minute of the first date to a minute of the last, on the wall clock of each schedule; whole dates are 0 to 1440.

    `schedule_id` None takes the time off every schedule. The reason is the therapist's own and is shown to nobody else.
    """

    __tablename__ = "time_off"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="starts_before_it_ends"),
        CheckConstraint("from_minute BETWEEN 0 AND 1439 AND to_minute BETWEEN 1 AND 1440", name="minutes_in_range"),
        CheckConstraint("first_day < last_day OR from_minute < to_minute", name="not_empty"),
        Index(None, "therapist_id", "last_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("schedules.id", ondelete="CASCADE"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    from_minute: Mapped[int] = mapped_column(server_default=text("0"))
    to_minute: Mapped[int] = mapped_column(server_default=text("1440"))
    reason_sealed: Mapped[bytes | None]
    reason = sealed_text("reason_sealed")
    created_at: Mapped[datetime]

    schedule: Mapped[TherapistSchedule | None] = relationship(lazy="raise")


class TherapistLimits(Base):
    """How much a therapist takes on in all, whatever the service; None = no limit. Weeks begin on `week_start` (0 is Monday).

    `count_requests`: whether requests that wait for an answer count.
    """

    __tablename__ = "therapist_limits"
    __table_args__ = (
        CheckConstraint("week_start BETWEEN 0 AND 6", name="week_start_in_range"),
        CheckConstraint("day_sessions > 0 AND day_minutes > 0 AND week_sessions > 0 AND week_minutes > 0", name="limits_above_nothing"),
    )

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    day_sessions: Mapped[int | None]
    day_minutes: Mapped[int | None]
    week_sessions: Mapped[int | None]
    week_minutes: Mapped[int | None]
    week_start: Mapped[int] = mapped_column(server_default=text("0"))
    count_requests: Mapped[bool] = mapped_column(server_default=text("true"))


class ServiceLength(Base):
    """Another length in which a service can be booked, with its own price in the service's currency."""

    __tablename__ = "service_lengths"
    __table_args__ = (CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes_in_range"), CheckConstraint("fee_amount >= 0", name="fee_not_negative"))

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, autoincrement=False)
    minutes: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fee_amount: Mapped[int]
