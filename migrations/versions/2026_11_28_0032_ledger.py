"""The books: movements between accounts that are only ever added; our part of each payment."""

import sqlalchemy as sa
from alembic import op

revision = "0032_ledger"
down_revision = "0031_collection"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "ledger_movements",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=True),
        sa.Column("debit", sa.String(), nullable=False),
        sa.Column("debit_person_id", sa.BigInteger(), nullable=True),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("credit_person_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("by_person_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(credit IN ('receivable', 'therapist')) = (credit_person_id IS NOT NULL)", name=op.f("ck_ledger_movements_credit_is_whose")),
        sa.CheckConstraint("(debit IN ('receivable', 'therapist')) = (debit_person_id IS NOT NULL)", name=op.f("ck_ledger_movements_debit_is_whose")),
        sa.CheckConstraint(
            "credit IN ('balance', 'receivable', 'therapist', 'platform', 'processor_fee', 'refund', 'dispute', 'prepaid', 'written_off')",
            name=op.f("ck_ledger_movements_credit_is_known"),
        ),
        sa.CheckConstraint(
            "debit IN ('balance', 'receivable', 'therapist', 'platform', 'processor_fee', 'refund', 'dispute', 'prepaid', 'written_off')",
            name=op.f("ck_ledger_movements_debit_is_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_movements_amount_positive")),
        sa.CheckConstraint("debit <> credit OR debit_person_id IS DISTINCT FROM credit_person_id", name=op.f("ck_ledger_movements_between_two_accounts")),
        sa.ForeignKeyConstraint(["by_person_id"], ["persons.id"], name=op.f("fk_ledger_movements_by_person_id")),
        sa.ForeignKeyConstraint(["credit_person_id"], ["persons.id"], name=op.f("fk_ledger_movements_credit_person_id")),
        sa.ForeignKeyConstraint(["debit_person_id"], ["persons.id"], name=op.f("fk_ledger_movements_debit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_movements")),
        sa.UniqueConstraint("once", name=op.f("uq_ledger_movements_once")),
    )
    op.create_index(op.f("ix_ledger_movements_at"), "ledger_movements", ["at"], unique=False)
    op.create_index(
        op.f("ix_ledger_movements_credit_person_id_at"),
        "ledger_movements",
        ["credit_person_id", "at"],
        unique=False,
        postgresql_where=sa.text("credit_person_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_ledger_movements_debit_person_id_at"),
        "ledger_movements",
        ["debit_person_id", "at"],
        unique=False,
        postgresql_where=sa.text("debit_person_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_ledger_movements_reference"), "ledger_movements", ["reference"], unique=False)
    op.add_column("payments", sa.Column("payee_part", sa.BigInteger(), nullable=True))
    op.create_check_constraint("payee_part_not_negative", "payments", "payee_part >= 0")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column("payments", "payee_part")
    op.drop_index(op.f("ix_ledger_movements_reference"), table_name="ledger_movements")
    op.drop_index(op.f("ix_ledger_movements_debit_person_id_at"), table_name="ledger_movements", postgresql_where=sa.text("debit_person_id IS NOT NULL"))
    op.drop_index(op.f("ix_ledger_movements_credit_person_id_at"), table_name="ledger_movements", postgresql_where=sa.text("credit_person_id IS NOT NULL"))
    op.drop_index(op.f("ix_ledger_movements_at"), table_name="ledger_movements")
    op.drop_table("ledger_movements")
