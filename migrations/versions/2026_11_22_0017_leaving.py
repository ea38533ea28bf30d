"""Leaving: an announced last day, a sudden stop, the professional executor, and the list of bookings that cannot take place."""

import sqlalchemy as sa
from alembic import op

revision = "0017_leaving"
down_revision = "0015_profile_review"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("therapists", sa.Column("leaves_at", INSTANT, nullable=True))
    op.execute("ALTER TABLE cases DROP CONSTRAINT ck_cases_kind_is_known")
    op.create_check_constraint(op.f("ck_cases_kind_is_known"), "cases", _kinds("'leaving', "))
    _planned_leaves()
    _sudden_stops()
    _executors()
    _affected_bookings()


def _kinds(added: str) -> str:
    return f"kind IN ('safety', 'verification', 'matchmaking', 'request', {added}'complaint', 'support', 'money', 'privacy')"


def _planned_leaves() -> None:
    op.create_table(
        "planned_leaves",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", INSTANT, nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_state", sa.String(), nullable=False),
        sa.Column("words_decided_by", sa.BigInteger(), nullable=True),
        sa.Column("was_accepting", sa.Boolean(), nullable=False),
        sa.Column("called_off_at", INSTANT, nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("reason IN ('retiring', 'moving', 'other_work', 'personal', 'other')", name=op.f("ck_planned_leaves_reason_is_known")),
        sa.CheckConstraint("words_state IN ('none', 'waiting', 'approved', 'neutral')", name=op.f("ck_planned_leaves_words_state_is_known")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_planned_leaves_therapist_id")),
        sa.ForeignKeyConstraint(["words_decided_by"], ["persons.id"], name=op.f("fk_planned_leaves_words_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_leaves")),
        sa.UniqueConstraint("public_id", name=op.f("uq_planned_leaves_public_id")),
    )
    op.create_index("uq_planned_leaves_in_force", "planned_leaves", ["therapist_id"], unique=True, postgresql_where=sa.text("called_off_at IS NULL"))
    op.create_index("ix_planned_leaves_to_come", "planned_leaves", ["ends_at"], postgresql_where=sa.text("called_off_at IS NULL AND done_at IS NULL"))


def _sudden_stops() -> None:
    op.create_table(
        "sudden_stops",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("stopped_at", INSTANT, nullable=False),
        sa.Column("stopped_by", sa.BigInteger(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.BigInteger(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('suspension', 'death', 'incapacity', 'other')", name=op.f("ck_sudden_stops_kind_is_known")),
        sa.CheckConstraint(
            "source IN ('register', 'authority', 'employer', 'family', 'executor', 'colleague', 'therapist', 'other')",
            name=op.f("ck_sudden_stops_source_is_known"),
        ),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_sudden_stops_therapist_id")),
        sa.ForeignKeyConstraint(["stopped_by"], ["persons.id"], name=op.f("fk_sudden_stops_stopped_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["persons.id"], name=op.f("fk_sudden_stops_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sudden_stops")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sudden_stops_public_id")),
    )
    op.create_index("uq_sudden_stops_in_force", "sudden_stops", ["therapist_id"], unique=True, postgresql_where=sa.text("lifted_at IS NULL"))


def _executors() -> None:
    op.create_table(
        "professional_executors",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("named_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_professional_executors_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_professional_executors")),
        sa.UniqueConstraint("public_id", name=op.f("uq_professional_executors_public_id")),
    )


def _affected_bookings() -> None:
    op.create_table(
        "affected_bookings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("listed_at", INSTANT, nullable=False),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cause IN ('planned_leave', 'sudden_stop')", name=op.f("ck_affected_bookings_cause_is_known")),
        sa.CheckConstraint("resolution IN ('cancelled', 'moved', 'kept')", name=op.f("ck_affected_bookings_resolution_is_known")),
        sa.CheckConstraint("(resolution IS NULL) = (resolved_at IS NULL)", name=op.f("ck_affected_bookings_resolved_at_once")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_affected_bookings_booking_id")),
        sa.ForeignKeyConstraint(["resolved_by"], ["persons.id"], name=op.f("fk_affected_bookings_resolved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_affected_bookings")),
        sa.UniqueConstraint("cause", "cause_id", "booking_id", name=op.f("uq_affected_bookings_cause_cause_id_booking_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_affected_bookings_public_id")),
    )
    op.create_index(op.f("ix_affected_bookings_booking_id"), "affected_bookings", ["booking_id"])


def downgrade() -> None:
    for table in ("affected_bookings", "professional_executors", "sudden_stops", "planned_leaves"):
        op.drop_table(table)
    op.execute("DELETE FROM case_steps WHERE case_id IN (SELECT id FROM cases WHERE kind = 'leaving')")
    op.execute("DELETE FROM cases WHERE kind = 'leaving'")
    op.execute("ALTER TABLE cases DROP CONSTRAINT ck_cases_kind_is_known")
    op.create_check_constraint(op.f("ck_cases_kind_is_known"), "cases", _kinds(""))
    op.drop_column("therapists", "leaves_at")
