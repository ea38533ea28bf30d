"""How a call looks to the desk: whom to call about what, when, and what time it is there now. Never the number."""

from datetime import datetime
from typing import Any

from desk.call_backs.models import CallBack
from desk.call_backs.topics import TOPICS
from desk.call_backs.windows import next_window
from notices.letter import local_time

Json = dict[str, Any]


def call_json(call: CallBack, *, now: datetime) -> Json:
    """Ready for `schemas.CallBackSchema`; its case with owner is loaded."""
    window = next_window(call.windows or (), call.zone, now)
    return {
        "id": call.public_id,
        "case_id": call.case.public_id,
        "case_kind": call.case.kind,
        "state": "ended" if call.ended_at is not None else call.case.state,
        "owner_id": call.case.owner.public_id if call.case.owner is not None else None,
        "topic": call.topic,
        "topic_text": TOPICS[call.topic],
        "asked_at": call.asked_at,
        "due_at": call.case.due_at,
        "zone": call.zone,
        "local_time": local_time(now, call.zone),
        "may_call_now": window is not None and window[0] <= now,
        "next_window": window_json(window, call.zone),
        "voicemail_safe": call.voicemail_safe,
        "outcome": call.outcome,
        "ended_at": call.ended_at,
    }


def window_json(window: tuple[datetime, datetime] | None, zone: str) -> Json | None:
    if window is None:
        return None
    return {"start": window[0], "end": window[1], "local_start": local_time(window[0], zone), "local_end": local_time(window[1], zone)}
