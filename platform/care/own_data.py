"""What a client takes along from here. Why a therapist does not see them is the therapist's, and stays out."""

from sqlalchemy import select

from accounts.own_data import Part, plain
from care.invitation_models import ClientInvitation
from care.models import HIDING, Attendance, CareRelation, Conflict, Place, SafetyPause, SafetyRecord
from core.db import db
from therapists.names import names_of


def places(person_id: int) -> Part:
    """Where they said that they are."""
    rows = db.session.scalars(select(Place).where(Place.person_id == person_id).order_by(Place.id))
    return [plain(row, "jurisdiction", "zone", "valid_from", "stated_at", "source") for row in rows]


def attendance(person_id: int) -> Part:
    """Age band, and needs that ask for a competence."""
    rows = db.session.scalars(select(Attendance).where(Attendance.person_id == person_id))
    return [plain(row, "age_band", "needs", "stated_at") for row in rows]


def therapists(person_id: int) -> Part:
    """Whom they know, and whom they left out of their lists."""
    known = db.session.scalars(select(CareRelation).where(CareRelation.client_id == person_id).order_by(CareRelation.id)).all()
    left_out = select(Conflict).where(Conflict.client_id == person_id, Conflict.reason.in_(HIDING)).order_by(Conflict.id)
    hidden = db.session.scalars(left_out).all()
    invited = db.session.scalars(select(ClientInvitation).where(ClientInvitation.client_id == person_id).order_by(ClientInvitation.id)).all()
    names = names_of([*(row.therapist_id for row in known), *(row.therapist_id for row in hidden), *(row.therapist_id for row in invited)])
    return [
        *(plain(row, "unit", "state", "origin", "opened_at", "changed_at", "end_reason", therapist=names.get(row.therapist_id)) for row in known),
        *(plain(row, "since", "ends_at", therapist=names.get(row.therapist_id), state="left_out") for row in hidden),
        *(plain(row, "created_at", "ended_at", therapist=names.get(row.therapist_id), state="invited", outcome=row.outcome) for row in invited),
    ]


def safety(person_id: int) -> Part:
    """What is kept of their answers about safety, and when requests stood still."""
    kept = db.session.scalars(select(SafetyRecord).where(SafetyRecord.person_id == person_id))
    pauses = db.session.scalars(select(SafetyPause).where(SafetyPause.person_id == person_id).order_by(SafetyPause.id))
    return [*(plain(row, "asked_at", "settled_at", "said") for row in kept), *(plain(row, "paused_at", "lifted_at", "outcome") for row in pauses)]
