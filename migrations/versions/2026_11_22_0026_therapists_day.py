"""Disruptions: what an absence or changed hours do to what is booked, and who knows of it."""

import sqlalchemy as sa
from alembic import op

revision = "0026_therapists_day"
down_revision = "0024_waitlist"
branch_labels = None
depends_on = None

CHOICES = "choice IN ('offer_new_times', 'cancel_free', 'keep')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "disruptions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("cause IN ('absence', 'hours')", name=op.f("ck_disruptions_cause_is_known")),
        sa.CheckConstraint(CHOICES, name=op.f("ck_disruptions_choice_is_known")),
        sa.CheckConstraint(
            "(cause = 'absence') = (starts_at IS NOT NULL AND ends_at IS NOT NULL)",
            name=op.f("ck_disruptions_an_absence_has_bounds"),
        ),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_disruptions_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disruptions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disruptions_public_id")),
    )
    op.create_index(op.f("ix_disruptions_therapist_id_id"), "disruptions", ["therapist_id", "id"])
    _lines()
    _messages()


def _lines() -> None:
    op.create_table(
        "disrupted_bookings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("disruption_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(CHOICES, name=op.f("ck_disrupted_bookings_choice_is_known")),
        sa.CheckConstraint("seen_at IS NULL OR choice = 'keep'", name=op.f("ck_disrupted_bookings_only_what_stays_is_named")),
        sa.ForeignKeyConstraint(["disruption_id"], ["disruptions.id"], name=op.f("fk_disrupted_bookings_disruption_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_disrupted_bookings_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disrupted_bookings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disrupted_bookings_public_id")),
        sa.UniqueConstraint("disruption_id", "booking_id", name=op.f("uq_disrupted_bookings_disruption_id_booking_id")),
    )
    op.create_index(op.f("ix_disrupted_bookings_booking_id"), "disrupted_bookings", ["booking_id"])
    op.create_index("ix_disrupted_bookings_open", "disrupted_bookings", ["starts_at"], postgresql_where=sa.text("closed_at IS NULL"))


def _messages() -> None:
    op.create_table(
        "disruption_messages",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_by", sa.String(), nullable=True),
        sa.Column("desk_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("heard_by IN ('read', 'moved', 'cancelled')", name=op.f("ck_disruption_messages_heard_by_is_known")),
        sa.CheckConstraint("(acknowledged_at IS NULL) = (heard_by IS NULL)", name=op.f("ck_disruption_messages_heard_at_once")),
        sa.ForeignKeyConstraint(["line_id"], ["disrupted_bookings.id"], name=op.f("fk_disruption_messages_line_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_disruption_messages_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disruption_messages")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disruption_messages_public_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_disruption_messages_token_digest")),
        sa.UniqueConstraint("line_id", "person_id", name=op.f("uq_disruption_messages_line_id_person_id")),
    )
    op.create_index(op.f("ix_disruption_messages_person_id"), "disruption_messages", ["person_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("disruption_messages")
    op.drop_table("disrupted_bookings")
    op.drop_table("disruptions")
