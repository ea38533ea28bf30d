"""A therapist's own leaving, and their professional executor."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.dates import Day
from core.errors import NotFound
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, Text, page_schema
from therapists import executor, leaving, leaving_words
from therapists.leaving_models import LEAVING_REASONS, WORDS_STATES, Executor, PlannedLeave
from therapists.profile import own_profile, profile_for_edit

LONGEST_WORDS = 1500
leave = Blueprint("therapist_leaving", __name__, url_prefix="/api/v1/therapist/leaving", description="A therapist's last day here")
named = Blueprint("therapist_executor", __name__, url_prefix="/api/v1/therapist/executor", description="Who acts for a therapist who suddenly cannot")
words = Blueprint("leaving_words", __name__, url_prefix="/api/v1/verification/leaving-words", description="What leaving therapists write to their clients")
blueprints = (leave, named, words)
therapist_only, verifier = role("therapist"), role("verifier")


class LeaveSchema(Schema):
    """A last day."""

    last_day = Day(required=True, metadata={"description": "The last day of sessions, on your calendar; at least 30 days ahead."})
    reason = fields.String(required=True, validate=validate.OneOf(LEAVING_REASONS), metadata={"description": "Clients do not read it."})
    words = Text(longest=LONGEST_WORDS, lines=True, metadata={"description": "For your clients, who read it once a person has. Without it: our neutral text."})


class AnnouncedLeaveSchema(Schema):
    last_day = Day(required=True)
    ends_at = Instant(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(LEAVING_REASONS))
    words = fields.String(required=True, allow_none=True)
    words_state = fields.String(required=True, validate=validate.OneOf(WORDS_STATES), metadata={"description": "neutral: our own text was sent instead."})
    announced_at = Instant(required=True)
    done_at = Instant(required=True, allow_none=True)


class ExecutorSchema(Schema):
    name = Text(longest=120, required=True)
    email = fields.String(required=True, validate=validate.Length(3, 254))
    phone = Text(longest=40, allow_none=True)
    agreed_on = Day(required=True, metadata={"description": "The day on which they agreed to it."})


class NamedExecutorSchema(Schema):
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    agreed_on = Day(required=True)
    confirmed_at = Instant(required=True)
    asked_at = Instant(required=True, allow_none=True, metadata={"description": "Set while we ask you to confirm it again."})


class WaitingWordsSchema(Schema):
    id = PublicId(attribute="leave.public_id", required=True)
    therapist_name = fields.String(attribute="therapist.display_name", required=True)
    last_day = Day(attribute="leave.last_day", required=True)
    words = fields.String(attribute="leave.words", required=True)


class WordsDecisionSchema(Schema):
    approved = fields.Boolean(required=True, truthy={True}, falsy={False}, metadata={"description": "false: our neutral text is sent instead."})


WaitingWordsPageSchema = page_schema(WaitingWordsSchema)


@leave.post("")
@allow(therapist_only)
@leave.takes(LeaveSchema)
@leave.gives(201, AnnouncedLeaveSchema)
def announce(body: dict[str, Any]) -> PlannedLeave:
    """Announce your last day: nobody new from now on, nothing after that day. Whoever is in care with you is told."""
    return leaving.announce_leave(profile_for_edit(_me()), **body, now=now())


@leave.get("")
@allow(therapist_only)
@leave.gives(200, AnnouncedLeaveSchema)
def read_leave() -> PlannedLeave:
    """The last day that you announced."""
    found = leaving.leave_of(_me())
    if found is None:
        raise NotFound
    return found


@leave.post("/call-off")
@allow(therapist_only)
@leave.gives(204)
def call_off() -> None:
    """Stay after all, until the end of that day."""
    leaving.call_off_leave(profile_for_edit(_me()), now=now())


@named.get("")
@allow(therapist_only)
@named.gives(200, NamedExecutorSchema)
def read_executor() -> Executor:
    """Whom you named."""
    return executor.require_executor(own_profile(_me()).person_id)


@named.put("")
@allow(therapist_only)
@named.takes(ExecutorSchema)
@named.gives(200, NamedExecutorSchema)
def name_executor(body: dict[str, Any]) -> Executor:
    """Name your professional executor, who has agreed to it. We write to them only if you suddenly cannot work."""
    return executor.name_executor(profile_for_edit(_me()), **body, now=now())


@named.post("/confirm")
@allow(therapist_only)
@named.gives(200, NamedExecutorSchema)
def confirm_executor() -> Executor:
    """It is still the same person, and they still agree."""
    return executor.confirm_executor(profile_for_edit(_me()), now=now())


@words.get("")
@allow(verifier)
@words.takes(PageQuery, location="query")
@words.gives(200, WaitingWordsPageSchema)
def list_words(query: dict[str, Any]) -> leaving_words.WaitingWordsPage:
    """Texts that wait for a reader, the longest waiting first."""
    return leaving_words.waiting_words(**query)


@words.post("/<uuid:leave_id>")
@allow(verifier)
@words.takes(WordsDecisionSchema)
@words.gives(204)
def decide_words(body: dict[str, Any], leave_id: uuid.UUID) -> None:
    """Let the clients read these words, or our neutral text instead."""
    leaving_words.decide_words(leave_id, **body, by=_me(), now=now())


def _me() -> int:
    return caller().require_person()
