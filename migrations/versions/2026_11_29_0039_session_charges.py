"""How the charge of each date of a series stands; series that are paused because two dates in a row were not paid."""

import sqlalchemy as sa
from alembic import op

revision = "0039_session_charges"
down_revision = "0038_prices_of_bookings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("series", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "session_charges",
        sa.Column("booking_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(decided_by IS NOT NULL) = (state IN ('kept', 'released'))", name=op.f("ck_session_charges_a_choice_is_somebodys")),
        sa.CheckConstraint("state IN ('waiting', 'trying', 'paid', 'unpaid', 'kept', 'released')", name=op.f("ck_session_charges_state_is_known")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_session_charges_booking_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["persons.id"], name=op.f("fk_session_charges_decided_by")),
        sa.PrimaryKeyConstraint("booking_id", name=op.f("pk_session_charges")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("session_charges")
    op.drop_column("series", "paused_at")
