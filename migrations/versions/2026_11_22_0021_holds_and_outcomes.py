"""Holds, moves, late fees, and what becomes of a booking after its end."""

import sqlalchemy as sa
from alembic import op

revision = "0021_holds_and_outcomes"
down_revision = "0014_register_lookups"
branch_labels = None
depends_on = None

OUTCOMES = "'took_place', 'ended_early', 'client_absent', 'therapist_absent', 'technical_failure', 'unclear'"
CHECKS = {
    "held_for_is_known": "held_for IN ('booking', 'proposal', 'offer')",
    "a_hold_is_for_something": "held_for IS NOT NULL OR state <> 'held'",
    "outcome_is_known": f"outcome IN ({OUTCOMES})",
    "an_outcome_has_its_time": "(outcome IS NULL) = (outcome_at IS NULL)",
    "only_an_outcome_is_contested": "outcome IS NOT NULL OR contested_at IS NULL",
}
TERMS = {"late_fee_percent": "0", "moves_allowed": "2", "move_until_hours": "12"}


def upgrade() -> None:
    op.add_column("therapists", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("services", "bookings"):
        for name, default in TERMS.items():
            op.add_column(table, sa.Column(name, sa.BigInteger(), server_default=sa.text(default), nullable=False))
    op.create_check_constraint(op.f("ck_services_late_fee_in_range"), "services", "late_fee_percent BETWEEN 0 AND 100")
    op.create_check_constraint(op.f("ck_services_moves_not_negative"), "services", "moves_allowed >= 0 AND move_until_hours >= 0")
    op.add_column("bookings", sa.Column("held_for", sa.String(), nullable=True))
    op.add_column("bookings", sa.Column("series_id", sa.BigInteger(), nullable=True))
    op.add_column("bookings", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("moves_made", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("bookings", sa.Column("moved_late", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("bookings", sa.Column("moved_by_therapist", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("bookings", sa.Column("outcome", sa.String(), nullable=True))
    op.add_column("bookings", sa.Column("outcome_by", sa.BigInteger(), nullable=True))
    op.add_column("bookings", sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bookings", sa.Column("contested_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_bookings_outcome_by"), "bookings", "persons", ["outcome_by"], ["id"])
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_bookings_{name}"), "bookings", rule)
    op.create_index("ix_bookings_to_settle", "bookings", ["ends_at"], postgresql_where=sa.text("state = 'confirmed'"))
    op.create_index("ix_bookings_series_id", "bookings", ["series_id"], postgresql_where=sa.text("series_id IS NOT NULL"))
    op.add_column("booking_events", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking_events", sa.Column("moved_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking_events", sa.Column("passed_over", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "late_fees",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waived_by", sa.BigInteger(), nullable=True),
        sa.Column("waived_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason IN ('cancelled_late', 'absent')", name=op.f("ck_late_fees_reason_is_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_late_fees_amount_positive")),
        sa.CheckConstraint("(waived_by IS NULL) = (waived_at IS NULL)", name=op.f("ck_late_fees_a_waiver_has_its_time")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_late_fees_booking_id")),
        sa.ForeignKeyConstraint(["waived_by"], ["persons.id"], name=op.f("fk_late_fees_waived_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_fees")),
        sa.UniqueConstraint("public_id", name=op.f("uq_late_fees_public_id")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_late_fees_booking_id")),
    )


def downgrade() -> None:
    op.drop_table("late_fees")
    for name in ("passed_over", "moved_from", "starts_at"):
        op.drop_column("booking_events", name)
    op.drop_index("ix_bookings_series_id", table_name="bookings")
    op.drop_index("ix_bookings_to_settle", table_name="bookings")
    for name in reversed(CHECKS):
        op.drop_constraint(op.f(f"ck_bookings_{name}"), "bookings")
    added = ("contested_at", "outcome_at", "outcome_by", "outcome", "moved_by_therapist", "moved_late", "moves_made", "confirmed_at", "series_id", "held_for")
    for name in added:
        op.drop_column("bookings", name)
    op.drop_constraint(op.f("ck_services_moves_not_negative"), "services")
    op.drop_constraint(op.f("ck_services_late_fee_in_range"), "services")
    for table in ("bookings", "services"):
        for name in reversed(TERMS):
            op.drop_column(table, name)
    op.drop_column("therapists", "stopped_at")
