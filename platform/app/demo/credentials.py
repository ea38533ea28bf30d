"""The credentials of the invented cast, and the looks at registers that are written for them: when they are loaded, and repeated when they have aged."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from core.db import db
from desk.cases import open_case
from taxonomy.vocabulary import vocabulary
from therapists.credentials import VERIFY_WITHIN
from therapists.models import Credential, VerificationRecord
from therapists.standing import RECHECK_EVERY

FICTIONAL = "Invented for demonstration; this person does not exist."


@dataclass(frozen=True)
class Looked:
    """When an invented entry was looked at and until when it holds, by the dates of the cast moved by the days since they were written."""

    checked_at: datetime | None
    expires_on: date | None


def looked(claimed: dict[str, Any], moved: timedelta, *, now: datetime) -> Looked:
    checked_on, expires_on = (None if text is None else date.fromisoformat(text) + moved for text in (claimed["checked_on"], claimed["expires_on"]))
    return Looked(None if checked_on is None else datetime.combine(checked_on, time(12), now.tzinfo), expires_on)


def claims_of(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The entry of one of the cast, and the authorisations added to it, each as it is claimed."""
    own = row["credential"]
    added = [
        own | each | {"jurisdictions": each["jurisdictions"] or list(vocabulary().registers[each["register"]].jurisdictions)} for each in own["authorisations"]
    ]
    return [own, *added]


def add_credential(therapist_id: int, row: dict[str, Any], claimed: dict[str, Any], verifiers: tuple[int, int], moved: timedelta, *, now: datetime) -> None:
    """The entry as it stands, with what two verifiers read; one that is in review waits at the desk."""
    seen = looked(claimed, moved, now=now)
    credential = Credential(
        therapist_id=therapist_id,
        register=claimed["register"],
        credential_type=claimed["type"] or "",
        number=claimed["number"] or f"DEMO{row['id']}",
        name_on_register=row["name"],
        jurisdictions=claimed["jurisdictions"],
        supervised=claimed["supervised"],
        restricted=claimed["restricted"],
        state=claimed["state"],
        claimed_jurisdictions=claimed["jurisdictions"],
        checked_at=seen.checked_at,
        decided_at=seen.checked_at,
        expires_on=seen.expires_on,
        submitted_at=now,
        created_at=now,
    )
    db.session.add(credential)
    db.session.flush()
    if claimed["state"] == "in_review":
        open_case("verification", subject=("credential", str(credential.public_id)), person_id=therapist_id, due_in=VERIFY_WITHIN, now=now)
    elif seen.checked_at is not None:
        first, second = verifiers
        add_record(credential, seen.checked_at, by=second, took_effect=False)
        add_record(credential, seen.checked_at, by=first, took_effect=True)


def add_record(credential: Credential, checked_at: datetime, *, by: int, took_effect: bool) -> None:
    """What a verifier would have read; it says of itself that it is invented."""
    register = vocabulary().registers[credential.register]
    db.session.add(
        VerificationRecord(
            credential_id=credential.id,
            checked_by=by,
            checked_at=checked_at,
            took_effect=took_effect,
            claim_digest=credential.claim_digest,
            name_likeness=100,
            next_check_at=checked_at + RECHECK_EVERY,
            register_address=register.address or "",
            number=credential.number,
            status_text="Registered (invented)",
            name_found=credential.name_on_register,
            expires_on=credential.expires_on,
            jurisdictions=credential.jurisdictions,
            restricted=credential.restricted,
            supervised=credential.supervised,
            decision="active",
            reason="register_confirms",
            note=FICTIONAL,
        )
    )
