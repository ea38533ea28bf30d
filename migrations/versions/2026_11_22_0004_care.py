"""Care: places of people, who attends, relations, conflicts, pauses for safety."""

import sqlalchemy as sa
from alembic import op

revision = "0004_care"
down_revision = "0003_therapists"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendances",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("age_band", sa.String(), nullable=False),
        sa.Column("needs_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_attendances_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_attendances")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attendances_public_id")),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("jurisdiction", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.CheckConstraint("source IN ('intake', 'booking', 'profile')", name=op.f("ck_places_source_is_known")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_places_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_person_id_valid_from"), "places", ["person_id", "valid_from"], unique=False)
    op.create_table(
        "safety_pauses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["lifted_by"], ["persons.id"], name=op.f("fk_safety_pauses_lifted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_safety_pauses_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_pauses")),
    )
    op.create_index("uq_safety_pauses_in_force", "safety_pauses", ["person_id"], unique=True, postgresql_where=sa.text("lifted_at IS NULL"))
    op.create_table(
        "care_conflicts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason IN ('declined', 'declared', 'partner_in_care', 'rejected_by_client')", name=op.f("ck_care_conflicts_reason_is_known")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_care_conflicts_client_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_care_conflicts_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_conflicts")),
    )
    op.create_index(op.f("ix_care_conflicts_client_id"), "care_conflicts", ["client_id"], unique=False)
    op.create_table(
        "care_relations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('requested', 'trial', 'active', 'paused', 'ended')", name=op.f("ck_care_relations_state_is_known")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_care_relations_client_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_care_relations_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_relations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_care_relations_public_id")),
        sa.UniqueConstraint("therapist_id", "client_id", name=op.f("uq_care_relations_therapist_id_client_id")),
    )
    op.create_index(op.f("ix_care_relations_client_id"), "care_relations", ["client_id"], unique=False)


def downgrade() -> None:
    for table in ("care_relations", "care_conflicts", "safety_pauses", "places", "attendances"):
        op.drop_table(table)
