"""Single-use links we mail. The secret goes into the mail and nowhere else; the row keeps its digest."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from accounts.models import MailLink, Person
from core.db import db
from core.errors import Gone
from core.tokens import digest_of, new_token


class LinkUnknown(Gone):
    code, detail = "link_unknown", "This link does not work. Open the newest mail, or ask for a new link."


class LinkUsed(Gone):
    code, detail = "link_used", "This link was used already. Ask for a new one if you need it."


class LinkReplaced(Gone):
    code, detail = "link_replaced", "There is a newer link. Open the newest mail."


class LinkExpired(Gone):
    code, detail = "link_expired", "This link is too old. Ask for a new one."


def issue_link(purpose: str, person_id: int, *, lifetime: timedelta, now: datetime, subject: dict[str, Any] | None = None) -> str:
    """A new secret for this purpose and person; older unused ones stop working. `subject` holds ids, never text."""
    # Two issues at once take turns, so that exactly one link stays alive.
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    replace_links(purpose, person_id, now=now)
    token = new_token()
    link = MailLink(purpose=purpose, person_id=person_id, digest=token.digest, subject=subject or {}, issued_at=now, expires_at=now + lifetime)
    db.session.add(link)
    db.session.flush()
    return token.secret


def replace_links(purpose: str, person_id: int, *, now: datetime) -> None:
    """Unused links of this purpose and person stop working."""
    alive = (MailLink.purpose == purpose, MailLink.person_id == person_id, MailLink.used_at.is_(None), MailLink.replaced_at.is_(None))
    db.session.execute(update(MailLink).where(*alive).values(replaced_at=now), execution_options={"synchronize_session": "fetch"})


def redeem_link(purpose: str, secret: str, *, now: datetime) -> MailLink:
    """Use a link up. Gone with `link_unknown`, `link_used`, `link_replaced` or `link_expired`; a refusal later in the transaction gives it back."""
    found = select(MailLink).where(MailLink.digest == digest_of(secret), MailLink.purpose == purpose)
    link = db.session.execute(found.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()
    if link is None:
        raise LinkUnknown
    if link.used_at is not None:
        raise LinkUsed
    if link.replaced_at is not None:
        raise LinkReplaced
    if link.expires_at <= now:
        raise LinkExpired
    link.used_at = now
    return link
