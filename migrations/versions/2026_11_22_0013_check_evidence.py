"""Evidence may prove a required check as well as a credential."""

import sqlalchemy as sa
from alembic import op

revision = "0013_check_evidence"
down_revision = "0027_online_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("evidence_files", sa.Column("check_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_evidence_files_check_id"), "evidence_files", "practice_checks", ["check_id"], ["id"])
    op.alter_column("evidence_files", "credential_id", nullable=True)
    op.create_check_constraint(op.f("ck_evidence_files_proves_one_thing"), "evidence_files", "(credential_id IS NULL) <> (check_id IS NULL)")
    op.create_index(op.f("ix_evidence_files_check_id"), "evidence_files", ["check_id"])
    op.create_index("uq_evidence_files_check_kept_once", "evidence_files", ["check_id", "sha256"], unique=True, postgresql_where=sa.text("removed_at IS NULL"))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("DELETE FROM evidence_files WHERE credential_id IS NULL")
    op.drop_index("uq_evidence_files_check_kept_once", "evidence_files")
    op.drop_index(op.f("ix_evidence_files_check_id"), "evidence_files")
    op.drop_constraint(op.f("ck_evidence_files_proves_one_thing"), "evidence_files")
    op.alter_column("evidence_files", "credential_id", nullable=False)
    op.drop_column("evidence_files", "check_id")
