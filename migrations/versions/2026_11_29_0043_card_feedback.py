"""What people say of the cards of a shortlist, sealed; it goes with the shortlist."""

import sqlalchemy as sa
from alembic import op

revision = "0043_card_feedback"
down_revision = "0042_taken_questionnaires"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "card_feedback",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("shortlist_id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["shortlist_id"], ["shortlists.id"], name=op.f("fk_card_feedback_shortlist_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_card_feedback_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_feedback")),
        sa.UniqueConstraint("public_id", name=op.f("uq_card_feedback_public_id")),
        sa.UniqueConstraint("shortlist_id", "therapist_id", name=op.f("uq_card_feedback_shortlist_id_therapist_id")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("card_feedback")
