"""The desk's alarm: looks at registers that are late, told to those whose work they are, from the first day on and at most once a day."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, String, cast, func, select

from accounts.models import RoleGrant
from accounts.people import recipient_of
from core.db import db
from desk.models import Case
from notices.outbox import send
from therapists.credential_states import LIVE
from therapists.models import Credential
from therapists.standing import NEW_CLIENTS_STOP_AFTER, RECHECK_EVERY, RELATIONS_STAND_FOR


def tell_overdue(*, now: datetime) -> None:
    """One letter to each verifier who has late looks of their own, or whom nobody spares the looks that are nobody's."""
    verifiers = db.session.scalars(select(RoleGrant.person_id).where(RoleGrant.role == "verifier").order_by(RoleGrant.person_id)).all()
    for verifier in verifiers:
        _tell(verifier, verifiers, now=now)


def _tell(verifier: int, verifiers: Sequence[int], *, now: datetime) -> None:
    late = _late(now).where(Credential.therapist_id != verifier)
    # What somebody holds who is no verifier any more is nobody's.
    nobodys = Case.owner_id.is_(None) | Case.owner_id.not_in(verifiers)
    owned, first_owned = db.session.execute(late.where(Case.owner_id == verifier)).one()
    unowned, first_unowned = db.session.execute(late.where(nobodys)).one()
    recipient = recipient_of(verifier)
    if recipient is None or not owned + unowned:
        return
    oldest = min(filter(None, (first_owned, first_unowned)))
    facts = {
        "owned": owned,
        "unowned": unowned,
        "days": (now - oldest - RECHECK_EVERY).days + 1,
        "new_clients_stop": NEW_CLIENTS_STOP_AFTER.days,
        "everybody_stops": RELATIONS_STAND_FOR.days,
    }
    once = f"looks-overdue:{now.date()}:{verifier}"
    send(recipient, kind="looks_overdue", template="therapists/looks_overdue", facts=facts, once=once, now=now, person_id=verifier)


def _late(now: datetime) -> Select[int, datetime | None]:
    """How many live entries have an open case and a look that is late, and when the first of them was last looked at."""
    about = (Case.kind == "verification") & (Case.subject_kind == "credential") & (Case.subject_id == cast(Credential.public_id, String))
    wanted = select(func.count(), func.min(Credential.checked_at)).select_from(Credential).join(Case, about)
    return wanted.where(Case.state != "closed", Credential.state.in_(LIVE), Credential.checked_at < now - RECHECK_EVERY)
