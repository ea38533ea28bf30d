"""Which reminders somebody wants, as they chose."""

from collections.abc import Collection, Sequence

from sqlalchemy.dialects.postgresql import insert

from booking.reminders.models import HOURS_BEFORE, ReminderChoice
from core.db import db


def reminders_of(person_id: int) -> Sequence[int]:
    """Elapsed hours before the start at which this person is reminded; both for whoever has not chosen."""
    choice = db.session.get(ReminderChoice, person_id, populate_existing=True)
    return HOURS_BEFORE if choice is None else choice.hours_before


def choose_reminders(person_id: int, hours_before: Collection[int]) -> Sequence[int]:
    """From now on these, out of `HOURS_BEFORE`, also for appointments that were made before; none for an empty choice."""
    chosen = [hours for hours in HOURS_BEFORE if hours in hours_before]
    row = insert(ReminderChoice).values(person_id=person_id, hours_before=chosen)
    db.session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_={"hours_before": chosen}))
    return chosen
