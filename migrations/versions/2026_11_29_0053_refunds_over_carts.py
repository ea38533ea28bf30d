"""A refund that somebody made by hand over a cart is one of ours for each part that bears some of it."""

from alembic import op

revision = "0053_refunds_over_carts"
down_revision = "0052_dropped_charges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_unique_constraint(op.f("uq_refunds_processor_id_payment_id"), "refunds", ["processor_id", "payment_id"])
    op.drop_constraint(op.f("uq_refunds_processor_id"), "refunds")


def downgrade() -> None:
    """Refused by the database where there is such a refund: it cannot be said before."""
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_unique_constraint(op.f("uq_refunds_processor_id"), "refunds", ["processor_id"])
    op.drop_constraint(op.f("uq_refunds_processor_id_payment_id"), "refunds")
