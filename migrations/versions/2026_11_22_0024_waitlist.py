"""The waitlist: who waits, when it suits them, what they were offered; and places that a hold or an offer keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0024_waitlist"
down_revision = "0013_required_checks"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ALIVE = "state IN ('waiting', 'offered')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _reserved_places()
    _entries()
    _times()
    _offers()


def _reserved_places() -> None:
    op.create_table(
        "care_reserved_places",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("therapist_id", "client_id", name=op.f("pk_care_reserved_places")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_care_reserved_places_therapist_id")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_care_reserved_places_client_id")),
    )


def _entries() -> None:
    op.create_table(
        "waitlist_entries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("any_of_kind", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("earliest", sa.Date(), nullable=True),
        sa.Column("latest", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("joined_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("asked_digest", sa.LargeBinary(), nullable=True),
        sa.Column("lapses", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'offered', 'fulfilled', 'left', 'removed')", name=op.f("ck_waitlist_entries_state_is_known")),
        sa.CheckConstraint("end_reason IN ('lapsed_often', 'unanswered', 'dates_over')", name=op.f("ck_waitlist_entries_end_reason_is_known")),
        sa.CheckConstraint(f"(ended_at IS NULL) = ({ALIVE})", name=op.f("ck_waitlist_entries_an_end_has_its_time")),
        sa.CheckConstraint("(end_reason IS NULL) = (state <> 'removed')", name=op.f("ck_waitlist_entries_a_removal_has_its_reason")),
        sa.CheckConstraint("earliest <= latest", name=op.f("ck_waitlist_entries_dates_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_waitlist_entries_public_id")),
        sa.UniqueConstraint("asked_digest", name=op.f("uq_waitlist_entries_asked_digest")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_waitlist_entries_client_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_waitlist_entries_therapist_id")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_waitlist_entries_service_id")),
    )
    alive = sa.text(ALIVE)
    op.create_index("uq_waitlist_entries_alive", "waitlist_entries", ["client_id", "service_id"], unique=True, postgresql_where=alive)
    op.create_index("ix_waitlist_entries_line", "waitlist_entries", ["therapist_id", "id"], postgresql_where=alive)
    op.create_index(op.f("ix_waitlist_entries_client_id_id"), "waitlist_entries", ["client_id", "id"])


def _times() -> None:
    op.create_table(
        "waitlist_times",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.BigInteger(), nullable=False),
        sa.Column("from_minute", sa.BigInteger(), nullable=False),
        sa.Column("to_minute", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_waitlist_times_weekday_in_range")),
        sa.CheckConstraint("from_minute >= 0 AND from_minute < to_minute AND to_minute <= 1440", name=op.f("ck_waitlist_times_within_a_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_times")),
        sa.ForeignKeyConstraint(["entry_id"], ["waitlist_entries.id"], name=op.f("fk_waitlist_times_entry_id")),
    )
    op.create_index(op.f("ix_waitlist_times_entry_id"), "waitlist_times", ["entry_id"])


def _offers() -> None:
    op.create_table(
        "waitlist_offers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("offered_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_at", INSTANT, nullable=True),
        sa.CheckConstraint("outcome IN ('accepted', 'passed', 'lapsed', 'withdrawn')", name=op.f("ck_waitlist_offers_outcome_is_known")),
        sa.CheckConstraint("(outcome IS NULL) = (outcome_at IS NULL)", name=op.f("ck_waitlist_offers_an_outcome_has_its_time")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_offers")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_waitlist_offers_booking_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_waitlist_offers_digest")),
        sa.ForeignKeyConstraint(["entry_id"], ["waitlist_entries.id"], name=op.f("fk_waitlist_offers_entry_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_waitlist_offers_booking_id")),
    )
    op.create_index("uq_waitlist_offers_open", "waitlist_offers", ["entry_id"], unique=True, postgresql_where=sa.text("outcome IS NULL"))
    op.create_index(op.f("ix_waitlist_offers_entry_id_offered_at"), "waitlist_offers", ["entry_id", "offered_at"])


def downgrade() -> None:
    for table in ("waitlist_offers", "waitlist_times", "waitlist_entries", "care_reserved_places"):
        op.drop_table(table)
