"""What was shown to whom is counted by day without anybody's name; and how reliably therapists answer and keep appointments."""

import sqlalchemy as sa
from alembic import op

revision = "0034_shown_slates"
down_revision = "0033_codes_packs_payouts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "track_records",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("on_time", sa.BigInteger(), nullable=False),
        sa.Column("appointments", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.Column("usual_answer_hours", sa.BigInteger(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("0 <= on_time AND on_time <= requests AND 0 <= kept AND kept <= appointments", name=op.f("ck_track_records_parts_of_wholes")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_track_records_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_track_records")),
    )
    op.create_table(
        "shown_slates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shown_on", sa.Date(), nullable=False),
        sa.Column("weights_version", sa.String(), nullable=False),
        sa.Column("taxonomy_version", sa.String(), nullable=False),
        sa.Column("therapist_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("places", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("propensities", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("given", sa.ARRAY(sa.Double()), nullable=False),
        sa.Column("deserved", sa.ARRAY(sa.Double()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shown_slates")),
    )
    op.create_index(op.f("ix_shown_slates_shown_on"), "shown_slates", ["shown_on"])
    op.create_table(
        "exposures",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.Double(), nullable=False),
        sa.Column("deserved", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_exposures_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", "day", name=op.f("pk_exposures")),
    )
    op.create_index(op.f("ix_exposures_day"), "exposures", ["day"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in ("exposures", "shown_slates", "track_records"):
        op.drop_table(table)
