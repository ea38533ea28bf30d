"""Sessions of a group: how many seats there are, and who came and went."""

import sqlalchemy as sa
from alembic import op

revision = "0028_group_seats"
down_revision = "0023_client_invitations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("services", sa.Column("seats", sa.BigInteger(), nullable=True))
    op.create_check_constraint("seats_in_range", "services", "seats BETWEEN 2 AND 30")
    op.add_column("booking_participants", sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking_participants", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking_participants", sa.Column("left_late", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("booking_participants", sa.Column("seat_steps", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("booking_events", sa.Column("person_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_booking_events_person_id"), "booking_events", "persons", ["person_id"], ["id"])
    op.add_column("late_fees", sa.Column("person_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_late_fees_person_id"), "late_fees", "persons", ["person_id"], ["id"])
    op.drop_constraint("uq_late_fees_booking_id", "late_fees")
    op.create_unique_constraint(op.f("uq_late_fees_booking_id_person_id"), "late_fees", ["booking_id", "person_id"], postgresql_nulls_not_distinct=True)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    # Before, a booking had one client who could owe something.
    op.execute("DELETE FROM late_fees WHERE person_id IS NOT NULL")
    op.drop_constraint("uq_late_fees_booking_id_person_id", "late_fees")
    op.create_unique_constraint(op.f("uq_late_fees_booking_id"), "late_fees", ["booking_id"])
    op.drop_column("late_fees", "person_id")
    op.drop_column("booking_events", "person_id")
    for name in ("seat_steps", "left_late", "left_at", "joined_at"):
        op.drop_column("booking_participants", name)
    op.drop_column("services", "seats")
