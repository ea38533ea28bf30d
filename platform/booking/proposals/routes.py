"""Proposals over HTTP, for both sides. The link of the mail leads to the page of `booking.pages`."""

import uuid
from typing import Any

from marshmallow import fields, validate

from booking.proposals.answer import accept_proposal, decline_proposal, withdraw_proposal
from booking.proposals.models import Proposal
from booking.proposals.propose import propose
from booking.proposals.reading import ProposalShown, ProposalsShown, proposals_by, proposals_to, show_proposal
from booking.schemas import NamedSchema
from booking.series.book import ON_CONFLICT, Repeated
from booking.series.plan import LONGEST_INTERVAL, MOST_OCCURRENCES
from booking.series.schemas import ON_CONFLICT_SAID
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint, Instant, MoneyField, PageQuery, PublicId, Schema, page_schema
from core.idempotency import idempotent

proposals = Blueprint("proposals", __name__, url_prefix="/api/v1/proposals", description="Times that a therapist proposes to a client in care")
practice = Blueprint("therapist_proposals", __name__, url_prefix="/api/v1/therapist/proposals", description="What a therapist has proposed")
blueprints = (proposals, practice)


class ProposedSeriesSchema(Schema):
    every_weeks = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, LONGEST_INTERVAL))
    count = fields.Integer(strict=True, required=True, validate=validate.Range(2, MOST_OCCURRENCES))
    on_conflict = fields.String(load_default="refuse", validate=validate.OneOf(ON_CONFLICT), metadata={"description": ON_CONFLICT_SAID})


class ProposeSchema(Schema):
    client_id = PublicId(required=True, metadata={"description": "Somebody in care with you."})
    service_id = PublicId(required=True, metadata={"description": "One of your services."})
    start = Instant(required=True, metadata={"description": "May lie outside your hours and limits; never where your time is taken."})
    minutes = fields.Integer(strict=True, metadata={"description": "One of the service's lengths. Without it: the usual one."})
    series = fields.Nested(ProposedSeriesSchema, metadata={"description": "Without it: one session."})


class ProposedTimeSchema(Schema):
    booking_id = PublicId(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    local_start = fields.String(required=True, metadata={"description": "The start on your wall clock, with its offset."})
    fee = MoneyField(required=True)


class ProposalSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    state = fields.String(required=True, validate=validate.OneOf(["waiting", "accepted", "declined", "withdrawn", "lapsed"]))
    therapist = fields.Nested(NamedSchema, required=True)
    client = fields.Nested(NamedSchema, required=True)
    created_at = Instant(required=True)
    lapses_at = Instant(required=True, metadata={"description": "Until when it can be answered."})
    every_weeks = fields.Integer(required=True, allow_none=True, metadata={"description": "null: one session."})
    times = fields.List(fields.Nested(ProposedTimeSchema), required=True)


ProposalPageSchema = page_schema(ProposalSchema)


@practice.post("")
@allow(role("therapist"))
@practice.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")
@idempotent
@practice.takes(ProposeSchema)
@practice.gives(201, ProposalSchema)
def make(body: dict[str, Any]) -> ProposalShown:
    """Propose a session or a series to a client in care. Your time is held; the client answers by one link."""
    again = body.get("series")
    repeated = Repeated(again["every_weeks"], again["count"], again["on_conflict"]) if again else None
    return _shown(propose(_me(), body["client_id"], body["service_id"], body["start"], minutes=body.get("minutes"), repeated=repeated, now=now()))


@practice.get("")
@allow(role("therapist"))
@practice.takes(PageQuery, location="query")
@practice.gives(200, ProposalPageSchema)
def list_made(query: dict[str, Any]) -> ProposalsShown:
    """What you have proposed, the latest first."""
    return proposals_by(_me(), limit=query["limit"], cursor=query.get("cursor"), now=now())


@practice.post("/<uuid:proposal_id>/withdraw")
@allow(role("therapist"))
@practice.gives(200, ProposalSchema)
def withdraw(proposal_id: uuid.UUID) -> ProposalShown:
    """Take a proposal of yours back before it is answered."""
    return _shown(withdraw_proposal(proposal_id, by=_me(), now=now()))


@proposals.get("")
@allow(signed_in)
@proposals.takes(PageQuery, location="query")
@proposals.gives(200, ProposalPageSchema)
def list_received(query: dict[str, Any]) -> ProposalsShown:
    """What was proposed to you, the latest first."""
    return proposals_to(_me(), limit=query["limit"], cursor=query.get("cursor"), now=now())


@proposals.get("/<uuid:proposal_id>")
@allow(signed_in)
@proposals.gives(200, ProposalSchema)
def read(proposal_id: uuid.UUID) -> ProposalShown:
    """One proposal, from either side."""
    return show_proposal(proposal_id, person_id=_me(), now=now())


@proposals.post("/<uuid:proposal_id>/accept")
@allow(confirmed)
@proposals.gives(200, ProposalSchema)
def accept(proposal_id: uuid.UUID) -> ProposalShown:
    """Say yes to all times of a proposal."""
    return _shown(accept_proposal(proposal_id, by=_me(), now=now()))


@proposals.post("/<uuid:proposal_id>/decline")
@allow(confirmed)
@proposals.gives(200, ProposalSchema)
def decline(proposal_id: uuid.UUID) -> ProposalShown:
    """Say no to a proposal."""
    return _shown(decline_proposal(proposal_id, by=_me(), now=now()))


def _shown(proposal: Proposal) -> ProposalShown:
    return show_proposal(proposal.public_id, person_id=_me(), now=now())


def _me() -> int:
    return caller().require_person()
