"""What somebody takes along from the desk: that a case of theirs is or was looked at, and the calls they asked for; not what others wrote."""

from sqlalchemy import select

from accounts.own_data import Part, plain
from core.db import db
from desk.call_backs.models import CallBack
from desk.models import Case


def cases(person_id: int) -> Part:
    """What a case was about, in a code, and how it stands."""
    rows = db.session.scalars(select(Case).where(Case.person_id == person_id).order_by(Case.id))
    return [plain(row, "public_id", "kind", "state", "opened_at", "closed_at") for row in rows]


def calls(person_id: int) -> Part:
    """The number only while it is kept."""
    rows = db.session.scalars(select(CallBack).where(CallBack.person_id == person_id).order_by(CallBack.id))
    return [plain(row, "public_id", "topic", "zone", "windows", "phone", "voicemail_safe", "asked_at", "ended_at", "outcome", "forgotten_at") for row in rows]
