"""A payout without a payment: what we owe a therapist where a code of ours took the whole price off."""

import sqlalchemy as sa
from alembic import op

revision = "0050_payouts_without_payment"
down_revision = "0049_candidate_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.alter_column("payouts", "payment_id", existing_type=sa.BigInteger(), nullable=True)
    op.create_check_constraint(op.f("ck_payouts_borne_by_us_has_its_share"), "payouts", "payment_id IS NOT NULL OR share IS NOT NULL")
    op.create_index("uq_payouts_borne_once", "payouts", ["reference"], unique=True, postgresql_where=sa.text("payment_id IS NULL"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_index("uq_payouts_borne_once", table_name="payouts")
    op.drop_constraint(op.f("ck_payouts_borne_by_us_has_its_share"), "payouts", type_="check")
    op.alter_column("payouts", "payment_id", existing_type=sa.BigInteger(), nullable=False)
