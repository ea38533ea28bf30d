"""The credentials of many therapists with the last look at each, in one query and as columns: what a list needs, past the session's identity map."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select, true

from core.reading import Reading
from therapists.facts import CredentialRow, facts_of
from therapists.models import Credential, VerificationRecord
from therapists.standing import CredentialFacts


class LastCheck(NamedTuple):
    """The columns of a verification record that a badge needs."""

    decision: str
    checked_at: datetime
    register_address: str


_LAST = (
    select(*[getattr(VerificationRecord, name) for name in LastCheck._fields])
    .where(VerificationRecord.credential_id == Credential.id, VerificationRecord.took_effect)
    .order_by(VerificationRecord.id.desc())
    .limit(1)
    .lateral("last_check")
)
_WIDTH = len(CredentialRow._fields)
# Built once: putting a statement together costs more than running this one.
_HELD = Reading(
    select(*[getattr(Credential, name) for name in CredentialRow._fields], *_LAST.c)
    .outerjoin(_LAST, true())
    .where(Credential.therapist_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(Credential.id)
)


def checked_credentials(ids: Collection[int]) -> dict[int, list[tuple[CredentialFacts, LastCheck | None]]]:
    """The facts of each therapist's credentials, each with its last check that took effect; somebody without credentials has an empty list."""
    held: dict[int, list[tuple[CredentialRow, LastCheck | None]]] = {each: [] for each in ids}
    for row in _HELD.tuples({"ids": list(ids)}):
        check = LastCheck(*row[_WIDTH:])
        held[row[0]].append((CredentialRow(*row[:_WIDTH]), check if check.decision is not None else None))
    return {therapist_id: [(facts_of(credential, [other for other, _ in rows]), check) for credential, check in rows] for therapist_id, rows in held.items()}
