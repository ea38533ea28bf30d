"""Questionnaires that clients take, sealed, and with which therapist they share a result."""

import sqlalchemy as sa
from alembic import op

revision = "0042_taken_questionnaires"
down_revision = "0041_fit_checks"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "taken_questionnaires",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_taken_questionnaires_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taken_questionnaires")),
        sa.UniqueConstraint("public_id", name=op.f("uq_taken_questionnaires_public_id")),
    )
    op.create_index(op.f("ix_taken_questionnaires_client_id"), "taken_questionnaires", ["client_id"])
    op.create_table(
        "shared_results",
        sa.Column("taken_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shared_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["taken_id"], ["taken_questionnaires.id"], name=op.f("fk_shared_results_taken_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_shared_results_therapist_id")),
        sa.PrimaryKeyConstraint("taken_id", "therapist_id", name=op.f("pk_shared_results")),
    )
    op.create_index(op.f("ix_shared_results_therapist_id"), "shared_results", ["therapist_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("shared_results")
    op.drop_table("taken_questionnaires")
