"""Carts: several openings held and paid together. A cart's payment collects those of its parts, which are settled out of it."""

import sqlalchemy as sa
from alembic import op

revision = "0051_carts"
down_revision = "0050_payouts_without_payment"
branch_labels = None
depends_on = None
BEFORE = "'session', 'late_fee', 'no_show_fee', 'pack', 'gift'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "carts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_carts_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_carts_public_id")),
    )
    op.create_index(op.f("ix_carts_client_id"), "carts", ["client_id"])
    op.add_column("bookings", sa.Column("cart_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_bookings_cart_id"), "bookings", "carts", ["cart_id"], ["id"])
    op.create_index(op.f("ix_bookings_cart_id"), "bookings", ["cart_id"], postgresql_where=sa.text("cart_id IS NOT NULL"))
    op.add_column("payments", sa.Column("collected_by_id", sa.BigInteger(), nullable=True))
    op.add_column("payments", sa.Column("passed_on_amount", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.create_foreign_key(op.f("fk_payments_collected_by_id"), "payments", "payments", ["collected_by_id"], ["id"])
    op.create_index(op.f("ix_payments_collected_by_id"), "payments", ["collected_by_id"], postgresql_where=sa.text("collected_by_id IS NOT NULL"))
    op.drop_constraint(op.f("ck_payments_purpose_is_known"), "payments")
    op.create_check_constraint(op.f("ck_payments_purpose_is_known"), "payments", f"purpose IN ({BEFORE}, 'cart')")
    op.drop_constraint(op.f("ck_payments_only_a_gift_is_nobodys"), "payments")
    op.create_check_constraint(op.f("ck_payments_whose_it_is_is_known_or_nobodys"), "payments", "(payee_id IS NULL) = (purpose IN ('gift', 'cart'))")
    op.create_check_constraint(
        op.f("ck_payments_passes_on_no_more_than_is_left"),
        "payments",
        "passed_on_amount = 0 OR (passed_on_amount > 0 AND passed_on_amount <= captured_amount - returned_amount)",
    )
    op.create_check_constraint(op.f("ck_payments_a_cart_is_of_sessions"), "payments", "collected_by_id IS NULL OR purpose = 'session'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_constraint(op.f("ck_payments_a_cart_is_of_sessions"), "payments")
    op.drop_constraint(op.f("ck_payments_passes_on_no_more_than_is_left"), "payments")
    op.drop_constraint(op.f("ck_payments_whose_it_is_is_known_or_nobodys"), "payments")
    op.create_check_constraint(op.f("ck_payments_only_a_gift_is_nobodys"), "payments", "(payee_id IS NULL) = (purpose = 'gift')")
    op.drop_constraint(op.f("ck_payments_purpose_is_known"), "payments")
    op.create_check_constraint(op.f("ck_payments_purpose_is_known"), "payments", f"purpose IN ({BEFORE})")
    op.drop_column("payments", "passed_on_amount")
    op.drop_column("payments", "collected_by_id")
    op.drop_column("bookings", "cart_id")
    op.drop_table("carts")
