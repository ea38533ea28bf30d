"""Persons, accounts and what proves who they are. Secrets are kept as digests only."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.crypto import sealed_json, sealed_text
from core.db import Base, HasPublicId

END_REASONS = ("withdrawn", "newer_text", "restated")
ROLES = ("client", "therapist", "verifier", "matchmaker", "safety_responder", "admin")


class Person(Base, HasPublicId):
    """Anyone whose time or data we hold. Need not sign in: a guest, a child, a partner."""

    __tablename__ = "persons"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_sealed: Mapped[bytes | None]
    name = sealed_text("name_sealed")
    locale: Mapped[str] = mapped_column(default="en")
    zone: Mapped[str] = mapped_column(default="UTC")
    created_at: Mapped[datetime]


class Account(Base):
    """A person who signs in. `email` is lower-cased; sign-in is refused while `disabled_at` is set."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_is_lower"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(unique=True)
    email_confirmed_at: Mapped[datetime | None]
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")


class RoleGrant(Base):
    """Roles are a set."""

    __tablename__ = "role_grants"
    __table_args__ = (CheckConstraint("role IN ({})".format(", ".join(f"'{role}'" for role in ROLES)), name="role_is_known"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("accounts.person_id"), primary_key=True, autoincrement=False)
    role: Mapped[str] = mapped_column(primary_key=True)
    granted_at: Mapped[datetime]


class SignInSession(Base, HasPublicId):
    """A signed-in browser. The cookie holds a random reference, this row its digest; ending the row signs the browser out at once."""

    __tablename__ = "sign_in_sessions"
    __table_args__ = (Index(None, "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts.person_id"))
    reference_digest: Mapped[bytes] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MailLink(Base):
    """A single-use link we mailed: confirm an address, reset a password, reopen an intake. `subject` says for what, in ids."""

    __tablename__ = "mail_links"
    __table_args__ = (Index(None, "person_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    digest: Mapped[bytes] = mapped_column(unique=True)
    subject: Mapped[dict[str, Any]] = mapped_column(JSONB)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class Throttle(Base):
    """Attempts under one key in one window. The key is a digest: it may stand for an address."""

    __tablename__ = "throttles"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    window_starts_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))


class AddressRequest(Base, HasPublicId):
    """What somebody asked for a mail address (sign up, reset, confirm again). A job answers it and removes the row, so that neither the answer on the
    spot nor its time tells whether the address is known.
    """

    __tablename__ = "address_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    asked_at: Mapped[datetime]
    facts_sealed: Mapped[bytes | None]
    facts = sealed_json("facts_sealed")


class Consent(Base):
    """The ledger: what a person agreed to, in which words, when, and when that ended and why. Rows are added; only the end is ever set.

    `end_reason`: the person withdrew, agreed to a newer text, or the consent was re-stated for their account (`restated_from` of the new row).
    """

    __tablename__ = "consents"
    __table_args__ = (
        Index("uq_consents_in_force", "person_id", "purpose", unique=True, postgresql_where=text("withdrawn_at IS NULL")),
        CheckConstraint("end_reason IN ({})".format(", ".join(f"'{reason}'" for reason in END_REASONS)), name="end_reason_is_known"),
        CheckConstraint("(withdrawn_at IS NULL) = (end_reason IS NULL)", name="an_end_has_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    purpose: Mapped[str]
    text_version: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    restated_from: Mapped[int | None] = mapped_column(ForeignKey("consents.id"))
