"""What registers with an interface answered: rows that are only added."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_register_lookups"
down_revision = "0012_directory"
branch_labels = None
depends_on = None

REASONS = "'timeout', 'not_reached', 'throttled', 'refused', 'failing', 'moved', 'too_large', 'not_json', 'wrong_shape'"


def _words(name: str) -> sa.Column[list[str]]:
    return sa.Column(name, postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "register_lookups",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("register", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("status_text", sa.String(), server_default="", nullable=False),
        _words("names"),
        sa.Column("name_likeness", sa.BigInteger(), nullable=True),
        _words("credential_types"),
        _words("restrictions"),
        sa.Column("expires_on", sa.Date(), nullable=True),
        _words("alarms"),
        sa.Column("asks_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('found', 'not_found', 'unavailable')", name=op.f("ck_register_lookups_answer_is_known")),
        sa.CheckConstraint(f"reason IN ({REASONS})", name=op.f("ck_register_lookups_reason_is_known")),
        sa.CheckConstraint("(answer = 'unavailable') = (reason IS NOT NULL)", name=op.f("ck_register_lookups_unavailable_has_a_reason")),
        sa.CheckConstraint("name_likeness BETWEEN 0 AND 100", name=op.f("ck_register_lookups_likeness_in_range")),
        sa.ForeignKeyConstraint(["asked_by"], ["persons.id"], name=op.f("fk_register_lookups_asked_by")),
        sa.ForeignKeyConstraint(["credential_id"], ["credentials.id"], name=op.f("fk_register_lookups_credential_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_lookups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_register_lookups_public_id")),
    )
    op.create_index("ix_register_lookups_credential_id_asked_at_public_id", "register_lookups", ["credential_id", "asked_at", "public_id"])


def downgrade() -> None:
    op.drop_table("register_lookups")
