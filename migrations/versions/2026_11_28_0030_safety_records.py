"""What a person said about their safety is kept with the person, not with one intake; and who is at the safety desk, when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030_safety_records"
down_revision = "0029_payments"
branch_labels = None
depends_on = None
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "safety_records",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_safety_records_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_safety_records")),
        sa.UniqueConstraint("public_id", name=op.f("uq_safety_records_public_id")),
    )
    op.create_table(
        "safety_desk_members",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("qualification", sa.String(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String()), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("hours", postgresql.JSONB(), nullable=False),
        sa.Column("declared_by", sa.BigInteger(), nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.person_id"], name=op.f("fk_safety_desk_members_person_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["persons.id"], name=op.f("fk_safety_desk_members_declared_by")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_safety_desk_members")),
    )
    # What intakes kept is sealed to their rows and cannot be moved by SQL. A pause that stood for an open question stays, and ends by a person.
    op.drop_column("intakes", "kept_sealed")
    op.drop_column("intakes", "asked_at")
    op.add_column("intakes", sa.Column("safety_answered_at", INSTANT, nullable=True))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column("intakes", "safety_answered_at")
    op.add_column("intakes", sa.Column("asked_at", INSTANT, nullable=True))
    op.add_column("intakes", sa.Column("kept_sealed", sa.LargeBinary(), nullable=True))
    op.drop_table("safety_desk_members")
    op.drop_table("safety_records")
