"""Several schedules per therapist and service, time off, holidays, travel, lengths and limits."""

import sqlalchemy as sa
from alembic import op

revision = "0020_schedules"
down_revision = "0022_outside_calendars"
branch_labels = None
depends_on = None

LIMITS = ("day_sessions", "day_minutes", "week_sessions", "week_minutes")
SERVICE_NUMBERS = (*LIMITS, "client_week_sessions", "client_gap_days")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _schedules()
    op.execute("INSERT INTO schedules (public_id, therapist_id, name, is_default) SELECT gen_random_uuid(), person_id, 'Working hours', true FROM therapists")
    _hours_belong_to_schedules()
    op.create_table(
        "schedule_zone_changes",
        sa.Column("schedule_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_schedule_zone_changes_schedule_id")),
        sa.PrimaryKeyConstraint("schedule_id", "day", name=op.f("pk_schedule_zone_changes")),
    )
    _time_off()
    _limits_and_lengths()


def _schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("holiday_country", sa.String(), nullable=True),
        sa.Column("holiday_subdivision", sa.String(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("holiday_country IS NOT NULL OR holiday_subdivision IS NULL", name=op.f("ck_schedules_subdivision_of_a_country")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_schedules_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("public_id", name=op.f("uq_schedules_public_id")),
    )
    op.create_index(op.f("ix_schedules_therapist_id"), "schedules", ["therapist_id"])
    op.create_index("uq_schedules_default", "schedules", ["therapist_id"], unique=True, postgresql_where=sa.text("is_default"))


def _hours_belong_to_schedules() -> None:
    op.drop_index(op.f("ix_hours_overrides_therapist_id_day"), "hours_overrides")
    for table in ("working_hours", "hours_overrides"):
        op.add_column(table, sa.Column("schedule_id", sa.BigInteger(), nullable=True))
        op.execute(f"UPDATE {table} SET schedule_id = s.id FROM schedules s WHERE s.therapist_id = {table}.therapist_id")
        op.alter_column(table, "schedule_id", nullable=False)
        op.create_foreign_key(op.f(f"fk_{table}_schedule_id"), table, "schedules", ["schedule_id"], ["id"])
    op.drop_constraint(op.f("pk_working_hours"), "working_hours")
    for table in ("working_hours", "hours_overrides"):
        op.drop_column(table, "therapist_id")
    op.create_primary_key(op.f("pk_working_hours"), "working_hours", ["schedule_id", "weekday", "from_minute"])
    op.create_index(op.f("ix_hours_overrides_schedule_id_day"), "hours_overrides", ["schedule_id", "day"])


def _time_off() -> None:
    op.create_table(
        "time_off",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("schedule_id", sa.BigInteger(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("from_minute", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("to_minute", sa.BigInteger(), server_default=sa.text("1440"), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_time_off_starts_before_it_ends")),
        sa.CheckConstraint("from_minute BETWEEN 0 AND 1439 AND to_minute BETWEEN 1 AND 1440", name=op.f("ck_time_off_minutes_in_range")),
        sa.CheckConstraint("first_day < last_day OR from_minute < to_minute", name=op.f("ck_time_off_not_empty")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_time_off_therapist_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedules.id"], name=op.f("fk_time_off_schedule_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_off")),
        sa.UniqueConstraint("public_id", name=op.f("uq_time_off_public_id")),
    )
    op.create_index(op.f("ix_time_off_therapist_id_last_day"), "time_off", ["therapist_id", "last_day"])


def _limits_and_lengths() -> None:
    op.create_table(
        "therapist_limits",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in LIMITS),
        sa.Column("week_start", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("count_requests", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("week_start BETWEEN 0 AND 6", name=op.f("ck_therapist_limits_week_start_in_range")),
        sa.CheckConstraint(
            "day_sessions > 0 AND day_minutes > 0 AND week_sessions > 0 AND week_minutes > 0", name=op.f("ck_therapist_limits_limits_above_nothing")
        ),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_therapist_limits_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_therapist_limits")),
    )
    op.create_table(
        "service_lengths",
        sa.Column("service_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("minutes", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fee_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name=op.f("ck_service_lengths_minutes_in_range")),
        sa.CheckConstraint("fee_amount >= 0", name=op.f("ck_service_lengths_fee_not_negative")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_service_lengths_service_id")),
        sa.PrimaryKeyConstraint("service_id", "minutes", name=op.f("pk_service_lengths")),
    )
    op.add_column("services", sa.Column("schedule_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_services_schedule_id"), "services", "schedules", ["schedule_id"], ["id"])
    for name in ("bookable_from", "bookable_until"):
        op.add_column("services", sa.Column(name, sa.Date(), nullable=True))
    for name in SERVICE_NUMBERS:
        op.add_column("services", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_services_bookable_in_order"), "services", "bookable_from <= bookable_until")
    above = " AND ".join(f"{name} > 0" for name in SERVICE_NUMBERS)
    op.create_check_constraint(op.f("ck_services_limits_above_nothing"), "services", above)


def downgrade() -> None:
    """Keeps the hours of default schedules; other schedules, time off and limits are lost."""
    for name in ("limits_above_nothing", "bookable_in_order"):
        op.drop_constraint(op.f(f"ck_services_{name}"), "services")
    op.drop_constraint(op.f("fk_services_schedule_id"), "services")
    for name in ("schedule_id", "bookable_from", "bookable_until", *SERVICE_NUMBERS):
        op.drop_column("services", name)
    for table in ("service_lengths", "therapist_limits", "time_off", "schedule_zone_changes"):
        op.drop_table(table)
    op.drop_index(op.f("ix_hours_overrides_schedule_id_day"), "hours_overrides")
    op.drop_constraint(op.f("pk_working_hours"), "working_hours")
    for table in ("working_hours", "hours_overrides"):
        op.execute(f"DELETE FROM {table} USING schedules s WHERE s.id = {table}.schedule_id AND NOT s.is_default")
        op.add_column(table, sa.Column("therapist_id", sa.BigInteger(), nullable=True))
        op.execute(f"UPDATE {table} SET therapist_id = s.therapist_id FROM schedules s WHERE s.id = {table}.schedule_id")
        op.alter_column(table, "therapist_id", nullable=False)
        op.drop_column(table, "schedule_id")
        op.create_foreign_key(op.f(f"fk_{table}_therapist_id"), table, "therapists", ["therapist_id"], ["person_id"])
    op.create_primary_key(op.f("pk_working_hours"), "working_hours", ["therapist_id", "weekday", "from_minute"])
    op.create_index(op.f("ix_hours_overrides_therapist_id_day"), "hours_overrides", ["therapist_id", "day"])
    op.drop_table("schedules")
