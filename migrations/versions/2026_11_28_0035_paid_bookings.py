"""How a booking's therapist is paid is one of its terms; payments are found by what they are for."""

import sqlalchemy as sa
from alembic import op

revision = "0035_paid_bookings"
down_revision = "0034_shown_slates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("bookings", sa.Column("collects", sa.String(), nullable=True))
    # Whatever was booked before was paid to the therapist.
    op.execute("UPDATE bookings SET collects = 'therapist_invoices'")
    op.create_check_constraint("collects_is_known", "bookings", "collects IN ('online', 'therapist_invoices')")
    op.create_index(op.f("ix_payments_reference"), "payments", ["reference"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index(op.f("ix_payments_reference"), "payments")
    op.drop_column("bookings", "collects")
