"""Each version of what therapists stated, kept once for all slates that name it; and checks of credentials, which cards show, among what lists are told of."""

import sqlalchemy as sa
from alembic import op

revision = "0055_candidate_facts"
down_revision = "0054_everything_is_made_once"
branch_labels = None
depends_on = None

OF_EACH = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "candidate_facts",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_candidate_facts_therapist_id_therapists")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_candidate_facts")),
    )
    op.create_index(op.f("ix_candidate_facts_therapist_id"), "candidate_facts", ["therapist_id"])
    op.create_index(op.f("ix_candidate_facts_named_on"), "candidate_facts", ["named_on"])
    op.execute(
        """CREATE FUNCTION note_candidate_of_credential() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
          INSERT INTO candidate_changes (therapist_id)
          SELECT DISTINCT c.therapist_id FROM changed r JOIN credentials c ON c.id = r.credential_id;
          RETURN NULL;
        END $$"""
    )
    for what, rows in OF_EACH:
        op.execute(
            f"""CREATE TRIGGER verification_records_{what}_notes_candidate AFTER {what.upper()} ON verification_records
            REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_candidate_of_credential()"""
        )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    for what, _rows in OF_EACH:
        op.execute(f"DROP TRIGGER verification_records_{what}_notes_candidate ON verification_records")
    op.execute("DROP FUNCTION note_candidate_of_credential()")
    op.drop_table("candidate_facts")
