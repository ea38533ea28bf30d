"""Differences between the processor and the books, the comparisons that found them, and an account for money sent to our own bank."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037_reconciler"
down_revision = "0036_shared_places"
branch_labels = None
depends_on = None

ACCOUNTS = ["balance", "receivable", "therapist", "platform", "processor_fee", "refund", "dispute", "prepaid", "written_off"]
KINDS = [
    "captured_unknown",
    "captured_twice",
    "captured_unnoticed",
    "captured_missing",
    "captured_amount",
    "captured_currency",
    "captured_not_booked",
    "fee_differs",
    "refund_unknown",
    "refund_unnoticed",
    "refund_missing",
    "refund_amount",
    "refund_failed",
    "dispute_unknown",
    "dispute_decided",
    "dispute_amount",
    "transfer_unknown",
    "transfer_unnoticed",
    "transfer_missing",
    "transfer_amount",
    "transfer_elsewhere",
    "reversal_unknown",
    "reversal_missing",
    "unknown_there",
    "missing_here",
    "paid_for_nothing",
    "stands_unpaid",
    "balance_unexplained",
]


def _one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _accounts([*ACCOUNTS, "bank"])
    op.create_table(
        "payment_comparisons",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name=op.f("ck_payment_comparisons_state_is_known")),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_payment_comparisons_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_comparisons")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_comparisons_public_id")),
    )
    op.create_index(op.f("ix_payment_comparisons_asked_at"), "payment_comparisons", ["asked_at"])
    op.create_table(
        "payment_differences",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("theirs_amount", sa.BigInteger(), nullable=True),
        sa.Column("theirs_currency", sa.String(), nullable=True),
        sa.Column("ours_amount", sa.BigInteger(), nullable=True),
        sa.Column("ours_currency", sa.String(), nullable=True),
        sa.Column("drift", postgresql.JSONB(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("refund_key", sa.String(), nullable=True),
        sa.Column("refund", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.CheckConstraint(_one_of("kind", KINDS), name=op.f("ck_payment_differences_kind_is_known")),
        sa.CheckConstraint("state IN ('open', 'settling', 'confirmed', 'refunded', 'written_off', 'gone')", name=op.f("ck_payment_differences_state_is_known")),
        sa.CheckConstraint(
            "(state IN ('confirmed', 'refunded', 'written_off', 'settling')) = (decided_by IS NOT NULL)",
            name=op.f("ck_payment_differences_a_decision_is_somebodys"),
        ),
        sa.CheckConstraint("state <> 'settling' OR refund_key IS NOT NULL", name=op.f("ck_payment_differences_what_is_sent_has_a_key")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_payment_differences_case_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_payment_differences_decided_by")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_differences_payment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_payment_differences_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_differences")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_payment_differences_fingerprint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_differences_public_id")),
        sa.UniqueConstraint("refund", name=op.f("uq_payment_differences_refund")),
        sa.UniqueConstraint("refund_key", name=op.f("uq_payment_differences_refund_key")),
    )
    op.create_index("ix_payment_differences_open", "payment_differences", ["at"], postgresql_where=sa.text("state IN ('open', 'settling')"))
    op.create_index(op.f("ix_payment_differences_payment_id"), "payment_differences", ["payment_id"])
    op.create_index(op.f("ix_payment_differences_case_id"), "payment_differences", ["case_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("payment_differences")
    op.drop_table("payment_comparisons")
    op.execute("DELETE FROM ledger_movements WHERE 'bank' IN (debit, credit)")
    _accounts(ACCOUNTS)


def _accounts(accounts: list[str]) -> None:
    for side in ("debit", "credit"):
        name = op.f(f"ck_ledger_movements_{side}_is_known")
        op.drop_constraint(name, "ledger_movements")
        op.create_check_constraint(name, "ledger_movements", _one_of(side, accounts))
