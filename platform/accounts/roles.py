"""Roles are a set, read anew in every request: a grant or a revocation holds from the next one on."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from accounts.models import ROLES, RoleGrant
from core import audit
from core.db import db


def grant_role(person_id: int, role: str, *, now: datetime) -> None:
    """Idempotent. ValueError for a role that does not exist; the person must have an account (foreign key)."""
    if role not in ROLES:
        raise ValueError(f"unknown role {role!r}")
    granted = insert(RoleGrant).values(person_id=person_id, role=role, granted_at=now).on_conflict_do_nothing().returning(RoleGrant.role)
    if db.session.execute(granted).scalar_one_or_none():
        audit.record("accounts.role_granted", subject=("person", person_id), role=role)


def revoke_role(person_id: int, role: str, *, now: datetime) -> None:  # noqa: ARG001 the moment stands in the audit row
    """Idempotent."""
    revoked = delete(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.role == role).returning(RoleGrant.role)
    if db.session.execute(revoked).scalar_one_or_none():
        audit.record("accounts.role_revoked", subject=("person", person_id), role=role)


def roles_of(person_id: int) -> frozenset[str]:
    return frozenset(db.session.execute(select(RoleGrant.role).where(RoleGrant.person_id == person_id)).scalars())
