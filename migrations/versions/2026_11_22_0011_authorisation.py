"""Where therapists say they are during sessions: some rights to practise hold only there."""

import sqlalchemy as sa
from alembic import op

revision = "0011_authorisation"
down_revision = "0009_verification"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("therapists", sa.Column("works_from", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("therapists", "works_from")
