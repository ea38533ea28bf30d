"""The question whether new clients are still taken: asked by mail, answered by one press on the page that its link opens, without signing in."""

from datetime import datetime

from sqlalchemy import select

from accounts.links import issue_link, redeem_link
from accounts.people import recipient_of
from core import audit
from core.db import db
from notices.outbox import send
from therapists.accepting import ASKED_EVERY, HOLDS_FOR, PURPOSE, REMINDED_AFTER, STOPS_AFTER, answered
from therapists.models import Therapist
from therapists.profile import profile_for_edit, touch

PAGE = "still-accepting"
AT_ONCE = 500
# Also after the stop: pressing "yes" then is the quick way back.
LINK_LIVES_FOR = HOLDS_FOR


def ask_whether_accepting(*, now: datetime) -> None:
    """Ask, remind and stop whoever is due; called by a job. Each therapist's row is taken with a lock, and skipped while somebody else holds it."""
    shown = (Therapist.accepting, Therapist.published_at.is_not(None))
    stop = (Therapist.accepting_asked_at <= now - STOPS_AFTER, Therapist.accepting_reminded_at.is_not(None))
    remind = (Therapist.accepting_asked_at <= now - REMINDED_AFTER, Therapist.accepting_reminded_at.is_(None))
    ask = (Therapist.accepting_asked_at.is_(None), Therapist.accepting_said_at <= now - ASKED_EVERY)
    for due, act in ((stop, _stop), (remind, _remind), (ask, _ask)):
        wanted = select(Therapist).where(*shown, *due).order_by(Therapist.accepting_said_at, Therapist.person_id).limit(AT_ONCE)
        for therapist in db.session.scalars(wanted.with_for_update(skip_locked=True, key_share=True).execution_options(populate_existing=True)).all():
            act(therapist, now=now)
    db.session.flush()


def answer_by_link(secret: str, *, accepting: bool, now: datetime) -> Therapist:
    """Use the link up and take its holder at their word. Gone as `links.redeem_link` says; also when they have answered in another way since."""
    person_id = redeem_link(PURPOSE, secret, now=now).person_id
    therapist = profile_for_edit(person_id)
    therapist.accepting = accepting and therapist.leaves_at is None
    answered(therapist, now=now)
    audit.record("therapists.accepting_answered", subject=("therapist", therapist.public_id), actor=person_id, accepting=accepting)
    return touch(therapist, now=now)


def _ask(therapist: Therapist, *, now: datetime) -> None:
    therapist.accepting_asked_at = now
    _mail(therapist, "still_accepting", now=now)


def _remind(therapist: Therapist, *, now: datetime) -> None:
    therapist.accepting_reminded_at = now
    _mail(therapist, "still_accepting_again", now=now)


def _stop(therapist: Therapist, *, now: datetime) -> None:
    """Nobody new is sent to somebody who does not answer."""
    asked_at = therapist.accepting_asked_at
    _mail(therapist, "not_accepting_now", now=now, asked_at=asked_at)
    # Not `answered`: their link goes on working.
    therapist.accepting, therapist.accepting_asked_at, therapist.accepting_reminded_at = False, None, None
    touch(therapist, now=now)
    audit.record("therapists.accepting_stopped", subject=("therapist", therapist.public_id), reason="unanswered")


def _mail(therapist: Therapist, template: str, *, now: datetime, asked_at: datetime | None = None) -> None:
    recipient = recipient_of(therapist.person_id)
    if recipient is None:
        return
    secret = issue_link(PURPOSE, therapist.person_id, lifetime=LINK_LIVES_FOR, now=now)
    facts = {"name": therapist.display_name, "page": PAGE, "token": secret}
    once = f"{template}:{therapist.public_id}:{(asked_at or therapist.accepting_asked_at or now).isoformat()}"
    send(recipient, kind=f"therapists.{template}", template=f"therapists/{template}", facts=facts, once=once, now=now, person_id=therapist.person_id)
