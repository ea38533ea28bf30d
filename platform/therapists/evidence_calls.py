"""A file comes in: room is looked for, the file is judged and put away with no transaction open, and its row is written. For the API and for the pages."""

import uuid

from core.clock import now
from core.db import transaction
from therapists import check_evidence, evidence
from therapists.evidence_models import EvidenceFile


def send_evidence(person_id: int, credential_id: uuid.UUID, content: bytes) -> EvidenceFile:
    """In proof of a credential of one's own. Refusals are those of `evidence`."""
    with transaction():
        evidence.require_room(person_id, credential_id, now=now())
    inspected = evidence.inspect(content)
    public_id = evidence.put_away(inspected)
    with transaction():
        return evidence.add_evidence(person_id, credential_id, public_id, inspected, now=now())


def send_check_evidence(person_id: int, kind: str, content: bytes) -> EvidenceFile:
    """In proof of a required check of one's own. Refusals are those of `check_evidence`."""
    with transaction():
        check_evidence.require_room_for_check(person_id, kind, now=now())
    inspected = evidence.inspect(content)
    public_id = evidence.put_away(inspected)
    with transaction():
        return check_evidence.add_check_evidence(person_id, kind, public_id, inspected, now=now())
