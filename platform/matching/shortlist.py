"""The acts that show therapists: make a shortlist, read it again, see everybody who is eligible.

A stored shortlist keeps its order and the versions it came from, but never brings back somebody who may not be shown any more.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select

from care.asking import known_of
from care.nearby_help import crisis_help_for
from core import audit
from core.db import db
from core.errors import NotFound
from core.reading import Reading
from core.writing import Writing
from matching.attention.count import demand_of, keep_slate
from matching.cards import card_of, relax_of
from matching.faces import Shown
from matching.intake import Visitor, come_back, find_intake
from matching.kept_facts import keep_facts
from matching.low_cost import LOW_COST
from matching.models import Intake, Shortlist
from matching.ranking import Ranked
from matching.referral import Referral
from matching.referred import bring_to_desk, referral_json, referral_of
from matching.replay import kept_slate, setting_of
from matching.safety import Gate
from matching.slate import FIT, Demand, Slate, slate
from matching.view import View, require_list, view_of
from matching.weights import SLATE, WEIGHTS
from taxonomy.vocabulary import vocabulary

# With fewer than this, what one relaxed wish would change is told too.
FEW = 3
Json = dict[str, Any]

_NAMES = tuple(column.name for column in Shortlist.__table__.columns if column.name != "id")
_STORE = Writing(insert(Shortlist).inline().values({name: bindparam(f"its_{name}") for name in _NAMES}))
_ONE: Select[Any] = select(Shortlist.id).where(Shortlist.intake_id == bindparam("intake_id"), Shortlist.made_at >= bindparam("today")).limit(1)
_MADE = Reading(_ONE)

TEXTS = {
    "list": "These therapists may work with you where you will be, and have time. Closest to what you asked for come first; each says what does not fit.",
    "empty": "Nobody fits everything that is a must at the moment. Below is what would change that, and other help.",
    "person": "A person looks at this with you, because a list alone would not be right here. They answer as soon as somebody is at the desk.",
    "assisted": "Somebody of our desk suggests these to you, out of all who may work with you and have time. You decide; nobody is booked before you do.",
    "other_service": "What you are looking for is a different service than therapy: a doctor can prescribe medication, and a clinic or doctor can assess.",
}


def make_shortlist(public_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> Json:
    """The best fitting few with their reasons, stored; or what there is when a list is not the answer. Refuses as `view.require_list`."""
    intake = come_back(public_id, visitor, now=now)
    known = known_of(intake.person_id, now=now)
    gate = require_list(intake, now=now, known=known)
    shortlist = Shortlist(public_id=uuid.uuid4(), intake_id=intake.id, made_at=now, revision=intake.revision)
    shortlist.weights_version, shortlist.taxonomy_version = WEIGHTS.version, vocabulary().version
    seen = referral_of(intake, known) or view_of(intake, gate, now=now, known=known)
    shown: Json
    if isinstance(seen, Referral):
        shown = {"kind": seen.kind, "cards": []}
        bring_to_desk(intake.person_id, seen, about=intake.public_id, now=now)
    else:
        shown = _shown(seen, intake)
    shortlist.shown = shown
    _STORE.run({f"its_{name}": getattr(shortlist, name) for name in _NAMES})
    audit.record("matching.shortlist_made", subject=("intake", intake.public_id), shortlist=str(shortlist.public_id))
    return _body(shortlist, intake, gate, seen, shown["cards"], now=now)


def read_shortlist(public_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> Json:
    """The newest shortlist in its order, with openings as they are now. NotFound before there is one; refuses as `view.require_list`."""
    intake = find_intake(public_id, visitor, now=now)
    newest = select(Shortlist).where(Shortlist.intake_id == intake.id).order_by(Shortlist.made_at.desc(), Shortlist.id.desc()).limit(1)
    shortlist = db.session.scalars(newest).one_or_none()
    if shortlist is None:
        raise NotFound
    known = known_of(intake.person_id, now=now)
    gate = require_list(intake, now=now, known=known)
    seen = referral_of(intake, known) or view_of(intake, gate, now=now, known=known)
    return _body(shortlist, intake, gate, seen, (shortlist.shown or {})["cards"], now=now)


def eligible(public_id: uuid.UUID, visitor: Visitor, *, start: int, limit: int, now: datetime) -> tuple[list[Json], bool]:
    """Everybody who may treat this person, fits every must and has time: cards from position `start` on, and whether there are more."""
    intake = find_intake(public_id, visitor, now=now)
    known = known_of(intake.person_id, now=now)
    gate = require_list(intake, now=now, known=known)
    if referral_of(intake, known) is not None:
        return [], False
    view = view_of(intake, gate, now=now, known=known)
    page = view.page(start, limit)
    cards = [card_of(each, view.occasion, position=start + number) for number, each in enumerate(page, 1)]
    return cards, start + limit < view.count


def _shown(view: View, intake: Intake) -> Json:
    """Choose the cards. What the row keeps is enough to see later what was shown and why, and to make it again (`replay`)."""
    ranked, demand, made = view.agreed(lambda: _slate(view))
    if made.cards and _is_first_today(intake, now=view.occasion.now):
        keep_slate(made, weights_version=WEIGHTS.version, taxonomy_version=vocabulary().version, now=view.occasion.now)
    found, fitting = view.listing_of(ranked)
    kept, versions = kept_slate(view.occasion, found, made, demand, vocabulary=vocabulary(), fitting=fitting, versions=view.version_of)
    keep_facts(versions, now=view.occasion.now)
    return {"kind": "list" if ranked else "empty"} | kept


def _slate(view: View) -> tuple[Sequence[Ranked], dict[int, Demand], Slate]:
    ranked = view.first(SLATE.pool)
    demand = demand_of([each.candidate.therapist_id for each in ranked], now=view.occasion.now)
    return ranked, demand, slate(ranked, demand, setting_of(view.occasion), vocabulary=vocabulary(), judge=lambda each: view.shown(each).ranked)


def _is_first_today(intake: Intake, *, now: datetime) -> bool:
    """Whoever makes the same list again and again takes no more attention than by one."""
    return not _MADE.tuples({"intake_id": intake.id, "today": datetime(now.year, now.month, now.day, tzinfo=UTC)})


def _body(shortlist: Shortlist, intake: Intake, gate: Gate, seen: View | Referral, cards: Sequence[Json], *, now: datetime) -> Json:
    """Ready for `schemas.ShortlistSchema`. The kept order, without whoever is not on the list any more."""
    view, instead = (None, seen) if isinstance(seen, Referral) else (seen, None)
    roles = {card["key"]: card["role"] for card in cards}
    found = view.of(roles) if view else {}
    if view and not found:
        # With nobody left of what was shown, the list as it is now is what can be said.
        found = {each.ranked.candidate.key: each for each in view.page(0, SLATE.longest)}
    order = [key for key in roles if key in found] or list(found)
    kind = instead.kind if instead is not None else "list" if order else "empty"
    needs_more = kind != "list"
    return {
        "id": shortlist.public_id,
        "made_at": shortlist.made_at,
        "kind": kind,
        "text": TEXTS[kind],
        "referral": referral_json(instead),
        "notes": view.notes() if view else [],
        "answers_changed": shortlist.revision != intake.revision,
        "weights_version": shortlist.weights_version,
        "taxonomy_version": shortlist.taxonomy_version,
        "cards": _cards(view, found, order, roles) if view else [],
        "eligible_count": view.count if view else 0,
        "relax": _relax(view) if view and len(order) < FEW else [],
        "waiting": [{"therapist_id": key, "display_name": name} for key, name in view.waiting()] if view else [],
        "crisis_help": crisis_help_for((intake.answers or {}).get("place"), on=now.date()) if gate.crisis_help or needs_more else None,
        "low_cost_help": list(LOW_COST) if needs_more else [],
    }


def _cards(view: View, found: Mapping[str, Shown], order: list[str], roles: Mapping[str, str]) -> list[Json]:
    return [card_of(found[key], view.occasion, position=number, role=roles.get(key, FIT)) for number, key in enumerate(order, 1)]


def _relax(view: View) -> list[Json]:
    return [relax_of(each, view.occasion) for each in view.relax()]
