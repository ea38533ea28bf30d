"""Profiles in full: texts, photo, video link, audiences; their reading by a person; and when a therapist last said that they take new clients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from taxonomy.words import phrase

revision = "0015_profile_review"
down_revision = "0021_holds_and_outcomes"
branch_labels = None
depends_on = None

TEXTS = ("approach", "cancellation_words", "fees_words", "what_to_expect", "photo_alt")
AUDIENCES = "('nobody', 'asked', 'clients', 'public')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    _add_to_therapists()
    _give_statements_an_audience()
    op.add_column("practice_places", sa.Column("access", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False))
    _create_reviews()
    _create_readings()
    # What was published before anybody read it stays, and waits to be read; a job opens the cases.
    op.execute(
        "INSERT INTO profile_reviews (therapist_id, asked_at, due_at, publishes) "
        "SELECT person_id, now(), now() + interval '2 days', true FROM therapists WHERE published_at IS NOT NULL"
    )


def _add_to_therapists() -> None:
    for name in TEXTS:
        op.add_column("therapists", sa.Column(name, sa.String(), server_default="", nullable=False))
    op.add_column("therapists", sa.Column("video_url", sa.String(), nullable=True))
    op.add_column("therapists", sa.Column("photo_digest", sa.String(), nullable=True))
    op.add_column("therapists", sa.Column("pronouns_audience", sa.String(), server_default="public", nullable=False))
    op.add_column("therapists", sa.Column("accepting_said_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False))
    op.add_column("therapists", sa.Column("accepting_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("therapists", sa.Column("accepting_reminded_at", sa.DateTime(timezone=True), nullable=True))
    known = "pronouns_audience IN ('nobody', 'clients', 'public')"
    op.create_check_constraint(op.f("ck_therapists_pronouns_audience_is_known"), "therapists", known)


def _give_statements_an_audience() -> None:
    op.add_column("therapist_identities", sa.Column("audience", sa.String(), server_default="nobody", nullable=False))
    op.execute("UPDATE therapist_identities SET audience = 'public' WHERE published")
    op.drop_index("ix_therapist_identities_published", "therapist_identities")
    op.drop_column("therapist_identities", "published")
    op.add_column("therapist_identities", sa.Column("published", sa.Boolean(), sa.Computed("audience = 'public'", persisted=True), nullable=False))
    op.create_index("ix_therapist_identities_published", "therapist_identities", ["kind", "value", "therapist_id"], postgresql_where=sa.text("published"))
    op.create_check_constraint(op.f("ck_therapist_identities_audience_is_known"), "therapist_identities", f"audience IN {AUDIENCES}")


def _create_reviews() -> None:
    op.create_table(
        "profile_reviews",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publishes", sa.Boolean(), server_default="false", nullable=False),
        sa.CheckConstraint("(asked_at IS NULL) = (due_at IS NULL)", name=op.f("ck_profile_reviews_asked_has_a_clock")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_profile_reviews_therapist_id_therapists")),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_profile_reviews")),
    )
    op.create_table(
        "profile_changes",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("approved", postgresql.JSONB(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("sent_back", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_profile_changes_therapist_id_therapists")),
        sa.PrimaryKeyConstraint("therapist_id", "field", name=op.f("pk_profile_changes")),
    )


def _create_readings() -> None:
    op.create_table(
        "profile_readings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("read_by", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("passages", postgresql.JSONB(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("verdict IN ('approved', 'changes_asked')", name=op.f("ck_profile_readings_verdict_is_known")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_profile_readings_therapist_id_therapists")),
        sa.ForeignKeyConstraint(["read_by"], ["persons.id"], name=op.f("fk_profile_readings_read_by_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_readings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_profile_readings_public_id")),
    )
    op.create_index(op.f("ix_profile_readings_therapist_id"), "profile_readings", ["therapist_id"])
    op.create_table(
        "profile_photos",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'approved', 'sent_back')", name=op.f("ck_profile_photos_state_is_known")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_profile_photos_therapist_id_therapists")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_photos")),
        sa.UniqueConstraint("public_id", name=op.f("uq_profile_photos_public_id")),
    )
    shown, waiting = sa.text("state = 'approved'"), sa.text("state <> 'approved'")
    op.create_index("uq_profile_photos_shown", "profile_photos", ["therapist_id"], unique=True, postgresql_where=shown)
    op.create_index("uq_profile_photos_waiting", "profile_photos", ["therapist_id"], unique=True, postgresql_where=waiting)


def downgrade() -> None:
    for table in ("profile_photos", "profile_readings", "profile_changes", "profile_reviews"):
        op.drop_table(table)
    op.drop_column("practice_places", "access")
    op.drop_constraint(op.f("ck_therapist_identities_audience_is_known"), "therapist_identities")
    op.drop_index("ix_therapist_identities_published", "therapist_identities")
    op.drop_column("therapist_identities", "published")
    op.add_column("therapist_identities", sa.Column("published", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.execute("UPDATE therapist_identities SET published = audience = 'public'")
    op.create_index("ix_therapist_identities_published", "therapist_identities", ["kind", "value", "therapist_id"], postgresql_where=sa.text("published"))
    op.drop_column("therapist_identities", "audience")
    op.drop_constraint(op.f("ck_therapists_pronouns_audience_is_known"), "therapists")
    added = ("accepting_reminded_at", "accepting_asked_at", "accepting_said_at", "pronouns_audience", "photo_digest", "video_url")
    for name in (*added, *TEXTS):
        op.drop_column("therapists", name)
    connection = op.get_bind()
    fold = sa.text("UPDATE therapists SET folded_text = :text WHERE person_id = :id")
    for person_id, name, headline, about in connection.execute(sa.text("SELECT person_id, display_name, headline, about FROM therapists")).all():
        connection.execute(fold, {"id": person_id, "text": " ".join(phrase(" ".join((name, headline, about))))})
