"""The desk's alarm: looks of ours that are late (registers, and lists that are screened), told to those whose work they are.

From the first day on, and at most once a day. Whoever owns the case is told of it; what nobody owns is told to every verifier, and what no verifier may look
at (there is none, or it is their own) to the admins. A look is late whether or not it has a case.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_, select

from accounts.models import RoleGrant
from accounts.people import recipient_of
from core.db import db
from desk.models import Case
from notices.outbox import send
from taxonomy.vocabulary import vocabulary
from therapists.check_freshness import has_an_entry
from therapists.check_models import PracticeCheck
from therapists.credential_states import LIVE
from therapists.models import Credential
from therapists.standing import CHECKED_WITHIN, NEW_CLIENTS_STOP_AFTER, RECHECK_EVERY, RELATIONS_STAND_FOR


@dataclass(frozen=True)
class Late:
    """One look that should have been made by `due_at`, and who has taken it on."""

    therapist_id: int
    owner_id: int | None
    due_at: datetime


def tell_overdue(*, now: datetime) -> None:
    """One letter to each verifier who has late looks of their own, or whom nobody spares the looks that are nobody's."""
    late = [*_registers(now), *_screens(now)]
    if not late:
        return
    verifiers, admins = _with_role("verifier"), _with_role("admin")
    for verifier in verifiers:
        told = [each for each in late if each.therapist_id != verifier]
        # What somebody holds who is no verifier any more is nobody's.
        nobodys = [each for each in told if each.owner_id not in verifiers]
        _tell(verifier, [each for each in told if each.owner_id == verifier], nobodys, now=now)
    unwatched = [each for each in late if not set(verifiers) - {each.therapist_id}]
    for admin in set(admins) - set(verifiers):
        _tell(admin, [], unwatched, now=now)


def _with_role(role: str) -> Sequence[int]:
    return db.session.scalars(select(RoleGrant.person_id).where(RoleGrant.role == role).order_by(RoleGrant.person_id)).all()


def _tell(person_id: int, owned: Collection[Late], unowned: Collection[Late], *, now: datetime) -> None:
    recipient = recipient_of(person_id)
    if recipient is None or not (owned or unowned):
        return
    facts = {
        "owned": len(owned),
        "unowned": len(unowned),
        "days": (now - min(each.due_at for each in (*owned, *unowned))).days + 1,
        "new_clients_stop": NEW_CLIENTS_STOP_AFTER.days,
        "everybody_stops": RELATIONS_STAND_FOR.days,
    }
    once = f"looks-overdue:{now.date()}:{person_id}"
    send(recipient, kind="looks_overdue", template="therapists/looks_overdue", facts=facts, once=once, now=now, person_id=person_id)


def _registers(now: datetime) -> list[Late]:
    """Live entries that we should have looked at again, or verified anew in full."""
    late = or_(Credential.checked_at < now - RECHECK_EVERY, Credential.decided_at < now - CHECKED_WITHIN)
    wanted = select(Credential.therapist_id, Case.owner_id, Credential.checked_at, Credential.decided_at)
    wanted = wanted.outerjoin(Case, _open_case("credential", Credential.public_id)).where(Credential.state.in_(LIVE), late)
    found = []
    for therapist_id, owner_id, checked_at, decided_at in db.session.execute(wanted):
        due = [since + every for since, every in ((checked_at, RECHECK_EVERY), (decided_at, CHECKED_WITHIN)) if since is not None]
        found.append(Late(therapist_id, owner_id, min(due)))
    return found


def _screens(now: datetime) -> list[Late]:
    """Lists that we should have read again, of everybody who has an entry that counts or waits to."""
    found = []
    for kind in vocabulary().checks.kinds.values():
        if kind.every_days is not None:
            every = timedelta(days=kind.every_days)
            wanted = select(PracticeCheck.therapist_id, Case.owner_id, PracticeCheck.checked_at).outerjoin(Case, _open_case("check", PracticeCheck.public_id))
            wanted = wanted.where(PracticeCheck.kind == kind.slug, PracticeCheck.passed.is_(True), PracticeCheck.checked_at < now - every, has_an_entry())
            found += [Late(therapist_id, owner_id, checked_at + every) for therapist_id, owner_id, checked_at in db.session.execute(wanted) if checked_at]
    return found


def _open_case(subject_kind: str, public_id: Any) -> ColumnElement[bool]:
    about = (Case.kind == "verification") & (Case.subject_kind == subject_kind) & (Case.subject_id == cast(public_id, String))
    return about & (Case.state != "closed")
