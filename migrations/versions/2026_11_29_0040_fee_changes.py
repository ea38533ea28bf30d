"""Fees that are announced ahead, and what clients say whose booked dates they concern."""

import sqlalchemy as sa
from alembic import op

revision = "0040_fee_changes"
down_revision = "0039_session_charges"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "fee_changes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("concession", sa.String(), nullable=True),
        sa.Column("old_amount", sa.BigInteger(), nullable=False),
        sa.Column("new_amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("takes_effect_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("applied_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_fee_changes_one_end")),
        sa.CheckConstraint("new_amount > 0", name=op.f("ck_fee_changes_fee_positive")),
        sa.CheckConstraint("new_amount IS NOT NULL OR concession IS NOT NULL", name=op.f("ck_fee_changes_only_a_lower_fee_ends")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_fee_changes_service_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_fee_changes_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fee_changes_public_id")),
    )
    op.create_index(
        "uq_fee_changes_ahead",
        "fee_changes",
        ["service_id", sa.text("coalesce(concession, '')")],
        unique=True,
        postgresql_where=sa.text("applied_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "fee_change_answers",
        sa.Column("fee_change_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("new_amount", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_fee_change_answers_an_answer_has_its_time")),
        sa.CheckConstraint("answer IN ('accepted', 'declined', 'lapsed')", name=op.f("ck_fee_change_answers_answer_is_known")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_fee_change_answers_client_id")),
        sa.ForeignKeyConstraint(["fee_change_id"], ["fee_changes.id"], name=op.f("fk_fee_change_answers_fee_change_id")),
        sa.PrimaryKeyConstraint("fee_change_id", "client_id", name=op.f("pk_fee_change_answers")),
    )
    op.create_index(op.f("ix_fee_change_answers_client_id"), "fee_change_answers", ["client_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("fee_change_answers")
    op.drop_table("fee_changes")
