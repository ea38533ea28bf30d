"""What payees state as sellers, for receipts: only added, so that an old receipt keeps the one it was made under."""

import sqlalchemy as sa
from alembic import op

revision = "0044_receipts"
down_revision = "0043_card_feedback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "seller_statements",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seller_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_seller_statements_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_statements")),
        sa.UniqueConstraint("public_id", name=op.f("uq_seller_statements_public_id")),
    )
    op.create_index(op.f("ix_seller_statements_person_id_stated_at"), "seller_statements", ["person_id", "stated_at"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("seller_statements")
