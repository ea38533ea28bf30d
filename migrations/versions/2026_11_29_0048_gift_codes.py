"""Gift codes: an amount paid ahead to nobody yet, each use of it, and what it pays of a booking's fee."""

import sqlalchemy as sa
from alembic import op

revision = "0048_gift_codes"
down_revision = "0047_origin_of_bookings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "gift_codes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.BigInteger(), nullable=False),
        sa.Column("value_amount", sa.BigInteger(), nullable=False),
        sa.Column("value_currency", sa.String(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("hint", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False, server_default="asked"),
        sa.Column("taken_amount", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("terms", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'paid', 'returned')", name=op.f("ck_gift_codes_state_is_known")),
        sa.CheckConstraint("value_amount > 0", name=op.f("ck_gift_codes_value_positive")),
        sa.CheckConstraint("taken_amount BETWEEN 0 AND value_amount", name=op.f("ck_gift_codes_no_more_than_was_paid")),
        sa.CheckConstraint(
            "(state = 'asked') = (paid_at IS NULL) AND (state = 'returned') = (returned_at IS NOT NULL)", name=op.f("ck_gift_codes_states_have_their_times")
        ),
        sa.CheckConstraint("(paid_at IS NULL) = (digest IS NULL)", name=op.f("ck_gift_codes_a_code_is_made_when_it_is_paid")),
        sa.CheckConstraint("state <> 'returned' OR taken_amount = 0", name=op.f("ck_gift_codes_only_unused_ones_go_back")),
        sa.ForeignKeyConstraint(["buyer_id"], ["persons.id"], name=op.f("fk_gift_codes_buyer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_codes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_gift_codes_public_id")),
        sa.UniqueConstraint("digest", name=op.f("uq_gift_codes_digest")),
    )
    op.create_index(op.f("ix_gift_codes_buyer_id"), "gift_codes", ["buyer_id"])
    op.create_table(
        "gift_uses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("gift_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, server_default="reserved"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=True),
        sa.Column("our_part", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('reserved', 'consumed', 'released')", name=op.f("ck_gift_uses_state_is_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_gift_uses_amount_positive")),
        sa.CheckConstraint("state <> 'consumed' OR (payee_id IS NOT NULL AND our_part IS NOT NULL)", name=op.f("ck_gift_uses_consumed_is_somebodys")),
        sa.ForeignKeyConstraint(["gift_id"], ["gift_codes.id"], name=op.f("fk_gift_uses_gift_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["persons.id"], name=op.f("fk_gift_uses_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_uses")),
    )
    op.create_index(op.f("ix_gift_uses_gift_id"), "gift_uses", ["gift_id"])
    op.create_index("uq_gift_uses_of_a_reference", "gift_uses", ["reference"], unique=True, postgresql_where=sa.text("state <> 'released'"))
    op.alter_column("payments", "payee_id", existing_type=sa.BigInteger(), nullable=True)
    op.create_check_constraint(op.f("ck_payments_only_a_gift_is_nobodys"), "payments", "(payee_id IS NULL) = (purpose = 'gift')")
    op.add_column("bookings", sa.Column("gift_amount", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.create_check_constraint(op.f("ck_bookings_a_gift_pays_no_more_than_the_fee"), "bookings", "gift_amount BETWEEN 0 AND fee_amount")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_constraint(op.f("ck_bookings_a_gift_pays_no_more_than_the_fee"), "bookings")
    op.drop_column("bookings", "gift_amount")
    op.drop_constraint(op.f("ck_payments_only_a_gift_is_nobodys"), "payments")
    op.alter_column("payments", "payee_id", existing_type=sa.BigInteger(), nullable=False)
    op.drop_table("gift_uses")
    op.drop_table("gift_codes")
