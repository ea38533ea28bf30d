"""What therapists are called, for papers of packages that know persons only. Connected by the assembly."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from core.db import db
from therapists.models import Therapist


def names_of(person_ids: Collection[int]) -> Mapping[int, str]:
    """By person id; whoever is no therapist is left out."""
    rows = db.session.execute(select(Therapist.person_id, Therapist.display_name).where(Therapist.person_id.in_(person_ids)))
    return {row.person_id: row.display_name for row in rows}
