"""Calendars that therapists subscribe, their busy time, and the bookings that new busy time lies over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022_outside_calendars"
down_revision = "0017_leaving"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _create_calendars()
    op.create_table(
        "outside_busy",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_outside_busy_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["calendar_id"], ["outside_calendars.id"], name=op.f("fk_outside_busy_calendar_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_outside_busy_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_busy")),
    )
    op.create_index(op.f("ix_outside_busy_calendar_id"), "outside_busy", ["calendar_id"])
    op.create_index("ix_outside_busy_therapist_id_ends_at", "outside_busy", ["therapist_id", "ends_at"])
    _create_collisions()


def _create_calendars() -> None:
    op.create_table(
        "outside_calendars",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("tentative_blocks", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("good_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("read_as", sa.String(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skipped", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_outside_calendars_failures_not_negative")),
        sa.CheckConstraint("(failures > 0) = (failure IS NOT NULL)", name=op.f("ck_outside_calendars_failure_has_a_reason")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_outside_calendars_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_calendars")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outside_calendars_public_id")),
    )
    op.create_index(op.f("ix_outside_calendars_therapist_id"), "outside_calendars", ["therapist_id"])
    op.create_index(op.f("ix_outside_calendars_due_at"), "outside_calendars", ["due_at"])


def _create_collisions() -> None:
    op.create_table(
        "outside_collisions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("busy_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("busy_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("busy_from < busy_to", name=op.f("ck_outside_collisions_starts_before_it_ends")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_outside_collisions_therapist_id")),
        sa.ForeignKeyConstraint(["calendar_id"], ["outside_calendars.id"], name=op.f("fk_outside_collisions_calendar_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_outside_collisions_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_collisions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_outside_collisions_public_id")),
        sa.UniqueConstraint("booking_id", "calendar_id", "busy_from", "busy_to", name="uq_outside_collisions_asked_once"),
    )
    op.create_index(op.f("ix_outside_collisions_calendar_id"), "outside_collisions", ["calendar_id"])
    op.create_index("ix_outside_collisions_open", "outside_collisions", ["therapist_id"], postgresql_where=sa.text("kept_at IS NULL"))


def downgrade() -> None:
    op.drop_table("outside_collisions")
    op.drop_table("outside_busy")
    op.drop_table("outside_calendars")
