"""Private calendar feeds, reminders as people choose them, and who said that they are coming."""

import sqlalchemy as sa
from alembic import op

revision = "0025_feeds_and_reminders"
down_revision = "0023_series_and_proposals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("shows", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('client', 'therapist')", name=op.f("ck_calendar_feeds_side_is_known")),
        sa.CheckConstraint("shows IN ('nothing', 'initials', 'first_name')", name=op.f("ck_calendar_feeds_shows_is_known")),
        sa.CheckConstraint("side = 'therapist' OR shows = 'nothing'", name=op.f("ck_calendar_feeds_a_clients_feed_names_nobody")),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person_id"], name=op.f("fk_calendar_feeds_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_feeds_digest")),
        sa.UniqueConstraint("person_id", "side", name=op.f("uq_calendar_feeds_person_id_side")),
    )
    op.create_table(
        "reminder_choices",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("hours_before", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.CheckConstraint("hours_before <@ '{24,1}'::bigint[]", name=op.f("ck_reminder_choices_hours_are_offered")),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person_id"], name=op.f("fk_reminder_choices_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reminder_choices")),
    )
    op.add_column("booking_participants", sa.Column("coming_to", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("booking_participants", "coming_to")
    op.drop_table("reminder_choices")
    op.drop_table("calendar_feeds")
