"""Payments, the attempts at them, refunds, disputes, saved cards, and what the processor told us."""

import sqlalchemy as sa
from alembic import op

revision = "0029_payments"
down_revision = "0028_group_seats"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "processor_events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("tried", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'set_aside') <= (why IS NOT NULL)", name=op.f("ck_processor_events_set_aside_for_a_reason")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'set_aside')", name=op.f("ck_processor_events_state_is_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processor_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_processor_events_event_id")),
    )
    op.create_index("ix_processor_events_waiting", "processor_events", ["try_at"], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table(
        "payer_customers",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_payer_customers_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_payer_customers")),
        sa.UniqueConstraint("customer", name=op.f("uq_payer_customers_customer")),
        sa.UniqueConstraint("key", name=op.f("uq_payer_customers_key")),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("captured_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("captured_currency", sa.String(), nullable=True),
        sa.Column("returned_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("intent", sa.String(), nullable=True),
        sa.Column("charge", sa.String(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'ended') = (end_reason IS NOT NULL)", name=op.f("ck_payments_an_end_has_its_reason")),
        sa.CheckConstraint("captured_amount = 0 OR state IN ('settled', 'mismatched', 'ended')", name=op.f("ck_payments_only_what_came_is_captured")),
        sa.CheckConstraint("purpose IN ('session', 'late_fee', 'no_show_fee', 'pack', 'gift')", name=op.f("ck_payments_purpose_is_known")),
        sa.CheckConstraint("state <> 'settled' OR settled_at IS NOT NULL", name=op.f("ck_payments_settled_has_its_time")),
        sa.CheckConstraint("state IN ('open', 'processing', 'settled', 'mismatched', 'ended')", name=op.f("ck_payments_state_is_known")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_amount_positive")),
        sa.CheckConstraint("captured_amount >= 0", name=op.f("ck_payments_captured_not_negative")),
        sa.CheckConstraint("returned_amount BETWEEN 0 AND captured_amount", name=op.f("ck_payments_returns_no_more_than_captured")),
        sa.ForeignKeyConstraint(["payee_id"], ["persons.id"], name=op.f("fk_payments_payee_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["persons.id"], name=op.f("fk_payments_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("charge", name=op.f("uq_payments_charge")),
        sa.UniqueConstraint("intent", name=op.f("uq_payments_intent")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_public_id")),
    )
    op.create_index(op.f("ix_payments_payee_id_created_at"), "payments", ["payee_id", "created_at"], unique=False)
    op.create_index(op.f("ix_payments_payer_id_created_at"), "payments", ["payer_id", "created_at"], unique=False)
    op.create_index("ix_payments_to_tell", "payments", ["settled_at"], unique=False, postgresql_where=sa.text("state = 'settled' AND told_at IS NULL"))
    op.create_index(
        "uq_payments_asked_once",
        "payments",
        ["reference", "purpose", "payer_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended' AND (captured_amount = 0 OR returned_amount < captured_amount)"),
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("processor_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'won', 'lost')", name=op.f("ck_disputes_state_is_known")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("processor_id", name=op.f("uq_disputes_processor_id")),
    )
    op.create_index(op.f("ix_disputes_payment_id"), "disputes", ["payment_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), server_default="requested", nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("external", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("processor_id", sa.String(), nullable=True),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('requested', 'pending', 'succeeded', 'failed', 'needs_person')", name=op.f("ck_refunds_state_is_known")),
        sa.CheckConstraint("NOT external OR processor_id IS NOT NULL", name=op.f("ck_refunds_theirs_have_a_name")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount_positive")),
        sa.CheckConstraint("external = (key IS NULL)", name=op.f("ck_refunds_ours_have_a_key")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["persons.id"], name=op.f("fk_refunds_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("key", name=op.f("uq_refunds_key")),
        sa.UniqueConstraint("processor_id", name=op.f("uq_refunds_processor_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_refunds_public_id")),
    )
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"], unique=False)
    op.create_index("ix_refunds_to_look_at", "refunds", ["look_at"], unique=False, postgresql_where=sa.text("state IN ('requested', 'pending')"))
    op.create_table(
        "saved_cards",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("payee_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("last_four", sa.String(), nullable=False),
        sa.Column("terms", sa.String(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["payee_id"], ["persons.id"], name=op.f("fk_saved_cards_payee_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer_customers.person_id"], name=op.f("fk_saved_cards_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_cards")),
        sa.UniqueConstraint("public_id", name=op.f("uq_saved_cards_public_id")),
    )
    op.create_index("uq_saved_cards_in_force", "saved_cards", ["payer_id", "payee_id"], unique=True, postgresql_where=sa.text("revoked_at IS NULL"))
    op.create_table(
        "payment_attempts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="intended", nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_card_id", sa.BigInteger(), nullable=True),
        sa.Column("saves_card", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("terms", sa.String(), nullable=True),
        sa.Column("session", sa.String(), nullable=True),
        sa.Column("intent", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("decline", sa.String(), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind <> 'checkout' OR expires_at IS NOT NULL", name=op.f("ck_payment_attempts_a_checkout_runs_out")),
        sa.CheckConstraint("kind IN ('checkout', 'charge')", name=op.f("ck_payment_attempts_kind_is_known")),
        sa.CheckConstraint("state <> 'open' OR session IS NOT NULL OR intent IS NOT NULL", name=op.f("ck_payment_attempts_what_is_open_has_a_name")),
        sa.CheckConstraint("state IN ('intended', 'open', 'succeeded', 'closed')", name=op.f("ck_payment_attempts_state_is_known")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_attempts_payment_id")),
        sa.ForeignKeyConstraint(["saved_card_id"], ["saved_cards.id"], name=op.f("fk_payment_attempts_saved_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempts")),
        sa.UniqueConstraint("intent", name=op.f("uq_payment_attempts_intent")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempts_key")),
        sa.UniqueConstraint("payment_id", "number", name=op.f("uq_payment_attempts_payment_id_number")),
        sa.UniqueConstraint("session", name=op.f("uq_payment_attempts_session")),
    )
    op.create_index("ix_payment_attempts_to_look_at", "payment_attempts", ["look_at"], unique=False, postgresql_where=sa.text("state IN ('intended', 'open')"))
    op.create_index("uq_payment_attempts_live", "payment_attempts", ["payment_id"], unique=True, postgresql_where=sa.text("state IN ('intended', 'open')"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("payment_attempts")
    op.drop_table("saved_cards")
    op.drop_table("refunds")
    op.drop_table("disputes")
    op.drop_table("payments")
    op.drop_table("payer_customers")
    op.drop_table("processor_events")
