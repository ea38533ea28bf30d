"""What a matching guide suggested for an intake, sealed, and what the person said to it."""

import sqlalchemy as sa
from alembic import op

revision = "0046_assisted_shortlists"
down_revision = "0045_call_backs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "assisted_shortlists",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("intake_id", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("weights_version", sa.String(), nullable=False),
        sa.Column("taxonomy_version", sa.String(), nullable=False),
        sa.Column("proposed_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('thanks', 'none_of_these')", name=op.f("ck_assisted_shortlists_answer_is_known")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_assisted_shortlists_an_answer_has_its_time")),
        sa.ForeignKeyConstraint(["intake_id"], ["intakes.id"], name=op.f("fk_assisted_shortlists_intake_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["proposed_by"], ["persons.id"], name=op.f("fk_assisted_shortlists_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assisted_shortlists")),
        sa.UniqueConstraint("public_id", name=op.f("uq_assisted_shortlists_public_id")),
    )
    op.create_index(op.f("ix_assisted_shortlists_intake_id_proposed_at"), "assisted_shortlists", ["intake_id", "proposed_at"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("assisted_shortlists")
