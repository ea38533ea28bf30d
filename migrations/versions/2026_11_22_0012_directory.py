"""The directory: folded texts to search in, declared hours, and indexes for each filter."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from taxonomy.words import phrase

revision = "0012_directory"
down_revision = "0010_evidence"
branch_labels = None
depends_on = None

LISTS = (("therapist_modalities", "modality"), ("therapist_concerns", "concern"), ("therapist_languages", "language"))


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("therapists", sa.Column("hours_declared", sa.BigInteger(), nullable=True))
    op.add_column("therapists", sa.Column("folded_name", sa.String(), server_default="", nullable=False))
    op.add_column("therapists", sa.Column("folded_text", sa.String(), server_default="", nullable=False))
    _fold_what_is_there()
    search = sa.Computed("to_tsvector('simple'::regconfig, folded_text)", persisted=True)
    op.add_column("therapists", sa.Column("search", postgresql.TSVECTOR(), search, nullable=False))
    op.create_check_constraint(op.f("ck_therapists_hours_in_range"), "therapists", "hours_declared BETWEEN 0 AND 200000")
    op.create_index("ix_therapists_folded_name", "therapists", ["folded_name"], postgresql_ops={"folded_name": "text_pattern_ops"})
    for column in ("search", "insurers", "access"):
        op.create_index(f"ix_therapists_{column}", "therapists", [column], postgresql_using="gin")
    for table, column in LISTS:
        op.create_index(f"ix_{table}_{column}_therapist_id", table, [column, "therapist_id"])
    op.create_index("ix_therapist_identities_published", "therapist_identities", ["kind", "value", "therapist_id"], postgresql_where=sa.text("published"))


def _fold_what_is_there() -> None:
    connection = op.get_bind()
    fold = sa.text("UPDATE therapists SET folded_name = :name, folded_text = :text WHERE person_id = :id")
    for person_id, name, headline, about in connection.execute(sa.text("SELECT person_id, display_name, headline, about FROM therapists")).all():
        connection.execute(fold, {"id": person_id, "name": " ".join(phrase(name)), "text": " ".join(phrase(" ".join((name, headline, about))))})


def downgrade() -> None:
    op.drop_index("ix_therapist_identities_published", "therapist_identities")
    for table, column in LISTS:
        op.drop_index(f"ix_{table}_{column}_therapist_id", table)
    for column in ("access", "insurers", "search", "folded_name"):
        op.drop_index(f"ix_therapists_{column}", "therapists")
    op.drop_constraint(op.f("ck_therapists_hours_in_range"), "therapists")
    for column in ("search", "folded_text", "folded_name", "hours_declared"):
        op.drop_column("therapists", column)
