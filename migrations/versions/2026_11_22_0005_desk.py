"""Desk: cases and their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0005_desk"
down_revision = "0004_care"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("owned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("facts_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('safety', 'verification', 'matchmaking', 'request', 'complaint', 'support', 'money', 'privacy')", name=op.f("ck_cases_kind_is_known")
        ),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name=op.f("ck_cases_priority_is_known")),
        sa.CheckConstraint("state IN ('open', 'owned', 'closed')", name=op.f("ck_cases_state_is_known")),
        sa.CheckConstraint("(state = 'owned') <= (owner_id IS NOT NULL) AND (state = 'open') <= (owner_id IS NULL)", name=op.f("ck_cases_owned_has_owner")),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (outcome IS NOT NULL)", name=op.f("ck_cases_closed_has_outcome")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["persons.id"], name=op.f("fk_cases_opened_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["persons.id"], name=op.f("fk_cases_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_cases_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("public_id", name=op.f("uq_cases_public_id")),
    )
    op.create_index(op.f("ix_cases_person_id"), "cases", ["person_id"], unique=False)
    op.create_index(op.f("ix_cases_state_due_at_public_id"), "cases", ["state", "due_at", "public_id"], unique=False)
    op.create_index(op.f("ix_cases_subject_kind_subject_id"), "cases", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "case_steps",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(), server_default="note", nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_person_id"], ["persons.id"], name=op.f("fk_case_steps_by_person_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_steps_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_steps_public_id")),
    )
    op.create_index(op.f("ix_case_steps_case_id"), "case_steps", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("case_steps")
    op.drop_table("cases")
