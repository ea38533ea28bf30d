"""desk."""

revision = "0005_desk"
down_revision = "0004_care"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
