"""Charges that nobody wants any more: begun no more, and closed once what was on its way has had its time to arrive."""

import sqlalchemy as sa
from alembic import op

revision = "0052_dropped_charges"
down_revision = "0051_carts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("payment_attempts", sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_payment_attempts_a_charge_is_dropped"), "payment_attempts", "dropped_at IS NULL OR kind = 'charge'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_constraint(op.f("ck_payment_attempts_a_charge_is_dropped"), "payment_attempts")
    op.drop_column("payment_attempts", "dropped_at")
