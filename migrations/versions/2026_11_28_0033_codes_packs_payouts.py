"""Discount codes, packs of sessions, payouts and their reversals."""

import sqlalchemy as sa
from alembic import op

revision = "0033_codes_packs_payouts"
down_revision = "0032_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "discount_codes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("off_amount", sa.BigInteger(), nullable=True),
        sa.Column("off_currency", sa.String(), nullable=True),
        sa.Column("holds_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("holds_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("payee_id", sa.BigInteger(), nullable=True),
        sa.Column("first_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("most_uses", sa.BigInteger(), nullable=True),
        sa.Column("most_uses_each", sa.BigInteger(), nullable=True),
        sa.Column("bearer", sa.String(), server_default="platform", nullable=False),
        sa.Column("uses", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("bearer <> 'payee' OR payee_id IS NOT NULL", name=op.f("ck_discount_codes_who_bears_it_is_named")),
        sa.CheckConstraint("bearer IN ('platform', 'payee')", name=op.f("ck_discount_codes_bearer_is_known")),
        sa.CheckConstraint("source <> 'call_back' OR person_id IS NOT NULL", name=op.f("ck_discount_codes_a_call_back_is_somebodys")),
        sa.CheckConstraint("source IN ('platform', 'therapist', 'call_back')", name=op.f("ck_discount_codes_source_is_known")),
        sa.CheckConstraint("(off_amount IS NULL) = (off_currency IS NULL)", name=op.f("ck_discount_codes_an_amount_has_a_currency")),
        sa.CheckConstraint("(points IS NULL) <> (off_amount IS NULL)", name=op.f("ck_discount_codes_a_share_or_an_amount")),
        sa.CheckConstraint("holds_from < holds_until", name=op.f("ck_discount_codes_window_in_order")),
        sa.CheckConstraint("most_uses > 0 AND most_uses_each > 0", name=op.f("ck_discount_codes_limits_above_nothing")),
        sa.CheckConstraint("off_amount > 0", name=op.f("ck_discount_codes_off_positive")),
        sa.CheckConstraint("points BETWEEN 1 AND 10000", name=op.f("ck_discount_codes_share_in_range")),
        sa.CheckConstraint("uses >= 0 AND (most_uses IS NULL OR uses <= most_uses)", name=op.f("ck_discount_codes_used_no_more_than_it_can_be")),
        sa.ForeignKeyConstraint(["made_by"], ["persons.id"], name=op.f("fk_discount_codes_made_by")),
        sa.ForeignKeyConstraint(["payee_id"], ["persons.id"], name=op.f("fk_discount_codes_payee_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_discount_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_discount_codes_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_discount_codes_public_id")),
    )
    op.create_index(op.f("ix_discount_codes_payee_id"), "discount_codes", ["payee_id"], unique=False, postgresql_where=sa.text("payee_id IS NOT NULL"))
    op.create_table(
        "pack_offers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Uuid(), nullable=False),
        sa.Column("sessions", sa.BigInteger(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("price_amount >= sessions", name=op.f("ck_pack_offers_every_session_is_worth_something")),
        sa.CheckConstraint("sessions BETWEEN 2 AND 50", name=op.f("ck_pack_offers_sessions_in_range")),
        sa.ForeignKeyConstraint(["payee_id"], ["persons.id"], name=op.f("fk_pack_offers_payee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_offers")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pack_offers_public_id")),
    )
    op.create_index(op.f("ix_pack_offers_payee_id"), "pack_offers", ["payee_id"], unique=False)
    op.create_index("uq_pack_offers_on_sale", "pack_offers", ["what", "sessions"], unique=True, postgresql_where=sa.text("stopped_at IS NULL"))
    op.create_table(
        "code_uses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("off_amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("bearer", sa.String(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("off_amount > 0 AND off_amount <= price_amount", name=op.f("ck_code_uses_takes_off_no_more_than_all")),
        sa.ForeignKeyConstraint(["code_id"], ["discount_codes.id"], name=op.f("fk_code_uses_code_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_code_uses_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_uses")),
    )
    op.create_index(op.f("ix_code_uses_code_id_person_id"), "code_uses", ["code_id", "person_id"], unique=False)
    op.create_index("uq_code_uses_one_of_a_reference", "code_uses", ["reference"], unique=True, postgresql_where=sa.text("given_back_at IS NULL"))
    op.create_table(
        "packs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Uuid(), nullable=False),
        sa.Column("sessions", sa.BigInteger(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(), nullable=False),
        sa.Column("fee_points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default="asked", nullable=False),
        sa.Column("reserved", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("consumed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'asked') = (paid_at IS NULL) AND (state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_packs_states_have_their_times")
        ),
        sa.CheckConstraint("state IN ('asked', 'paid', 'closed')", name=op.f("ck_packs_state_is_known")),
        sa.CheckConstraint("reserved >= 0 AND consumed >= 0 AND reserved + consumed <= sessions", name=op.f("ck_packs_no_more_than_bought")),
        sa.ForeignKeyConstraint(["offer_id"], ["pack_offers.id"], name=op.f("fk_packs_offer_id")),
        sa.ForeignKeyConstraint(["payee_id"], ["persons.id"], name=op.f("fk_packs_payee_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["persons.id"], name=op.f("fk_packs_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_packs_public_id")),
    )
    op.create_index(op.f("ix_packs_payee_id"), "packs", ["payee_id"], unique=False)
    op.create_index(op.f("ix_packs_payer_id"), "packs", ["payer_id"], unique=False)
    op.create_table(
        "payouts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="earned", nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("returned_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("transfer", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'sent') = (transfer IS NOT NULL)", name=op.f("ck_payouts_what_was_sent_has_a_name")),
        sa.CheckConstraint("state IN ('earned', 'sending', 'sent', 'needs_person', 'dropped')", name=op.f("ck_payouts_state_is_known")),
        sa.CheckConstraint(
            "state NOT IN ('sending', 'sent', 'needs_person') OR (amount IS NOT NULL AND key IS NOT NULL)", name=op.f("ck_payouts_what_is_sent_has_a_key")
        ),
        sa.CheckConstraint("amount > 0 AND returned_amount BETWEEN 0 AND amount", name=op.f("ck_payouts_comes_back_no_more_than_was_sent")),
        sa.ForeignKeyConstraint(["payee_id"], ["persons.id"], name=op.f("fk_payouts_payee_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payouts_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("key", name=op.f("uq_payouts_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payouts_public_id")),
        sa.UniqueConstraint("transfer", name=op.f("uq_payouts_transfer")),
    )
    op.create_index("ix_payouts_due", "payouts", ["due_at"], unique=False, postgresql_where=sa.text("state IN ('earned', 'sending')"))
    op.create_index(op.f("ix_payouts_payee_id_due_at"), "payouts", ["payee_id", "due_at"], unique=False)
    op.create_index("uq_payouts_once", "payouts", ["payment_id", "reference"], unique=True)
    op.create_table(
        "pack_sessions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("pack_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="reserved", nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'consumed') = (number IS NOT NULL)", name=op.f("ck_pack_sessions_consumed_has_its_number")),
        sa.CheckConstraint("state IN ('reserved', 'consumed', 'released')", name=op.f("ck_pack_sessions_state_is_known")),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name=op.f("fk_pack_sessions_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_sessions")),
        sa.UniqueConstraint("pack_id", "number", name=op.f("uq_pack_sessions_pack_id_number")),
    )
    op.create_index("uq_pack_sessions_of_a_reference", "pack_sessions", ["reference", "pack_id"], unique=True, postgresql_where=sa.text("state <> 'released'"))
    op.create_table(
        "payout_reversals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payout_id", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default="intended", nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("processor_id", sa.String(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'done') = (processor_id IS NOT NULL)", name=op.f("ck_payout_reversals_what_came_back_has_a_name")),
        sa.CheckConstraint("state IN ('intended', 'done', 'needs_person')", name=op.f("ck_payout_reversals_state_is_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payout_reversals_amount_positive")),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_reversals_payout_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_payout_reversals_refund_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_reversals")),
        sa.UniqueConstraint("key", name=op.f("uq_payout_reversals_key")),
        sa.UniqueConstraint("processor_id", name=op.f("uq_payout_reversals_processor_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payout_reversals_public_id")),
    )
    op.create_index("ix_payout_reversals_intended", "payout_reversals", ["id"], unique=False, postgresql_where=sa.text("state = 'intended'"))
    op.create_index(op.f("ix_payout_reversals_payout_id"), "payout_reversals", ["payout_id"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index(op.f("ix_payout_reversals_payout_id"), table_name="payout_reversals")
    op.drop_index("ix_payout_reversals_intended", table_name="payout_reversals", postgresql_where=sa.text("state = 'intended'"))
    op.drop_table("payout_reversals")
    op.drop_index("uq_pack_sessions_of_a_reference", table_name="pack_sessions", postgresql_where=sa.text("state <> 'released'"))
    op.drop_table("pack_sessions")
    op.drop_index("uq_payouts_once", table_name="payouts")
    op.drop_index(op.f("ix_payouts_payee_id_due_at"), table_name="payouts")
    op.drop_index("ix_payouts_due", table_name="payouts", postgresql_where=sa.text("state IN ('earned', 'sending')"))
    op.drop_table("payouts")
    op.drop_index(op.f("ix_packs_payer_id"), table_name="packs")
    op.drop_index(op.f("ix_packs_payee_id"), table_name="packs")
    op.drop_table("packs")
    op.drop_index("uq_code_uses_one_of_a_reference", table_name="code_uses", postgresql_where=sa.text("given_back_at IS NULL"))
    op.drop_index(op.f("ix_code_uses_code_id_person_id"), table_name="code_uses")
    op.drop_table("code_uses")
    op.drop_index("uq_pack_offers_on_sale", table_name="pack_offers", postgresql_where=sa.text("stopped_at IS NULL"))
    op.drop_index(op.f("ix_pack_offers_payee_id"), table_name="pack_offers")
    op.drop_table("pack_offers")
    op.drop_index(op.f("ix_discount_codes_payee_id"), table_name="discount_codes", postgresql_where=sa.text("payee_id IS NOT NULL"))
    op.drop_table("discount_codes")
