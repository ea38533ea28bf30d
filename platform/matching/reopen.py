"""Back to one's answers: a link by mail, for one use, that opens a guest's intake on the device where it is followed."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts.links import LinkUnknown, issue_link, redeem_link
from accounts.throttle import count_attempt, count_mail_to
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.tokens import digest_of, new_token
from matching.intake import IntakeClosed, Visitor, is_closed
from matching.models import Intake
from notices.outbox import send
from notices.recipient import Recipient

LINK = "reopen_intake"
PAGE = "come-back"
LIFETIME = timedelta(days=7)
MAILS_AN_HOUR = 3


class HasAccount(Conflict):
    code, detail = "has_account", "These answers belong to an account. Sign in to see them."


def mail_link(public_id: uuid.UUID, visitor: Visitor, *, email: str | None, now: datetime) -> None:
    """Mail the link. While the intake is open the visitor names the address; once it was closed only the address named before is used.

    A closed intake answers the same whatever address is sent with the request: the device may be in somebody else's hands.
    """
    wanted = select(Intake).where(Intake.public_id == public_id, Intake.cookie_digest == digest_of(visitor.secret or "")).with_for_update()
    intake = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if intake is None:
        raise NotFound
    count_attempt(f"reopen:{public_id}", limit=MAILS_AN_HOUR, window=timedelta(hours=1), now=now)
    if is_closed(intake, visitor, now=now):
        if intake.return_to is None:
            raise IntakeClosed(can_mail_a_link=False)
    elif email is not None:
        intake.return_to = {"address": email}
    if intake.return_to is None:
        raise Invalid(errors={"email": ["Where should the link go?"]})
    count_mail_to(intake.return_to["address"], now=now)
    secret = link_back(intake, now=now)
    facts = {"page": PAGE, "token": secret, "days": LIFETIME.days}
    to = Recipient(intake.return_to["address"], "en", "UTC")
    send(to, kind="matching.reopen", template="matching/reopen_intake", facts=facts, once=f"reopen:{digest_of(secret).hex()}", now=now)
    audit.record("matching.link_mailed", subject=("intake", intake.public_id))


def link_back(intake: Intake, *, now: datetime) -> str:
    """The secret of a link that opens these answers once, on whatever device it is followed."""
    return issue_link(LINK, intake.person_id, lifetime=LIFETIME, now=now, subject={"intake": str(intake.public_id)})


def intake_of_browser(visitor: Visitor) -> uuid.UUID:
    """The name of the intake that this browser's cookie opens, or would open if it were not closed. NotFound without one."""
    wanted = select(Intake.public_id).where(Intake.cookie_digest == digest_of(visitor.secret or ""))
    public_id = db.session.scalars(wanted).one_or_none()
    if public_id is None:
        raise NotFound
    return public_id


def reopen(secret: str, *, now: datetime) -> tuple[Intake, str]:
    """Use the link up: a new cookie for this browser, and the old one opens nothing any more. Gone as `redeem_link`; HasAccount once adopted."""
    link = redeem_link(LINK, secret, now=now)
    wanted = select(Intake).where(Intake.public_id == uuid.UUID(link.subject["intake"])).with_for_update()
    intake = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if intake is None:
        raise LinkUnknown
    if intake.cookie_digest is None:
        raise HasAccount
    token = new_token()
    intake.cookie_digest, intake.last_active_at = token.digest, now
    db.session.flush()
    audit.record("matching.intake_reopened", subject=("intake", intake.public_id))
    return intake, token.secret
