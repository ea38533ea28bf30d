"""Evidence: the rows of files that therapists send in proof of a credential."""

import sqlalchemy as sa
from alembic import op

revision = "0010_evidence"
down_revision = "0011_authorisation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("scan", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_reason", sa.String(), nullable=True),
        sa.CheckConstraint("media_type IN ('application/pdf', 'image/jpeg', 'image/png')", name=op.f("ck_evidence_files_media_type_is_known")),
        sa.CheckConstraint("scan IN ('clean', 'not_scanned')", name=op.f("ck_evidence_files_scan_is_known")),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_reason IS NULL)", name=op.f("ck_evidence_files_removal_has_a_reason")),
        sa.ForeignKeyConstraint(["credential_id"], ["credentials.id"], name=op.f("fk_evidence_files_credential_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["persons.id"], name=op.f("fk_evidence_files_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_evidence_files_public_id")),
    )
    op.create_index(op.f("ix_evidence_files_credential_id"), "evidence_files", ["credential_id"])
    op.create_index("uq_evidence_files_kept_once", "evidence_files", ["credential_id", "sha256"], unique=True, postgresql_where=sa.text("removed_at IS NULL"))


def downgrade() -> None:
    op.drop_table("evidence_files")
