"""The therapist's own link for sessions by video, and where clients are right before a session."""

import sqlalchemy as sa
from alembic import op

revision = "0027_online_sessions"
down_revision = "0026_therapists_day"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("services", sa.Column("session_link_sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "arrivals",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("for_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("accepted = (details_sealed IS NOT NULL)", name=op.f("ck_arrivals_details_if_accepted")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_arrivals_booking_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_arrivals_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrivals")),
        sa.UniqueConstraint("booking_id", "person_id", name=op.f("uq_arrivals_booking_id_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_arrivals_public_id")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("arrivals")
    op.drop_column("services", "session_link_sealed")
