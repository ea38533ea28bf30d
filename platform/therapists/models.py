"""Therapists and everything they state about themselves, kept apart from what was checked.

Slugs are the taxonomy's. Arrays hold plain sets; whatever has facts of its own is a row.
"""

from datetime import date, datetime

from sqlalchemy import ARRAY, CheckConstraint, Computed, ForeignKey, Index, String, UniqueConstraint, event, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.crypto import sealed_text
from core.db import Base, HasPublicId
from core.money import Money
from taxonomy.words import phrase
from therapists.audiences import AUDIENCES, TEXT_AUDIENCES
from therapists.check_models import PracticeCheck
from therapists.claim_digest import claim_digest
from therapists.schedule_models import HoursOverride, ServiceLength, TherapistSchedule, WorkingHours

Slugs = ARRAY(String)
NO_SLUGS = text("'{}'")
COLLECTS = ("online", "therapist_invoices")


class Therapist(Base, HasPublicId):
    """`person_id` is the therapist's id everywhere. Style answers are -1..+1 (the taxonomy says which end is which); None = not stated."""

    __tablename__ = "therapists"
    __table_args__ = (
        CheckConstraint("places >= 0", name="places_not_negative"),
        CheckConstraint("answer_within_hours BETWEEN 1 AND 48", name="answer_in_range"),
        CheckConstraint(
            "style_led BETWEEN -1 AND 1 AND style_intensity BETWEEN -1 AND 1 AND style_past BETWEEN -1 AND 1 AND style_warmth BETWEEN -1 AND 1",
            name="style_in_range",
        ),
        CheckConstraint("hours_declared BETWEEN 0 AND 200000", name="hours_in_range"),
        CheckConstraint("collects IN ({})".format(", ".join(f"'{way}'" for way in COLLECTS)), name="collects_is_known"),
        CheckConstraint("pronouns_audience IN ({})".format(", ".join(f"'{audience}'" for audience in TEXT_AUDIENCES)), name="pronouns_audience_is_known"),
        Index(None, "published_at", "public_id"),
        Index("ix_therapists_folded_name", "folded_name", postgresql_ops={"folded_name": "text_pattern_ops"}),
        Index("ix_therapists_search", "search", postgresql_using="gin"),
        Index("ix_therapists_insurers", "insurers", postgresql_using="gin"),
        Index("ix_therapists_access", "access", postgresql_using="gin"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    display_name: Mapped[str]
    headline: Mapped[str] = mapped_column(server_default="")
    about: Mapped[str] = mapped_column(server_default="")
    approach: Mapped[str] = mapped_column(server_default="")  # how they work, in their own words
    cancellation_words: Mapped[str] = mapped_column(server_default="")
    fees_words: Mapped[str] = mapped_column(server_default="")
    what_to_expect: Mapped[str] = mapped_column(server_default="")
    video_url: Mapped[str | None]
    photo_digest: Mapped[str | None]  # of the photo that is shown
    photo_alt: Mapped[str] = mapped_column(server_default="")
    pronouns: Mapped[str] = mapped_column(server_default="")
    pronouns_audience: Mapped[str] = mapped_column(server_default="public")  # see `audiences`
    country: Mapped[str]
    zone: Mapped[str]  # of every schedule that names none of its own
    works_from: Mapped[str | None]  # where they say they physically are during sessions: a place of the taxonomy
    published_at: Mapped[datetime | None]
    accepting: Mapped[bool] = mapped_column(server_default=text("true"))  # says they take new clients
    stopped_at: Mapped[datetime | None]  # when we last switched `accepting` off, because requests went unanswered
    accepting_said_at: Mapped[datetime] = mapped_column(server_default=text("now()"))  # when they last said so, or the opposite
    accepting_asked_at: Mapped[datetime | None]  # asked since then, and reminded
    accepting_reminded_at: Mapped[datetime | None]
    collects: Mapped[str | None]  # how they are paid, see `collects`; None = nothing set up, so nobody new may come
    places: Mapped[int | None]  # for new clients in total; None = not limited
    waitlist_open: Mapped[bool] = mapped_column(server_default=text("false"))
    answer_within_hours: Mapped[int] = mapped_column(server_default=text("48"))  # their promise, at most 48
    held_at: Mapped[datetime | None]  # a platform hold: barred everywhere until lifted
    held_reason: Mapped[str | None]  # a code
    leaves_at: Mapped[datetime | None]  # the end of an announced last day: no new clients before it, nobody after it
    units: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)
    age_bands: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)
    populations: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)
    access: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)  # accessibility facts they confirm
    insurers: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)  # "says they accept"; not checked by us
    verified_competences: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)  # concerns with a floor, checked by a person
    style_led: Mapped[float | None]
    style_intensity: Mapped[float | None]
    style_past: Mapped[float | None]
    style_warmth: Mapped[float | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(server_default=text("0"))  # counts edits; the ETag of the profile
    hours_declared: Mapped[int | None]  # hours of practice by their own word; not checked
    # For finding only, kept by `_fold`: the name, and every published text, without case and accents.
    folded_name: Mapped[str] = mapped_column(server_default="")
    folded_text: Mapped[str] = mapped_column(server_default="")
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple'::regconfig, folded_text)", persisted=True), deferred=True)

    modalities: Mapped[list["OfferedModality"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    concerns: Mapped[list["TreatedConcern"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="TreatedConcern.core_position")
    languages: Mapped[list["SpokenLanguage"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    identities: Mapped[list["IdentityStatement"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    locations: Mapped[list["PracticePlace"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    services: Mapped[list["Service"]] = relationship(lazy="raise", back_populates="therapist", order_by="Service.id")
    schedules: Mapped[list[TherapistSchedule]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by=TherapistSchedule.id)
    credentials: Mapped[list["Credential"]] = relationship(lazy="raise", back_populates="therapist", order_by="Credential.id")
    checks: Mapped[list[PracticeCheck]] = relationship(lazy="raise", back_populates="therapist", order_by="PracticeCheck.id")

    @property
    def default_schedule(self) -> TherapistSchedule:
        """The one that services without a schedule of their own use; the schedules are loaded."""
        return next(schedule for schedule in self.schedules if schedule.is_default)

    @property
    def working_hours(self) -> list[WorkingHours]:
        """The week of the default schedule."""
        return self.default_schedule.hours

    @property
    def overrides(self) -> list[HoursOverride]:
        """The dates of the default schedule that differ."""
        return self.default_schedule.overrides


@event.listens_for(Therapist, "before_insert")
@event.listens_for(Therapist, "before_update")
def _fold(_mapper: object, _connection: object, therapist: Therapist) -> None:
    """PostgreSQL has no unaccent here: texts are folded once, as they are written."""
    therapist.folded_name = " ".join(phrase(therapist.display_name))
    therapist.folded_text = " ".join(phrase(" ".join((therapist.display_name, therapist.headline or "", therapist.about or "", therapist.approach or ""))))


class OfferedModality(Base):
    """`verified_at`: a person saw proof of the training."""

    __tablename__ = "therapist_modalities"
    __table_args__ = (Index(None, "modality", "therapist_id"),)

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    modality: Mapped[str] = mapped_column(primary_key=True)
    verified_at: Mapped[datetime | None]


class TreatedConcern(Base):
    """Core concerns carry a position 1..5 in the therapist's own order; the others none."""

    __tablename__ = "therapist_concerns"
    __table_args__ = (
        CheckConstraint("core_position BETWEEN 1 AND 5", name="at_most_five_core"),
        UniqueConstraint("therapist_id", "core_position"),
        Index(None, "concern", "therapist_id"),
    )

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    concern: Mapped[str] = mapped_column(primary_key=True)
    core_position: Mapped[int | None]
    verified_at: Mapped[datetime | None]


class SpokenLanguage(Base):
    """`level`: native, working or basic; matching counts native and working."""

    __tablename__ = "therapist_languages"
    __table_args__ = (CheckConstraint("level IN ('native', 'working', 'basic')", name="level_is_known"), Index(None, "language", "therapist_id"))

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]


class IdentityStatement(Base):
    """The therapist's own words about themselves, by kind (gender, faith, ...), each for its audience (see `audiences`)."""

    __tablename__ = "therapist_identities"
    __table_args__ = (
        CheckConstraint("audience IN ({})".format(", ".join(f"'{audience}'" for audience in AUDIENCES)), name="audience_is_known"),
        Index("ix_therapist_identities_published", "kind", "value", "therapist_id", postgresql_where=text("published")),
    )

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    relation: Mapped[str] = mapped_column(primary_key=True, server_default="shares")  # shares | experienced_with
    audience: Mapped[str] = mapped_column(server_default="nobody")
    published: Mapped[bool] = mapped_column(Computed("audience = 'public'", persisted=True))


class PracticePlace(Base, HasPublicId):
    """Where sessions in person take place. `step_free` None = not stated."""

    __tablename__ = "practice_places"

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    label: Mapped[str]
    town: Mapped[str]
    jurisdiction: Mapped[str]
    step_free: Mapped[bool | None]
    access: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)  # what else holds there: hearing loop, ...


# The unit whose sessions have seats.
GROUP = "group"
STEP_FITS_HOURS = "mod(60, coalesce(step_minutes, minutes)) = 0 OR mod(coalesce(step_minutes, minutes), 60) = 0"
SERVICE_LIMITS = ("day_sessions", "day_minutes", "week_sessions", "week_minutes", "client_week_sessions", "client_gap_days")


class Service(Base, HasPublicId):
    """What is booked. A free one has `fee_amount` 0. Buffers and lead time are in minutes."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("kind IN ('consultation', 'session')", name="kind_is_known"),
        CheckConstraint("booking_mode IN ('instant', 'request')", name="booking_mode_is_known"),
        CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes_in_range"),
        CheckConstraint("fee_amount >= 0", name="fee_not_negative"),
        CheckConstraint("late_fee_percent BETWEEN 0 AND 100", name="late_fee_in_range"),
        CheckConstraint("bookable_from <= bookable_until", name="bookable_in_order"),
        CheckConstraint(" AND ".join(f"{name} > 0" for name in SERVICE_LIMITS), name="limits_above_nothing"),
        CheckConstraint("moves_allowed >= 0 AND move_until_hours >= 0", name="moves_not_negative"),
        CheckConstraint("series_most BETWEEN 0 AND 52", name="series_most_in_range"),
        CheckConstraint("seats BETWEEN 2 AND 30", name="seats_in_range"),
        CheckConstraint(f"align = 'window' OR {STEP_FITS_HOURS}", name="grid_can_be_kept"),
        Index(None, "therapist_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    kind: Mapped[str]
    unit: Mapped[str]  # individual, couple, family, ...
    mode: Mapped[str]  # video, phone, in_person, ...
    place_id: Mapped[int | None] = mapped_column(ForeignKey("practice_places.id"))
    minutes: Mapped[int]
    fee_amount: Mapped[int]  # minor units
    fee_currency: Mapped[str]
    booking_mode: Mapped[str]
    request_blocks: Mapped[bool] = mapped_column(server_default=text("true"))  # an unanswered request keeps its time
    buffer_before: Mapped[int] = mapped_column(server_default=text("0"))
    buffer_after: Mapped[int] = mapped_column(server_default=text("0"))
    lead_minutes: Mapped[int] = mapped_column(server_default=text("720"))
    window_days: Mapped[int] = mapped_column(server_default=text("60"))
    step_minutes: Mapped[int | None]  # grid; None = the length
    align: Mapped[str] = mapped_column(server_default="window")  # window | hour
    cancel_free_hours: Mapped[int] = mapped_column(server_default=text("24"))
    late_fee_percent: Mapped[int] = mapped_column(server_default=text("0"))  # of the fee, for a late cancellation; 0 = none, 100 = all of it
    moves_allowed: Mapped[int] = mapped_column(server_default=text("2"))  # how often a client may move one booking
    move_until_hours: Mapped[int] = mapped_column(server_default=text("12"))  # and until how many hours before its start
    series_most: Mapped[int] = mapped_column(server_default=text("0"))  # how many dates a client may book as one series; 0 = no series
    seats: Mapped[int | None]  # of one session of a group, which clients join one by one; None = not a group
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("schedules.id"))  # None = the therapist's default one
    bookable_from: Mapped[date | None]  # local dates of the schedule, both included; None = not limited
    bookable_until: Mapped[date | None]
    # Limits; None = none. A session belongs to the local date of its start.
    day_sessions: Mapped[int | None]
    day_minutes: Mapped[int | None]
    week_sessions: Mapped[int | None]
    week_minutes: Mapped[int | None]
    client_week_sessions: Mapped[int | None]
    client_gap_days: Mapped[int | None]  # sessions of one client are at least so many dates apart
    session_link_sealed: Mapped[bytes | None]
    session_link = sealed_text("session_link_sealed")  # the therapist's own room for a service by video

    therapist: Mapped[Therapist] = relationship(lazy="raise", back_populates="services")
    concessions: Mapped[list["Concession"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="Concession.fee_amount")
    place: Mapped[PracticePlace | None] = relationship(lazy="raise")
    schedule: Mapped[TherapistSchedule | None] = relationship(lazy="raise")
    lengths: Mapped[list[ServiceLength]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by=ServiceLength.minutes)

    @property
    def fee(self) -> Money:
        return Money(self.fee_amount, self.fee_currency)


class Concession(Base):
    """A lower fee with its rule in words. `evidence`: none or self_declared."""

    __tablename__ = "service_concessions"

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    fee_amount: Mapped[int]
    rule: Mapped[str] = mapped_column(server_default="")
    evidence: Mapped[str] = mapped_column(server_default="self_declared")


CREDENTIAL_STATES = (
    "unverified",
    "submitted",
    "in_review",
    "active",
    "expiring",
    "expired",
    "lapsed",
    "suspended",
    "revoked",
    "rejected",
    "withdrawn",
)


class Credential(Base, HasPublicId):
    """What a therapist claims to hold. `state` changes only through `credential_steps`; the latest `VerificationRecord` is its proof."""

    __tablename__ = "credentials"
    __table_args__ = (
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in CREDENTIAL_STATES)), name="state_is_known"),
        Index(None, "therapist_id"),
        Index(None, "state", "submitted_at", "public_id"),
        Index("uq_credentials_claimed", "therapist_id", "register", "number", unique=True, postgresql_where=text("state NOT IN ('rejected', 'withdrawn')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    register: Mapped[str]  # taxonomy
    credential_type: Mapped[str]  # one of the register's, or ""
    number: Mapped[str]
    name_on_register: Mapped[str]
    jurisdictions: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)  # what it authorises, as recorded by the verifier
    supervised: Mapped[bool] = mapped_column(server_default=text("false"))
    state: Mapped[str] = mapped_column(server_default="unverified")
    state_reason: Mapped[str | None]  # a code
    checked_at: Mapped[datetime | None]
    expires_on: Mapped[date | None]  # last day, in the zone of the jurisdiction
    restricted: Mapped[bool] = mapped_column(server_default=text("false"))  # the register speaks against the holder, until a check says otherwise
    submitted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    claimed_jurisdictions: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)  # as the therapist says
    evidence_digest: Mapped[str | None]  # of the files that belong to the claim
    first_checked_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))  # approved once; somebody else has to look as well
    decided_at: Mapped[datetime | None]  # the last full verification; `checked_at` is the last look
    warned_days: Mapped[int | None]  # the nearest warning of the coming expiry that was sent

    therapist: Mapped[Therapist] = relationship(lazy="raise", back_populates="credentials")
    records: Mapped[list["VerificationRecord"]] = relationship(lazy="raise", order_by="VerificationRecord.id")

    @property
    def claim_digest(self) -> str:
        """Of what the therapist puts forward now."""
        return claim_digest(
            register=self.register,
            credential_type=self.credential_type,
            number=self.number,
            name_on_register=self.name_on_register,
            jurisdictions=self.claimed_jurisdictions,
            evidence_digest=self.evidence_digest,
        )


CHECK_SCOPES = ("full", "recheck")


class VerificationRecord(Base, HasPublicId):
    """One look at the official register by a person. Never changed."""

    __tablename__ = "verification_records"
    __table_args__ = (
        CheckConstraint("scope IN ({})".format(", ".join(f"'{scope}'" for scope in CHECK_SCOPES)), name="scope_is_known"),
        Index(None, "credential_id", "checked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("credentials.id"))
    checked_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    checked_at: Mapped[datetime]
    register_address: Mapped[str]
    number: Mapped[str]
    status_text: Mapped[str]  # as the register words it
    name_found: Mapped[str]
    expires_on: Mapped[date | None]
    jurisdictions: Mapped[list[str]] = mapped_column(Slugs, server_default=NO_SLUGS)
    restricted: Mapped[bool] = mapped_column(server_default=text("false"))
    supervised: Mapped[bool] = mapped_column(server_default=text("false"))
    decision: Mapped[str]  # active | rejected | suspended | lapsed | revoked
    reason: Mapped[str]  # a code
    note: Mapped[str] = mapped_column(server_default="")
    scope: Mapped[str] = mapped_column(server_default="full")
    claim_digest: Mapped[str | None]  # what the claim said when it was read
    took_effect: Mapped[bool] = mapped_column(server_default=text("true"))  # false: the first of two looks
    name_likeness: Mapped[int | None]  # 0..100
    next_check_at: Mapped[datetime | None]


TRAINING_KINDS = ("modality", "concern", "competence")


class TrainingRecord(Base, HasPublicId):
    """One look by a person at proof of training or of a special competence. Never changed; the latest one counts."""

    __tablename__ = "training_records"
    __table_args__ = (
        CheckConstraint("kind IN ({})".format(", ".join(f"'{kind}'" for kind in TRAINING_KINDS)), name="kind_is_known"),
        Index(None, "therapist_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    kind: Mapped[str]
    slug: Mapped[str]  # taxonomy
    body: Mapped[str]  # who vouches: the training body
    confirmed: Mapped[bool]
    checked_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    checked_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(server_default="")
