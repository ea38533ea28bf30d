"""Required checks beside the register's entry, and signatures under the agreement; the mark for work with minors becomes one of them.

What was seen for work with minors had no last day. Its records come along; the mark does not: it is looked at anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013_required_checks"
down_revision = "0025_feeds_and_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "practice_checks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_days", sa.BigInteger(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("passed IS NULL OR checked_at IS NOT NULL", name=op.f("ck_practice_checks_a_result_has_a_time")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_practice_checks_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_checks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_practice_checks_public_id")),
        sa.UniqueConstraint("therapist_id", "kind", name=op.f("uq_practice_checks_therapist_id_kind")),
    )
    op.create_index(op.f("ix_practice_checks_kind_valid_until"), "practice_checks", ["kind", "valid_until"])
    op.create_index(op.f("ix_practice_checks_kind_checked_at"), "practice_checks", ["kind", "checked_at"])
    op.create_table(
        "practice_check_records",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("checked_by", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("result IN ('passed', 'failed')", name=op.f("ck_practice_check_records_result_is_known")),
        sa.ForeignKeyConstraint(["checked_by"], ["persons.id"], name=op.f("fk_practice_check_records_checked_by")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_practice_check_records_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_check_records")),
        sa.UniqueConstraint("public_id", name=op.f("uq_practice_check_records_public_id")),
    )
    op.create_index(op.f("ix_practice_check_records_therapist_id_kind"), "practice_check_records", ["therapist_id", "kind"])
    op.create_table(
        "agreement_signatures",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_agreement_signatures_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_signatures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_agreement_signatures_public_id")),
        sa.UniqueConstraint("therapist_id", "version", name=op.f("uq_agreement_signatures_therapist_id_version")),
    )
    op.execute(
        """INSERT INTO practice_check_records (public_id, therapist_id, kind, result, reason, checked_by, checked_at, recorded_at, zone)
           SELECT gen_random_uuid(), r.therapist_id, 'child_protection', CASE WHEN r.confirmed THEN 'passed' ELSE 'failed' END,
             CASE WHEN r.confirmed THEN 'document_seen' ELSE 'already_ended' END, r.checked_by, r.checked_at, r.checked_at, t.zone
           FROM training_records r JOIN therapists t ON t.person_id = r.therapist_id WHERE r.kind = 'minors' ORDER BY r.id"""
    )
    op.execute("DELETE FROM training_records WHERE kind = 'minors'")
    op.drop_constraint(op.f("ck_training_records_kind_is_known"), "training_records")
    op.create_check_constraint(op.f("ck_training_records_kind_is_known"), "training_records", "kind IN ('modality', 'concern', 'competence')")
    op.drop_column("therapists", "youth_checked_at")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("therapists", sa.Column("youth_checked_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_training_records_kind_is_known"), "training_records")
    op.create_check_constraint(op.f("ck_training_records_kind_is_known"), "training_records", "kind IN ('modality', 'concern', 'competence', 'minors')")
    op.execute(
        """INSERT INTO training_records (public_id, therapist_id, kind, slug, body, confirmed, checked_by, checked_at)
           SELECT gen_random_uuid(), therapist_id, 'minors', '', '', result = 'passed', checked_by, checked_at
           FROM practice_check_records WHERE kind = 'child_protection' ORDER BY id"""
    )
    for table in ("agreement_signatures", "practice_check_records", "practice_checks"):
        op.drop_table(table)
