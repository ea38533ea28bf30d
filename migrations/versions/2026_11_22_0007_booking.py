"""booking."""

import sqlalchemy as sa
from alembic import op

revision = "0007_booking"
down_revision = "0006_notices"
branch_labels = None
depends_on = None

STATES = "'held', 'requested', 'confirmed', 'completed', 'no_show', 'cancelled', 'declined', 'withdrawn', 'expired', 'released'"


def upgrade() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wall_start", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("tzdata", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("fee_currency", sa.String(), nullable=False),
        sa.Column("cancel_free_hours", sa.BigInteger(), nullable=False),
        sa.Column("calendar_uid", sa.String(), nullable=False),
        sa.Column("calendar_sequence", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("booked_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("end_note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("cancelled_late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_bookings_state_is_known")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_bookings_starts_before_it_ends")),
        sa.CheckConstraint("(lapses_at IS NOT NULL) = (state IN ('held', 'requested'))", name=op.f("ck_bookings_only_what_waits_lapses")),
        sa.CheckConstraint("fee_amount >= 0", name=op.f("ck_bookings_fee_not_negative")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_bookings_therapist_id")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_bookings_service_id")),
        sa.ForeignKeyConstraint(["booked_by"], ["persons.id"], name=op.f("fk_bookings_booked_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name=op.f("fk_bookings_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bookings_public_id")),
        sa.UniqueConstraint("calendar_uid", name=op.f("uq_bookings_calendar_uid")),
    )
    op.create_index(op.f("ix_bookings_therapist_id_starts_at"), "bookings", ["therapist_id", "starts_at"])
    op.create_index("ix_bookings_waiting", "bookings", ["lapses_at"], postgresql_where=sa.text("lapses_at IS NOT NULL"))
    op.create_table(
        "booking_participants",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_participants_booking_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_booking_participants_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_participants")),
        sa.UniqueConstraint("public_id", name=op.f("uq_booking_participants_public_id")),
        sa.UniqueConstraint("booking_id", "person_id", name=op.f("uq_booking_participants_booking_id_person_id")),
    )
    op.create_index(op.f("ix_booking_participants_person_id"), "booking_participants", ["person_id"])
    op.create_table(
        "claims",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        # Without NOT NULL the range below would be unbounded, and a claim of nobody would overlap everybody's.
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("blocks_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocks_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocks", sa.Boolean(), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('therapist', 'client')", name=op.f("ck_claims_role_is_known")),
        sa.CheckConstraint("blocks_from < blocks_to", name=op.f("ck_claims_starts_before_it_ends")),
        sa.CheckConstraint("blocks_to - blocks_from <= interval '36 hours'", name=op.f("ck_claims_not_endless")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_claims_booking_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_claims_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("booking_id", "person_id", name=op.f("uq_claims_booking_id_person_id")),
    )
    op.create_index("ix_claims_person_id_blocks_from", "claims", ["person_id", "blocks_from"], postgresql_where=sa.text("blocks"))
    op.execute(
        "ALTER TABLE claims ADD CONSTRAINT ex_claims_nobody_is_in_two_places EXCLUDE USING gist "
        "(int8range(person_id, person_id, '[]') WITH &&, tstzrange(blocks_from, blocks_to) WITH &&) WHERE (blocks)"
    )
    op.create_table(
        "booking_events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_person_id", sa.BigInteger(), nullable=True),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_events_booking_id")),
        sa.ForeignKeyConstraint(["actor_person_id"], ["persons.id"], name=op.f("fk_booking_events_actor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_events")),
    )
    op.create_index(op.f("ix_booking_events_booking_id"), "booking_events", ["booking_id"])


def downgrade() -> None:
    op.drop_table("booking_events")
    op.drop_table("claims")
    op.drop_table("booking_participants")
    op.drop_table("bookings")
