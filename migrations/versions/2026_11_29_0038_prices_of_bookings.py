"""What a booking would have cost on the list, and the lower fee that its client asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0038_prices_of_bookings"
down_revision = "0037_reconciler"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("bookings", sa.Column("list_amount", sa.BigInteger(), nullable=True))
    op.add_column("bookings", sa.Column("concession", sa.String(), nullable=True))
    op.create_check_constraint("list_is_more", "bookings", "list_amount > fee_amount")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column("bookings", "concession")
    op.drop_column("bookings", "list_amount")
