"""Series of appointments."""

import sqlalchemy as sa
from alembic import op

revision = "0023_series_and_proposals"
down_revision = "0020_schedules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("every_weeks", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wall_start", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("calendar_uid", sa.String(), nullable=False),
        sa.Column("calendar_sequence", sa.BigInteger(), server_default=sa.text("-1"), nullable=False),
        sa.Column("booked_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("split_from", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 12", name=op.f("ck_series_every_weeks_in_range")),
        sa.ForeignKeyConstraint(["booked_by"], ["persons.id"], name=op.f("fk_series_booked_by")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_series_service_id")),
        sa.ForeignKeyConstraint(["split_from"], ["series.id"], name=op.f("fk_series_split_from")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_series_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("public_id", name=op.f("uq_series_public_id")),
        sa.UniqueConstraint("calendar_uid", name=op.f("uq_series_calendar_uid")),
    )
    op.create_index(op.f("ix_series_therapist_id"), "series", ["therapist_id"])
    op.create_index(op.f("ix_series_split_from"), "series", ["split_from"], postgresql_where=sa.text("split_from IS NOT NULL"))
    op.add_column("services", sa.Column("series_most", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(op.f("ck_services_series_most_in_range"), "services", "series_most BETWEEN 0 AND 52")
    op.add_column("bookings", sa.Column("series_position", sa.BigInteger(), nullable=True))
    op.add_column("bookings", sa.Column("series_start", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(op.f("fk_bookings_series_id"), "bookings", "series", ["series_id"], ["id"])
    together = "(series_id IS NULL) = (series_position IS NULL) AND (series_id IS NULL) = (series_start IS NULL)"
    op.create_check_constraint(op.f("ck_bookings_a_date_of_a_series_has_its_place"), "bookings", together)


def downgrade() -> None:
    op.drop_constraint(op.f("ck_bookings_a_date_of_a_series_has_its_place"), "bookings")
    op.drop_constraint(op.f("fk_bookings_series_id"), "bookings")
    op.drop_column("bookings", "series_start")
    op.drop_column("bookings", "series_position")
    op.drop_constraint(op.f("ck_services_series_most_in_range"), "services")
    op.drop_column("services", "series_most")
    op.drop_table("series")
