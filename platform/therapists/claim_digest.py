"""What a claim says, as one digest: an approval is bound to the claim and the evidence that its verifier read. Pure."""

import hashlib
import json
from collections.abc import Sequence


def claim_digest(*, register: str, credential_type: str, number: str, name_on_register: str, jurisdictions: Sequence[str], evidence_digest: str | None) -> str:
    """SHA-256 in hex over everything that the therapist put forward; the order of jurisdictions does not matter."""
    said = [register, credential_type, number, name_on_register, sorted(set(jurisdictions)), evidence_digest]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
