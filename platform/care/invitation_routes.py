"""Invitations over HTTP: the therapist's list, and the answer of the invited person. The link of the mail leads to the page of `care.pages`."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from accounts.schemas import EmailAddress
from care.invitation_models import OUTCOMES, ClientInvitation
from care.invite import invitations_of, invite_client, send_again, withdraw_invitation
from care.invited import Stated, accept_invitation
from care.models import CareRelation
from core.access import allow, caller, confirmed, role
from core.clock import now
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, ZoneName, cursor_of, key_of, page_schema

practice = Blueprint("client_invitations", __name__, url_prefix="/api/v1/therapist/client-invitations", description="Clients whom a therapist brings along")
answers = Blueprint("client_invitation_answers", __name__, url_prefix="/api/v1/client-invitations", description="The answer of an invited person")
blueprints = (practice, answers)
LONGEST_TOKEN = 200


class InviteClientSchema(Schema):
    email = EmailAddress(required=True)
    unit = fields.String(load_default="individual", validate=validate.Length(1, 40), metadata={"description": "A word of /taxonomy, such as couple."})


class ClientInvitationSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    email = fields.String(attribute="address", required=True, allow_none=True, metadata={"description": "As you wrote it; gone once the invitation ends."})
    unit = fields.String(required=True)
    created_at = Instant(required=True)
    lapses_at = Instant(required=True)
    sent_times = fields.Integer(required=True)
    outcome = fields.String(required=True, allow_none=True, validate=validate.OneOf(OUTCOMES), metadata={"description": "null: not answered yet."})


class AcceptInvitationSchema(Schema):
    token = fields.String(required=True, validate=validate.Length(1, LONGEST_TOKEN), metadata={"description": "What stands behind #token= in the mail."})
    jurisdiction = fields.String(required=True, validate=validate.Length(1, 10), metadata={"description": "A code of /taxonomy, such as GB-ENG."})
    zone = ZoneName(required=True)
    age_band = fields.String(required=True, validate=validate.Length(1, 40), metadata={"description": "A word of /taxonomy, such as adult."})


class CareBegunSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    state = fields.String(required=True)
    origin = fields.String(required=True)
    unit = fields.String(required=True)


ClientInvitationPageSchema = page_schema(ClientInvitationSchema)


@dataclass(frozen=True, slots=True)
class InvitationsShown:
    items: Sequence[ClientInvitation]
    next: str | None


@practice.post("")
@allow(role("therapist"))
@practice.takes(InviteClientSchema)
@practice.gives(201, ClientInvitationSchema)
def invite(body: dict[str, Any]) -> ClientInvitation:
    """Invite somebody by mail. The answer is the same whether or not the address is known here."""
    return invite_client(_me(), body["email"], unit=body["unit"], now=now())


@practice.get("")
@allow(role("therapist"))
@practice.takes(PageQuery, location="query")
@practice.gives(200, ClientInvitationPageSchema)
def list_invitations(query: dict[str, Any]) -> InvitationsShown:
    """Your invitations, the latest first."""
    cursor = query.get("cursor")
    found = invitations_of(_me(), limit=query["limit"] + 1, before=None if cursor is None else key_of(cursor, int)[0])
    shown = found[: query["limit"]]
    return InvitationsShown(shown, cursor_of(shown[-1].id) if len(found) > len(shown) else None)


@practice.post("/<uuid:invitation_id>/resend")
@allow(role("therapist"))
@practice.gives(200, ClientInvitationSchema)
def resend(invitation_id: uuid.UUID) -> ClientInvitation:
    """Send it again with a new link; at most three times in all."""
    return send_again(invitation_id, by=_me(), now=now())


@practice.post("/<uuid:invitation_id>/withdraw")
@allow(role("therapist"))
@practice.gives(200, ClientInvitationSchema)
def withdraw(invitation_id: uuid.UUID) -> ClientInvitation:
    """Take an invitation back. The address is gone with it."""
    return withdraw_invitation(invitation_id, by=_me(), now=now())


@answers.post("/accept")
@allow(confirmed)
@answers.takes(AcceptInvitationSchema)
@answers.gives(200, CareBegunSchema)
def accept(body: dict[str, Any]) -> CareRelation:
    """Accept an invitation with your own account, and say where you will be and how old you are."""
    return accept_invitation(body["token"], _me(), Stated(body["jurisdiction"], body["zone"], body["age_band"]), now=now())


def _me() -> int:
    return caller().require_person()
