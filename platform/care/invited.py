"""What an invited person answers: yes, signed in, with their own statements; or no, without an account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.links import LinkExpired, LinkUnknown, LinkUsed
from accounts.people import recipient_of
from care.attendance import state_age_band
from care.invitation_models import ClientInvitation
from care.invite import end_invitation
from care.models import CareRelation
from care.places import record_place
from care.relation import begin_care
from core.db import db, lock_persons
from core.errors import Conflict
from core.tokens import digest_of
from notices.outbox import send


class OwnInvitation(Conflict):
    code, detail = "own_invitation", "This is an invitation of your own."


@dataclass(frozen=True, slots=True)
class Stated:
    """Where the person will be during sessions, and their age group: without both nobody may treat them."""

    jurisdiction: str
    zone: str
    age_band: str


def accept_invitation(secret: str, person_id: int, stated: Stated, *, now: datetime) -> CareRelation:
    """In care from now on, without matching; the relation says that the therapist brought them. Whether the therapist may treat them is asked at every booking.

    Whoever holds the link may accept it, whatever their address. Refusals: Gone as `of_link`, OwnInvitation, Invalid for a place or an age group.
    """
    found = of_link(secret, now=now)
    if found.therapist_id == person_id:
        raise OwnInvitation
    lock_persons(found.therapist_id, person_id)
    invitation = of_link(secret, now=now, lock=True)
    record_place(person_id, stated.jurisdiction, zone=stated.zone, source="booking", now=now)
    state_age_band(person_id, stated.age_band, now=now)
    relation = begin_care(invitation.therapist_id, [person_id], unit=invitation.unit, origin="invited", accepted=True, now=now)[person_id]
    end_invitation(invitation, "accepted", client_id=person_id, now=now)
    _tell_therapist(invitation, now=now)
    return relation


def decline_invitation(secret: str, *, now: datetime) -> None:
    """The address is gone; the therapist sees that the answer was no. Gone as `of_link`."""
    end_invitation(of_link(secret, now=now, lock=True), "declined", now=now)


def of_link(secret: str, *, now: datetime, lock: bool = False) -> ClientInvitation:
    """The open invitation of a mailed link. Gone with `link_unknown`, `link_used` or `link_expired`."""
    wanted = select(ClientInvitation).where(ClientInvitation.link_digest == digest_of(secret)).execution_options(populate_existing=True)
    invitation = db.session.execute(wanted.with_for_update() if lock else wanted).scalar_one_or_none()
    if invitation is None:
        raise LinkUnknown
    if invitation.outcome is not None and invitation.outcome != "lapsed":
        raise LinkUsed("This invitation was answered or taken back already.")
    if invitation.lapses_at <= now:
        raise LinkExpired("This invitation is too old. Ask for a new one.")
    return invitation


def _tell_therapist(invitation: ClientInvitation, *, now: datetime) -> None:
    recipient = recipient_of(invitation.therapist_id)
    if recipient is None:
        return
    once = f"client-invitation-accepted:{invitation.public_id}"
    send(
        recipient,
        kind="care.invitation_accepted",
        template="care/invitation_accepted",
        facts={},
        once=once,
        now=now,
        person_id=invitation.therapist_id,
    )
