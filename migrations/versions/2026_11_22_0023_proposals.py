"""Times that a therapist proposes to a client."""

import sqlalchemy as sa
from alembic import op

revision = "0023_proposals"
down_revision = "0013_check_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("series_id", sa.BigInteger(), nullable=True),
        sa.Column("link_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(booking_id IS NULL) <> (series_id IS NULL)", name=op.f("ck_proposals_one_booking_or_one_series")),
        sa.CheckConstraint("answer IN ('accepted', 'declined', 'withdrawn', 'lapsed')", name=op.f("ck_proposals_answer_is_known")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_proposals_an_answer_has_its_time")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_proposals_therapist_id")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_proposals_client_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_proposals_booking_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_proposals_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_proposals_public_id")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_proposals_booking_id")),
        sa.UniqueConstraint("series_id", name=op.f("uq_proposals_series_id")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_proposals_link_digest")),
    )
    op.create_index(op.f("ix_proposals_therapist_id_id"), "proposals", ["therapist_id", "id"])
    op.create_index(op.f("ix_proposals_client_id_id"), "proposals", ["client_id", "id"])


def downgrade() -> None:
    op.drop_table("proposals")
