"""What the worker does for accounts by itself. The jobs that answer requests stand with their acts; importing this module declares them all."""

from datetime import timedelta

from sqlalchemy import delete, or_

from accounts import confirm, reset_password, sign_up
from accounts.models import AddressRequest, MailLink, SignInSession, Throttle
from core.clock import now
from core.db import db
from core.jobs import periodic

KEPT_AFTER_USE = timedelta(days=30)
DECLARED = (sign_up.answer_sign_up, confirm.confirm_again, reset_password.send_reset)


@periodic("17 3 * * *", "accounts.forget_what_is_over")
def forget_what_is_over() -> None:
    """Ended sessions, dead links, old counts and unanswered requests go after thirty days."""
    before = now() - KEPT_AFTER_USE
    db.session.execute(delete(SignInSession).where(or_(SignInSession.ended_at < before, SignInSession.ends_at < before)))
    db.session.execute(delete(MailLink).where(MailLink.expires_at < before))
    db.session.execute(delete(Throttle).where(Throttle.window_starts_at < before))
    db.session.execute(delete(AddressRequest).where(AddressRequest.asked_at < before))
