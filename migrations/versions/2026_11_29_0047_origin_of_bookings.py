"""How a booking's client found the therapist, as it was said when it was booked: our published fee differs by it."""

import sqlalchemy as sa
from alembic import op

revision = "0047_origin_of_bookings"
down_revision = "0046_assisted_shortlists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("bookings", sa.Column("origin", sa.String(), nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column("bookings", "origin")
