"""Attention, kept and counted: a slate is written down as it is shown, days are summed once they are over, and ranking asks what is owed."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CompoundSelect, Double, Integer, any_, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from booking.lifecycle import State
from booking.models import Booking
from core.db import db
from core.reading import Reading
from matching.attention.models import Exposure, ShownSlate
from matching.slate import NO_DEMAND, Demand, Slate, attention
from matching.weights import SLATE
from therapists.models import Therapist

KEPT_FOR = timedelta(days=180)


def keep_slate(shown: Slate, *, weights_version: str, taxonomy_version: str, now: datetime) -> None:
    """Write down who was shown where, and who could have been. The caller asks for it once an intake and day."""
    shown_at = {card.ranked.candidate.therapist_id: (place, card) for place, card in enumerate(shown.cards, 1)}
    deserved = {card.ranked.candidate.therapist_id: part for card, part in shown.contenders}
    rows = [(each, *shown_at.get(each, (None, None)), deserved.get(each, 0.0)) for each in sorted(deserved.keys() | shown_at.keys())]
    db.session.add(
        ShownSlate(
            id=uuid.uuid4(),
            shown_on=now.date(),
            weights_version=weights_version,
            taxonomy_version=taxonomy_version,
            therapist_ids=[row[0] for row in rows],
            places=[row[1] for row in rows],
            roles=[None if row[2] is None else row[2].role for row in rows],
            propensities=[0.0 if row[2] is None else row[2].propensity for row in rows],
            given=[0.0 if row[1] is None else attention(row[1]) for row in rows],
            deserved=[row[3] for row in rows],
        )
    )


def count_days(*, now: datetime) -> None:
    """Sum the days of the window that are over, anew: doing it twice changes nothing. Slates older than half a year go, and days no longer asked about."""
    today = now.date()
    first = today - timedelta(days=SLATE.exposure_days)
    columns = (
        func.unnest(ShownSlate.therapist_ids, type_=BigInteger),
        func.unnest(ShownSlate.places, type_=Integer),
        func.unnest(ShownSlate.given, type_=Double),
        func.unnest(ShownSlate.deserved, type_=Double),
    )
    names = ("therapist_id", "place", "given", "deserved")
    entries = select(ShownSlate.shown_on, *(column.label(name) for column, name in zip(columns, names, strict=True)))
    each = entries.where(ShownSlate.shown_on >= first, ShownSlate.shown_on < today).subquery()
    sums = (
        select(each.c.therapist_id, each.c.shown_on, func.count(each.c.place), func.sum(each.c.given), func.sum(each.c.deserved))
        .join(Therapist, Therapist.person_id == each.c.therapist_id)
        .group_by(each.c.therapist_id, each.c.shown_on)
    )
    db.session.execute(delete(Exposure).where((Exposure.day < today - KEPT_FOR) | ((Exposure.day >= first) & (Exposure.day < today))))
    db.session.execute(insert(Exposure).from_select(["therapist_id", "day", "shown", "given", "deserved"], sums))
    db.session.execute(delete(ShownSlate).where(ShownSlate.shown_on < today - KEPT_FOR))


def _demand() -> CompoundSelect[Any]:
    ids: Any = any_(bindparam("ids", type_=ARRAY(BigInteger)))
    one = func.count(func.distinct(func.coalesce(-Booking.series_id, Booking.id)))
    waiting = select(Booking.therapist_id, one, literal(0.0, Double)).where(
        Booking.therapist_id == ids, Booking.state == State.REQUESTED.value, Booking.lapses_at > bindparam("now")
    )
    owed = select(Exposure.therapist_id, literal(0, BigInteger), func.sum(Exposure.deserved - Exposure.given)).where(
        Exposure.therapist_id == ids, Exposure.day >= bindparam("since"), Exposure.day < bindparam("today")
    )
    return waiting.group_by(Booking.therapist_id).union_all(owed.group_by(Exposure.therapist_id))


_DEMAND = Reading(_demand())


def demand_of(therapist_ids: Collection[int], *, now: datetime) -> dict[int, Demand]:
    """Requests that wait for their answer (a series is one), and attention owed over the 14 days before today; whoever has neither is missing. One query."""
    if not therapist_ids:
        return {}
    today, found = now.date(), dict[int, Demand]()
    given = {"ids": list(therapist_ids), "now": now, "today": today, "since": today - timedelta(days=SLATE.exposure_days)}
    for therapist_id, pending, owed in _DEMAND.tuples(given):
        before = found.get(therapist_id, NO_DEMAND)
        found[therapist_id] = Demand(before.pending + pending, before.owed + owed)
    return found
