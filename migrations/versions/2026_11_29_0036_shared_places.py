"""People who come together, a couple or a family, take one place with their therapist."""

import sqlalchemy as sa
from alembic import op

revision = "0036_shared_places"
down_revision = "0035_paid_bookings"
branch_labels = None
depends_on = None
TABLES = ("care_relations", "care_reserved_places")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in TABLES:
        # Every row that is there keeps a place of its own.
        op.add_column(table, sa.Column("place_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in TABLES:
        op.drop_column(table, "place_id")
