"""Clients whom a therapist brings along."""

import sqlalchemy as sa
from alembic import op

revision = "0023_client_invitations"
down_revision = "0023_proposals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_invitations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("link_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_times", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("outcome IN ('accepted', 'declined', 'withdrawn', 'lapsed')", name=op.f("ck_client_invitations_outcome_is_known")),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_client_invitations_an_outcome_has_its_time")),
        sa.CheckConstraint("(outcome IS NULL) = (address_sealed IS NOT NULL)", name=op.f("ck_client_invitations_the_address_goes_with_the_end")),
        sa.CheckConstraint("(client_id IS NOT NULL) = (coalesce(outcome, '') = 'accepted')", name=op.f("ck_client_invitations_only_who_accepts_is_known")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_client_invitations_therapist_id")),
        sa.ForeignKeyConstraint(["client_id"], ["persons.id"], name=op.f("fk_client_invitations_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_invitations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_client_invitations_public_id")),
        sa.UniqueConstraint("link_digest", name=op.f("uq_client_invitations_link_digest")),
    )
    op.create_index(op.f("ix_client_invitations_therapist_id_id"), "client_invitations", ["therapist_id", "id"])
    op.create_index("ix_client_invitations_to_end", "client_invitations", ["lapses_at"], postgresql_where=sa.text("outcome IS NULL"))


def downgrade() -> None:
    op.drop_table("client_invitations")
