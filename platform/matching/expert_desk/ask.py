"""Asking for a call, as a guest with an intake or signed in: whoever is paused for safety asks those who are trained for it, and nobody is told why."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from accounts.consent import ConsentRequired, current_text, give_consent, require_current_texts
from accounts.throttle import count_attempt
from care.nearby_help import crisis_help_for
from care.pause import is_paused
from care.places import place_of
from care.safety_case import tell_responders
from desk.call_backs.ask import PURPOSE, CallWished, ask_for_call, read_own_call, withdraw_call
from desk.call_backs.models import CallBack
from desk.call_backs.shown import window_json
from desk.call_backs.topics import TOPICS
from desk.call_backs.windows import next_window
from matching.assisted.permitted import PURPOSE as SHARE
from matching.intake import Visitor
from matching.own_safety.state import person_of

Json = dict[str, Any]
# Asked, taken back and asked again: so often a day, whosever number it is.
MOST_A_DAY = 5
WAITING = "It is noted. Our desk tries to call at one of the times you gave. We cannot promise which; if you are in danger, please do not wait for us."
TEXTS = {
    "reached": "We have spoken with you. If something is left open, ask for another call.",
    "not_reached": "We tried to call you and reached nobody. Ask again with other times, if you like.",
    "left_no_message": "We tried to call you and left no message. Ask again with other times, if you like.",
    "withdrawn": "You took it back. Your number is deleted.",
    "merged": "You had asked twice. We kept the other one.",
}


def call_wished(body: Json) -> CallWished:
    """From what `desk.call_backs.schemas.AskForCallSchema` has read. ConsentRequired, with the text to show, before anything is kept."""
    if "consent_text_version" not in body:
        raise ConsentRequired(extra={"purpose": PURPOSE, "text_version": current_text(PURPOSE).version})
    windows = [(each["weekday"], each["from_minute"], each["to_minute"]) for each in body["windows"]]
    return CallWished(body["phone"], body["zone"], windows, body["voicemail_safe"], body["topic"], body["consent_text_version"])


def ask(visitor: Visitor, wished: CallWished, *, now: datetime, share: str | None = None) -> CallBack:
    """NotFound for somebody who is neither signed in nor has an intake here; otherwise refuses as `desk.call_backs.ask.ask_for_call`.

    `share`: the text under which whoever calls may read what they look for (`assisted.permitted`); None for nothing.
    """
    person_id = person_of(visitor, now=now)
    count_attempt(f"call_back:{person_id}", limit=MOST_A_DAY, window=timedelta(days=1), now=now)
    wished = replace(wished, windows=sorted(set(map(tuple, wished.windows))))
    if share is not None:
        require_current_texts({SHARE: share})
        give_consent(person_id, SHARE, text_version=share, now=now)
    case = tell_responders(person_id, "asked_for_help", (), now=now) if is_paused(person_id) else None
    return ask_for_call(person_id, wished, now=now, case=case)


def take_back(visitor: Visitor, *, now: datetime) -> None:
    """NotFound when nothing is asked."""
    withdraw_call(person_of(visitor, now=now), now=now)


def own_call(visitor: Visitor, *, now: datetime) -> Json:
    """The newest call of this person. NotFound without any. Ready for `schemas.OwnCallSchema`."""
    return own_call_json(read_own_call(person_of(visitor, now=now)), now=now)


def own_call_json(call: CallBack, *, now: datetime) -> Json:
    """What the person sees: where it stands and help that is there at once. Neither whose it is nor whose case."""
    stated = place_of(call.person_id, at=now)
    return {
        "state": "waiting" if call.ended_at is None else "ended",
        "text": WAITING if call.outcome is None else TEXTS[call.outcome],
        "topic": call.topic,
        "topic_text": TOPICS[call.topic],
        "asked_at": call.asked_at,
        "next_window": window_json(next_window(call.windows or (), call.zone, now), call.zone) if call.ended_at is None else None,
        "voicemail_safe": call.voicemail_safe,
        "crisis_help": crisis_help_for(stated.jurisdiction if stated is not None else None, on=now.date()),
    }


def questions() -> Json:
    """What can be spoken about, the text to agree to, and one that may be agreed to. Ready for `schemas.CallQuestionsSchema`."""
    topics = [{"topic": topic, "text": words} for topic, words in TOPICS.items()]
    return {"topics": topics, "consent": _text(PURPOSE), "share": _text(SHARE)}


def _text(purpose: str) -> Json:
    text = current_text(purpose)
    return {"purpose": purpose, "version": text.version, "title": text.title, "text": text.text}
