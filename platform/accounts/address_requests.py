"""What is asked for a mail address is kept sealed and answered by a job.

The route does the same work for every address, known or not, and only the mailbox learns the difference. That makes the equal answer and the equal time
a matter of structure instead of care.
"""

import uuid
from datetime import datetime
from typing import Any

from accounts.models import AddressRequest
from core.db import db


def keep_request(kind: str, facts: dict[str, Any], *, now: datetime) -> int:
    """The id for the job that answers."""
    request = AddressRequest(public_id=uuid.uuid4(), kind=kind, asked_at=now)
    request.facts = facts
    db.session.add(request)
    db.session.flush()
    return request.id


def take_request(kind: str, request_id: int) -> tuple[dict[str, Any], datetime, uuid.UUID] | None:
    """The facts, when it was asked, and a key for what is sent; the row is gone with the job's commit. None when it was answered before."""
    request = db.session.get(AddressRequest, request_id, with_for_update=True)
    if request is None or request.kind != kind or request.facts is None:
        return None
    db.session.delete(request)
    return request.facts, request.asked_at, request.public_id
