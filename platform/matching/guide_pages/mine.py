"""What a guide's page lists: cases about finding somebody that wait or are theirs, and their own calls of late in which they spoke with somebody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from core.db import db
from desk.call_backs.models import CallBack
from desk.listing import cases_of
from desk.models import Case
from matching.assisted.look import AFTER_CALL

AT_ONCE = 50


def waiting_cases() -> Sequence[Case]:
    """Open or owned, the earliest clock first."""
    return cases_of(frozenset({"matchmaking"}), limit=AT_ONCE).items


def spoken_with(guide_id: int, *, now: datetime) -> Sequence[CallBack]:
    """Calls of this guide that reached somebody and may still be followed by something, the newest first."""
    wanted = select(CallBack).join(CallBack.case).options(contains_eager(CallBack.case))
    mine = Case.owner_id == guide_id, Case.kind == "call_back", CallBack.outcome == "reached", CallBack.ended_at > now - AFTER_CALL
    return db.session.scalars(wanted.where(*mine).order_by(CallBack.ended_at.desc()).limit(AT_ONCE)).all()
