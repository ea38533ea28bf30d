"""Verification: two pairs of eyes, approvals bound to the claim, fresh checks."""

import sqlalchemy as sa
from alembic import op

revision = "0009_verification"
down_revision = "0008_matching"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("credentials", sa.Column("claimed_jurisdictions", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("credentials", sa.Column("evidence_digest", sa.String(), nullable=True))
    op.add_column("credentials", sa.Column("first_checked_by", sa.BigInteger(), nullable=True))
    op.add_column("credentials", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("credentials", sa.Column("warned_days", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_credentials_first_checked_by"), "credentials", "persons", ["first_checked_by"], ["id"])
    op.execute("UPDATE credentials SET claimed_jurisdictions = jurisdictions, decided_at = checked_at")
    # What a register said against somebody stays true until it is looked at again, whatever state the claim is in.
    op.execute("UPDATE credentials SET restricted = true WHERE state IN ('suspended', 'revoked')")
    op.add_column("verification_records", sa.Column("scope", sa.String(), server_default="full", nullable=False))
    op.add_column("verification_records", sa.Column("claim_digest", sa.String(), nullable=True))
    op.add_column("verification_records", sa.Column("took_effect", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("verification_records", sa.Column("name_likeness", sa.BigInteger(), nullable=True))
    op.add_column("verification_records", sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_verification_records_scope_is_known"), "verification_records", "scope IN ('full', 'recheck')")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_verification_records_scope_is_known"), "verification_records", type_="check")
    for column in ("next_check_at", "name_likeness", "took_effect", "claim_digest", "scope"):
        op.drop_column("verification_records", column)
    op.drop_constraint(op.f("fk_credentials_first_checked_by"), "credentials", type_="foreignkey")
    for column in ("warned_days", "decided_at", "first_checked_by", "evidence_digest", "claimed_jurisdictions"):
        op.drop_column("credentials", column)
