"""Calls that people asked for, each on a case with clock and owner; and the kind of case for them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045_call_backs"
down_revision = "0044_receipts"
branch_labels = None
depends_on = None

BEFORE = ("safety", "verification", "matchmaking", "request", "leaving", "complaint", "support", "money", "privacy")
NOW = ("safety", "verification", "matchmaking", "call_back", "request", "leaving", "complaint", "support", "money", "privacy")
TOPICS = ("call_back", "choosing", "nobody_fits", "how_it_works", "price", "times_and_formats", "a_booking", "for_somebody_else", "other")
ENDS = ("reached", "not_reached", "left_no_message", "withdrawn", "merged")


def one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_constraint(op.f("ck_cases_kind_is_known"), "cases", type_="check")
    op.create_check_constraint(op.f("ck_cases_kind_is_known"), "cases", one_of("kind", NOW))
    op.create_table(
        "call_backs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("windows", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("voicemail_safe", sa.Boolean(), nullable=False),
        sa.Column("consent_text_version", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(one_of("topic", TOPICS), name=op.f("ck_call_backs_topic_is_known")),
        sa.CheckConstraint(one_of("outcome", ENDS), name=op.f("ck_call_backs_outcome_is_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_call_backs_an_end_has_an_outcome")),
        sa.CheckConstraint("ended_at IS NOT NULL OR (phone_sealed IS NOT NULL AND windows IS NOT NULL)", name=op.f("ck_call_backs_an_open_one_can_be_made")),
        sa.CheckConstraint("(forgotten_at IS NOT NULL) = (phone_sealed IS NULL)", name=op.f("ck_call_backs_forgotten_with_its_time")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_call_backs_person_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_call_backs_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_backs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_call_backs_public_id")),
    )
    op.create_index(op.f("ix_call_backs_case_id"), "call_backs", ["case_id"])
    op.create_index("uq_call_backs_one_open", "call_backs", ["person_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL"))
    to_forget = sa.text("ended_at IS NOT NULL AND forgotten_at IS NULL")
    op.create_index("ix_call_backs_to_forget", "call_backs", ["ended_at"], postgresql_where=to_forget)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_table("call_backs")
    op.execute("UPDATE cases SET kind = 'matchmaking' WHERE kind = 'call_back'")
    op.drop_constraint(op.f("ck_cases_kind_is_known"), "cases", type_="check")
    op.create_check_constraint(op.f("ck_cases_kind_is_known"), "cases", one_of("kind", BEFORE))
