"""A therapist invites somebody whom they bring along. Nobody looks whether the address is known here, so the answer cannot tell."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts.throttle import count_attempt, count_mail_to
from care.invitation_models import ClientInvitation
from core import audit
from core.clock import now as now_of_transaction
from core.db import db
from core.errors import Conflict, Gone, Invalid, NotFound, TooMany
from core.jobs import periodic
from core.tokens import new_token
from notices.outbox import Recipient, send
from taxonomy.vocabulary import vocabulary
from therapists.models import Therapist

LIVES_FOR = timedelta(days=14)
MOST_OPEN = 30
MOST_A_DAY = 20
MOST_SENT = 3
PAGE = "client-invitation"


class NotPublished(Conflict):
    code, detail = "not_published", "Your profile has to be published before you can invite anybody."


class TooManyInvitations(TooMany):
    code, detail = "too_many_invitations", "Thirty invitations of yours are open already. Withdraw one, or wait until one is answered."


class AlreadyInvited(Conflict):
    code, detail = "already_invited", "An invitation of yours to this address is open. Send that one again, or take it back first."


class SentOften(TooMany):
    code, detail = "sent_often_enough", "This invitation was sent three times. Make a new one if the address is right."


class InvitationEnded(Gone):
    code, detail = "invitation_ended", "This invitation is over."


def invite_client(therapist_id: int, address: str, *, unit: str, now: datetime) -> ClientInvitation:
    """Mail an invitation. `address` as `accounts.address.normal_address` gives it; nothing but it is kept of whom it belongs to, sealed, for 14 days.

    Refusals: NotPublished, Invalid for an unknown unit, TooManyInvitations, AlreadyInvited, TooMany beyond 20 a day or too much mail to one address.
    """
    therapist = _published(therapist_id)
    if unit not in vocabulary().facets["units"]:
        raise Invalid(errors={"unit": ["Not a word of our vocabulary; see /api/v1/taxonomy."]})
    count_attempt(f"invite_client:{therapist_id}", limit=MOST_A_DAY, window=timedelta(days=1), now=now)
    # Counting it made every other invitation of theirs wait: a button that is pressed twice invites once.
    whose = (ClientInvitation.therapist_id == therapist_id, ClientInvitation.outcome.is_(None), ClientInvitation.lapses_at > now)
    open_ones = db.session.scalars(select(ClientInvitation).where(*whose)).all()
    if len(open_ones) >= MOST_OPEN:
        raise TooManyInvitations(extra={"limit": MOST_OPEN})
    if any(each.address == address and each.sent_times < MOST_SENT for each in open_ones):
        raise AlreadyInvited
    invitation = ClientInvitation(
        public_id=uuid.uuid4(), therapist_id=therapist_id, unit=unit, created_at=now, lapses_at=now + LIVES_FOR, sent_times=0, outcome=None
    )
    invitation.address = address
    _send(invitation, therapist, now=now)
    audit.record("care.client_invited", subject=("client_invitation", invitation.public_id), actor=therapist_id)
    return invitation


def send_again(public_id: uuid.UUID, *, by: int, now: datetime) -> ClientInvitation:
    """The same with a new link; the one before stops working. NotFound, InvitationEnded, SentOften."""
    invitation = _open(public_id, by=by, now=now)
    if invitation.sent_times >= MOST_SENT:
        raise SentOften
    _send(invitation, _published(by), now=now)
    return invitation


def withdraw_invitation(public_id: uuid.UUID, *, by: int, now: datetime) -> ClientInvitation:
    """Its link stops working, and the address is gone. NotFound, InvitationEnded."""
    return end_invitation(_open(public_id, by=by, now=now), "withdrawn", now=now)


def end_invitation(invitation: ClientInvitation, outcome: str, *, now: datetime, client_id: int | None = None) -> ClientInvitation:
    """However it ends, the address goes. The caller holds the lock of the row."""
    invitation.outcome, invitation.ended_at, invitation.client_id, invitation.address_sealed = outcome, now, client_id, None
    db.session.flush()
    audit.record(f"care.invitation_{outcome}", subject=("client_invitation", invitation.public_id), actor=client_id)
    return invitation


def invitations_of(therapist_id: int, *, limit: int, before: int | None) -> Sequence[ClientInvitation]:
    """This therapist's, the latest first."""
    conditions = [ClientInvitation.therapist_id == therapist_id] + ([] if before is None else [ClientInvitation.id < before])
    return db.session.execute(select(ClientInvitation).where(*conditions).order_by(ClientInvitation.id.desc()).limit(limit)).scalars().all()


@periodic("17 * * * *", "care.end_invitations")
def end_invitations() -> None:
    """What nobody answered in 14 days is over, and the address is gone."""
    now = now_of_transaction()
    due = select(ClientInvitation).where(ClientInvitation.outcome.is_(None), ClientInvitation.lapses_at <= now).order_by(ClientInvitation.id).limit(500)
    for invitation in db.session.execute(due.with_for_update(skip_locked=True)).scalars().all():
        end_invitation(invitation, "lapsed", now=now)


def _published(therapist_id: int) -> Therapist:
    therapist = db.session.execute(select(Therapist).where(Therapist.person_id == therapist_id)).scalar_one_or_none()
    if therapist is None or therapist.published_at is None or therapist.held_at is not None:
        raise NotPublished
    return therapist


def _open(public_id: uuid.UUID, *, by: int, now: datetime) -> ClientInvitation:
    mine = select(ClientInvitation).where(ClientInvitation.public_id == public_id, ClientInvitation.therapist_id == by)
    invitation = db.session.execute(mine.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()
    if invitation is None:
        raise NotFound
    if invitation.outcome is not None or invitation.lapses_at <= now:
        raise InvitationEnded
    return invitation


def _send(invitation: ClientInvitation, therapist: Therapist, *, now: datetime) -> None:
    address = invitation.address
    assert address is not None
    count_mail_to(address, now=now)
    token = new_token()
    invitation.link_digest, invitation.sent_times = token.digest, invitation.sent_times + 1
    db.session.add(invitation)
    db.session.flush()
    facts = {"therapist": therapist.display_name, "page": PAGE, "token": token.secret, "lapses_at": invitation.lapses_at}
    once = f"client-invitation:{invitation.public_id}:{invitation.sent_times}"
    send(Recipient(address, zone=therapist.zone), kind="care.client_invitation", template="care/client_invitation", facts=facts, once=once, now=now)
