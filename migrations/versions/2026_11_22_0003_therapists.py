"""Therapists: what they state, what they charge, when they work; credentials and the records that prove them."""

import sqlalchemy as sa
from alembic import op

revision = "0003_therapists"
down_revision = "0002_persons_and_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "therapists",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("headline", sa.String(), server_default="", nullable=False),
        sa.Column("about", sa.String(), server_default="", nullable=False),
        sa.Column("pronouns", sa.String(), server_default="", nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepting", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=True),
        sa.Column("waitlist_open", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("answer_within_hours", sa.BigInteger(), server_default=sa.text("48"), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_reason", sa.String(), nullable=True),
        sa.Column("units", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("age_bands", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("populations", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("access", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("insurers", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("verified_competences", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("youth_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("style_led", sa.Double(), nullable=True),
        sa.Column("style_intensity", sa.Double(), nullable=True),
        sa.Column("style_past", sa.Double(), nullable=True),
        sa.Column("style_warmth", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("places >= 0", name=op.f("ck_therapists_places_not_negative")),
        sa.CheckConstraint("answer_within_hours BETWEEN 1 AND 48", name=op.f("ck_therapists_answer_in_range")),
        sa.CheckConstraint(
            "style_led BETWEEN -1 AND 1 AND style_intensity BETWEEN -1 AND 1 AND style_past BETWEEN -1 AND 1 AND style_warmth BETWEEN -1 AND 1",
            name=op.f("ck_therapists_style_in_range"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_therapists_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_therapists")),
        sa.UniqueConstraint("public_id", name=op.f("uq_therapists_public_id")),
    )
    op.create_index(op.f("ix_therapists_published_at_public_id"), "therapists", ["published_at", "public_id"], unique=False)
    op.create_table(
        "credentials",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("register", sa.String(), nullable=False),
        sa.Column("credential_type", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name_on_register", sa.String(), nullable=False),
        sa.Column("jurisdictions", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("supervised", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.String(), server_default="unverified", nullable=False),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('unverified', 'submitted', 'in_review', 'active', 'expiring', 'expired', 'lapsed', 'suspended', 'revoked', 'rejected', 'withdrawn')",
            name=op.f("ck_credentials_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_credentials_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("public_id", name=op.f("uq_credentials_public_id")),
    )
    op.create_index(op.f("ix_credentials_state_submitted_at_public_id"), "credentials", ["state", "submitted_at", "public_id"], unique=False)
    op.create_index(
        "uq_credentials_claimed",
        "credentials",
        ["therapist_id", "register", "number"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('rejected', 'withdrawn')"),
    )
    op.create_index(op.f("ix_credentials_therapist_id"), "credentials", ["therapist_id"], unique=False)
    op.create_table(
        "hours_overrides",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_minute", sa.BigInteger(), nullable=True),
        sa.Column("to_minute", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_hours_overrides_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_overrides")),
    )
    op.create_index(op.f("ix_hours_overrides_therapist_id_day"), "hours_overrides", ["therapist_id", "day"], unique=False)
    op.create_table(
        "practice_places",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=False),
        sa.Column("jurisdiction", sa.String(), nullable=False),
        sa.Column("step_free", sa.Boolean(), nullable=True),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_practice_places_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_places")),
        sa.UniqueConstraint("public_id", name=op.f("uq_practice_places_public_id")),
    )
    op.create_table(
        "therapist_concerns",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("concern", sa.String(), nullable=False),
        sa.Column("core_position", sa.BigInteger(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("core_position BETWEEN 1 AND 5", name=op.f("ck_therapist_concerns_at_most_five_core")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_therapist_concerns_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", "concern", name=op.f("pk_therapist_concerns")),
        sa.UniqueConstraint("therapist_id", "core_position", name=op.f("uq_therapist_concerns_therapist_id_core_position")),
    )
    op.create_table(
        "therapist_identities",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), server_default="shares", nullable=False),
        sa.Column("published", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_therapist_identities_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", "kind", "value", "relation", name=op.f("pk_therapist_identities")),
    )
    op.create_table(
        "therapist_languages",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.CheckConstraint("level IN ('native', 'working', 'basic')", name=op.f("ck_therapist_languages_level_is_known")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_therapist_languages_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", "language", name=op.f("pk_therapist_languages")),
    )
    op.create_table(
        "therapist_modalities",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_therapist_modalities_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", "modality", name=op.f("pk_therapist_modalities")),
    )
    op.create_table(
        "working_hours",
        sa.Column("therapist_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("weekday", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("to_minute", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "from_minute BETWEEN 0 AND 1439 AND to_minute BETWEEN 0 AND 1440 AND from_minute <> to_minute", name=op.f("ck_working_hours_minutes_in_range")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_working_hours_weekday_in_range")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_working_hours_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", "weekday", "from_minute", name=op.f("pk_working_hours")),
    )
    op.create_table(
        "services",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("place_id", sa.BigInteger(), nullable=True),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("fee_currency", sa.String(), nullable=False),
        sa.Column("booking_mode", sa.String(), nullable=False),
        sa.Column("request_blocks", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("buffer_before", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("buffer_after", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lead_minutes", sa.BigInteger(), server_default=sa.text("720"), nullable=False),
        sa.Column("window_days", sa.BigInteger(), server_default=sa.text("60"), nullable=False),
        sa.Column("step_minutes", sa.BigInteger(), nullable=True),
        sa.Column("align", sa.String(), server_default="window", nullable=False),
        sa.Column("cancel_free_hours", sa.BigInteger(), server_default=sa.text("24"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("booking_mode IN ('instant', 'request')", name=op.f("ck_services_booking_mode_is_known")),
        sa.CheckConstraint("kind IN ('consultation', 'session')", name=op.f("ck_services_kind_is_known")),
        sa.CheckConstraint("fee_amount >= 0", name=op.f("ck_services_fee_not_negative")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name=op.f("ck_services_minutes_in_range")),
        sa.ForeignKeyConstraint(["place_id"], ["practice_places.id"], name=op.f("fk_services_place_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_services_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("public_id", name=op.f("uq_services_public_id")),
    )
    op.create_index(op.f("ix_services_therapist_id"), "services", ["therapist_id"], unique=False)
    op.create_table(
        "verification_records",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_by", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("register_address", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status_text", sa.String(), nullable=False),
        sa.Column("name_found", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("jurisdictions", sa.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("restricted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("supervised", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by"], ["persons.id"], name=op.f("fk_verification_records_checked_by")),
        sa.ForeignKeyConstraint(["credential_id"], ["credentials.id"], name=op.f("fk_verification_records_credential_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_records")),
        sa.UniqueConstraint("public_id", name=op.f("uq_verification_records_public_id")),
    )
    op.create_index(op.f("ix_verification_records_credential_id_checked_at"), "verification_records", ["credential_id", "checked_at"], unique=False)
    op.create_table(
        "training_records",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("therapist_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("checked_by", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind IN ('modality', 'concern', 'competence', 'minors')", name=op.f("ck_training_records_kind_is_known")),
        sa.ForeignKeyConstraint(["checked_by"], ["persons.id"], name=op.f("fk_training_records_checked_by")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.person_id"], name=op.f("fk_training_records_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_records")),
        sa.UniqueConstraint("public_id", name=op.f("uq_training_records_public_id")),
    )
    op.create_index(op.f("ix_training_records_therapist_id"), "training_records", ["therapist_id"], unique=False)
    op.create_table(
        "service_concessions",
        sa.Column("service_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(), server_default="", nullable=False),
        sa.Column("evidence", sa.String(), server_default="self_declared", nullable=False),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_service_concessions_service_id")),
        sa.PrimaryKeyConstraint("service_id", "name", name=op.f("pk_service_concessions")),
    )


def downgrade() -> None:
    for table in (
        "service_concessions",
        "training_records",
        "verification_records",
        "services",
        "working_hours",
        "therapist_modalities",
        "therapist_languages",
        "therapist_identities",
        "therapist_concerns",
        "practice_places",
        "hours_overrides",
        "credentials",
        "therapists",
    ):
        op.drop_table(table)
