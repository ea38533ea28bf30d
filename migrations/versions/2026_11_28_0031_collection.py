"""How therapists are paid. Those who are here already have written invoices of their own so far, and go on to."""

import sqlalchemy as sa
from alembic import op

revision = "0031_collection"
down_revision = "0030_safety_records"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.create_table(
        "collection_choices",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('online', 'therapist_invoices')", name="way_is_known"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_collection_choices_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_collection_choices")),
    )
    op.create_table(
        "connected_accounts",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="begun", nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("still_due", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('begun', 'enabled', 'restricted')", name="state_is_known"),
        sa.CheckConstraint("reference IS NOT NULL OR state = 'begun'", name="only_a_beginning_has_no_reference"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_connected_accounts_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_connected_accounts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_connected_accounts_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_connected_accounts_reference")),
    )
    op.add_column("therapists", sa.Column("collects", sa.String(), nullable=True))
    op.create_check_constraint("collects_is_known", "therapists", "collects IN ('online', 'therapist_invoices')")
    op.execute("INSERT INTO collection_choices (person_id, way, chosen_at) SELECT person_id, 'therapist_invoices', now() FROM therapists")
    op.execute("UPDATE therapists SET collects = 'therapist_invoices'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.drop_column("therapists", "collects")
    op.drop_table("connected_accounts")
    op.drop_table("collection_choices")
