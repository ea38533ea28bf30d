"""Accounts of payees, and what goes back because it is nobody's, are made at the processor once: with a key, and when it was first used."""

import sqlalchemy as sa
from alembic import op

revision = "0054_everything_is_made_once"
down_revision = "0053_refunds_over_carts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("connected_accounts", sa.Column("key", sa.String(), nullable=True))
    op.add_column("connected_accounts", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_connected_accounts_key"), "connected_accounts", ["key"])
    op.add_column("payment_differences", sa.Column("refund_amount", sa.BigInteger(), nullable=True))
    op.add_column("payment_differences", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column("payment_differences", "sent_at")
    op.drop_column("payment_differences", "refund_amount")
    op.drop_constraint(op.f("uq_connected_accounts_key"), "connected_accounts")
    op.drop_column("connected_accounts", "sent_at")
    op.drop_column("connected_accounts", "key")
