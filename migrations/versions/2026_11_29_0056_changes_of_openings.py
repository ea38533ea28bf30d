"""Changes of what openings come from: other lengths of a service are noted too, and one therapist's lines are found without looking at everybody's."""

from alembic import op

revision = "0056_changes_of_openings"
down_revision = "0055_candidate_facts"
branch_labels = None
depends_on = None

OF_EACH = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_index(op.f("ix_candidate_changes_therapist_id_xact"), "candidate_changes", ["therapist_id", "xact"])
    for what, rows in OF_EACH:
        op.execute(
            f"""CREATE TRIGGER service_lengths_{what}_notes_candidate AFTER {what.upper()} ON service_lengths
            REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_candidate_of_service()"""
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for what, _rows in OF_EACH:
        op.execute(f"DROP TRIGGER service_lengths_{what}_notes_candidate ON service_lengths")
    op.drop_index(op.f("ix_candidate_changes_therapist_id_xact"), table_name="candidate_changes")
