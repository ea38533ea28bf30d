"""Who changed as lists see them: a row for each therapist whom a transaction touched, written by triggers, so that no writer can forget it.

Statement triggers with transition tables: one small insert for each statement, however many rows it touches, and no row that two writers would wait for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049_candidate_changes"
down_revision = "0048_gift_codes"
branch_labels = None
depends_on = None

# By how a row names its therapist.
ITSELF = ("therapists", "claims")
BY_THERAPIST = (
    "therapist_modalities",
    "therapist_concerns",
    "therapist_languages",
    "therapist_identities",
    "practice_places",
    "services",
    "credentials",
    "practice_checks",
    "schedules",
    "time_off",
    "therapist_limits",
    "outside_busy",
    "care_relations",
    "care_reserved_places",
    "bookings",
    "track_records",
)
BY_SCHEDULE = ("working_hours", "hours_overrides", "schedule_zone_changes")
BY_SERVICE = ("service_concessions",)
NAMED = {
    # Clients have claims too; only therapists are candidates.
    "note_candidate_itself": ("SELECT DISTINCT c.person_id FROM changed c WHERE EXISTS (SELECT FROM therapists t WHERE t.person_id = c.person_id)", ITSELF),
    "note_candidate": ("SELECT DISTINCT therapist_id FROM changed", BY_THERAPIST),
    "note_candidate_of_schedule": ("SELECT DISTINCT s.therapist_id FROM changed c JOIN schedules s ON s.id = c.schedule_id", BY_SCHEDULE),
    "note_candidate_of_service": ("SELECT DISTINCT s.therapist_id FROM changed c JOIN services s ON s.id = c.service_id", BY_SERVICE),
}
OF_EACH = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "candidate_changes",
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("xact", sa.BigInteger(), server_default=sa.text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_index(op.f("ix_candidate_changes_xact"), "candidate_changes", ["xact"])
    for function, (named, tables) in NAMED.items():
        op.execute(
            f"""CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO candidate_changes (therapist_id) {named}; RETURN NULL; END $$"""
        )
        for table in tables:
            for what, rows in OF_EACH:
                op.execute(
                    f"""CREATE TRIGGER {table}_{what}_notes_candidate AFTER {what.upper()} ON {table}
                    REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}()"""
                )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for function, (_, tables) in NAMED.items():
        for table in tables:
            for what, _rows in OF_EACH:
                op.execute(f"DROP TRIGGER {table}_{what}_notes_candidate ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    op.drop_table("candidate_changes")
