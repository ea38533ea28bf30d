"""The job queue, the audit entries and the stored answers of idempotent requests.

The queue's schema is the installed Procrastinate's own; tests/architecture holds its digest, so that an upgrade of the library cannot change what this
revision means without somebody writing the revision that follows.
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0001_core"
down_revision = None
branch_labels = None
depends_on = None

# Written out by hand: the library has no way down.
QUEUE_DOWN = """
DO $$
DECLARE it record;
BEGIN
  FOR it IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('DROP TABLE %I CASCADE', it.tablename);
  END LOOP;
  FOR it IN SELECT oid::regprocedure AS signature FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
    EXECUTE format('DROP FUNCTION %s CASCADE', it.signature);
  END LOOP;
  FOR it IN SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typname LIKE 'procrastinate\\_%' AND typtype IN ('e', 'c') LOOP
    EXECUTE format('DROP TYPE %I CASCADE', it.typname);
  END LOOP;
END $$;
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_person_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_subject_kind_subject_id", "audit_entries", ["subject_kind", "subject_id"])
    op.create_table(
        "stored_answers",
        sa.Column("caller_person_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("caller_person_id", "key", name="pk_stored_answers"),
        sa.UniqueConstraint("public_id", name="uq_stored_answers_public_id"),
    )


def downgrade() -> None:
    op.drop_table("stored_answers")
    op.drop_index("ix_audit_entries_subject_kind_subject_id", "audit_entries")
    op.drop_table("audit_entries")
    op.get_bind().connection.driver_connection.execute(QUEUE_DOWN)
