"""matching."""

revision = "0008_matching"
down_revision = "0007_booking"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
