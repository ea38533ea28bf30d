"""What clients answer after their first sessions about how it fits, sealed, and whether their therapist may read it."""

import sqlalchemy as sa
from alembic import op

revision = "0041_fit_checks"
down_revision = "0040_fee_changes"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "fit_checks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("session_number", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", INSTANT, nullable=False),
        sa.Column("shared_at", INSTANT, nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("session_number BETWEEN 1 AND 4", name=op.f("ck_fit_checks_of_the_first_sessions")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_fit_checks_client_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_fit_checks_therapist_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_fit_checks_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fit_checks")),
        sa.UniqueConstraint("client_id", "booking_id", name=op.f("uq_fit_checks_client_id_booking_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fit_checks_public_id")),
    )
    shared = sa.text("shared_at IS NOT NULL")
    op.create_index(op.f("ix_fit_checks_shared"), "fit_checks", ["therapist_id", "shared_at"], postgresql_where=shared)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("fit_checks")
