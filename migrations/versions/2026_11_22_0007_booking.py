"""booking."""

revision = "0007_booking"
down_revision = "0006_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
