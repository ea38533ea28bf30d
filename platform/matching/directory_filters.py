"""What the directory can be asked for, and what of it the database judges by its indexes.

Filters read published things alone: an identity statement that is not published, a hold's reason or a style answer is reached by none of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import ARRAY, ColumnElement, String, and_, cast, exists, func, literal_column, not_, or_, select

from core.db import db
from core.money import Money
from taxonomy.words import phrase
from therapists.accepting import accepting_at
from therapists.models import Concession, Credential, IdentityStatement, OfferedModality, Service, SpokenLanguage, Therapist, TreatedConcern
from therapists.publication import suffices
from therapists.required_checks import may_see_minors
from therapists.standing import ADULT_BANDS, LIVE_STATES, Standing

LIKE_A_NAME = 72
MOST_NAMES = 200
SIMPLE: ColumnElement[Any] = literal_column("'simple'::regconfig")
WORKING_LEVELS = ("native", "working")


@dataclass(frozen=True)
class Filters:
    """What was asked. None and empty: not asked. `service` facts (unit, mode, fee) have to meet in one session that is offered."""

    place: str | None = None
    language: str | None = None
    concern: str | None = None
    modality: str | None = None
    unit: str | None = None
    mode: str | None = None
    age_band: str | None = None
    ceiling: Money | None = None
    concession: bool = False
    insurer: str | None = None
    access: str | None = None
    identity: tuple[str, str] | None = None
    accepting: bool | None = None
    opening_within: timedelta | None = None
    name: str = ""
    words: str = ""


def is_shown_to(standing: Standing, filters: Filters, *, now: datetime) -> bool:
    """What only the rules can judge, but for the law of the place: everything that was checked still holds, for the age that was named too."""
    return suffices(standing, now=now) and (not for_minors(filters) or may_see_minors(standing, now, now=now))


def for_minors(filters: Filters) -> bool:
    """Whether people under 18 are asked for."""
    return filters.age_band is not None and filters.age_band not in ADULT_BANDS


def conditions(filters: Filters, *, now: datetime) -> list[ColumnElement[bool]]:
    """Everything that the database can judge by its indexes."""
    asked: list[ColumnElement[bool] | None] = [
        Therapist.published_at.is_not(None),
        Therapist.held_at.is_(None),
        or_(Therapist.leaves_at.is_(None), Therapist.leaves_at > now),
        _current(filters.place, now),
        _row(SpokenLanguage, SpokenLanguage.language, filters.language, SpokenLanguage.level.in_(WORKING_LEVELS)),
        _row(TreatedConcern, TreatedConcern.concern, filters.concern),
        _row(OfferedModality, OfferedModality.modality, filters.modality),
        _list("@>", Therapist.age_bands, filters.age_band) if filters.age_band else None,
        _list("@>", Therapist.insurers, filters.insurer) if filters.insurer else None,
        _list("@>", Therapist.access, filters.access) if filters.access else None,
        _accepting(filters.accepting, now),
        _identity(filters.identity),
        _session(filters),
        _named(filters.name),
        Therapist.search.bool_op("@@")(func.plainto_tsquery(SIMPLE, " ".join(phrase(filters.words)))) if filters.words else None,
    ]
    return [each for each in asked if each is not None]


def _current(place: str | None, now: datetime) -> ColumnElement[bool]:
    # A day of slack either way covers every zone; `is_listed` and the law decide exactly.
    rules = [Credential.therapist_id == Therapist.person_id, Credential.state.in_(LIVE_STATES), Credential.expires_on >= (now - timedelta(days=1)).date()]
    if place is not None:
        rules.append(_list("&&", Credential.jurisdictions, place, place.split("-")[0]))
    return exists().where(and_(*rules))


def _list(operator: str, column: Any, *words: str) -> ColumnElement[bool]:
    """``@>``: the list holds all of these words; ``&&``: at least one."""
    theirs: ColumnElement[bool] = column.bool_op(operator)(cast(list(words), ARRAY(String)))
    return theirs


def _row(table: Any, column: Any, slug: str | None, *more: ColumnElement[bool]) -> ColumnElement[bool] | None:
    return exists().where(table.therapist_id == Therapist.person_id, column == slug, *more) if slug is not None else None


def _accepting(asked: bool | None, now: datetime) -> ColumnElement[bool] | None:
    if asked is None:
        return None
    return accepting_at(now) if asked else not_(accepting_at(now))


def _identity(asked: tuple[str, str] | None) -> ColumnElement[bool] | None:
    if asked is None:
        return None
    theirs = IdentityStatement.therapist_id == Therapist.person_id
    return exists().where(
        theirs, IdentityStatement.kind == asked[0], IdentityStatement.value == asked[1], IdentityStatement.relation == "shares", IdentityStatement.published
    )


def _session(filters: Filters) -> ColumnElement[bool] | None:
    if not (filters.unit or filters.mode or filters.ceiling or filters.concession):
        return None
    return exists().where(Service.therapist_id == Therapist.person_id, *session_rules(filters))


def session_rules(filters: Filters) -> list[ColumnElement[bool]]:
    """One session that is offered meets unit, mode and fee together; a concession counts only where it was asked for."""
    rules: list[ColumnElement[bool]] = [Service.active.is_(True), Service.kind == "session"]
    if filters.unit:
        rules.append(Service.unit == filters.unit)
    if filters.mode:
        rules.append(Service.mode == filters.mode)
    if filters.ceiling is not None:
        fits = Service.fee_amount <= filters.ceiling.amount
        reduced = exists().where(Concession.service_id == Service.id, Concession.fee_amount <= filters.ceiling.amount)
        rules += [Service.fee_currency == filters.ceiling.currency, or_(fits, reduced) if filters.concession else fits]
    elif filters.concession:
        rules.append(exists().where(Concession.service_id == Service.id))
    return rules


def _named(name: str) -> ColumnElement[bool] | None:
    """Names that begin so, or hold a word that does; where there is none, names that look like it."""
    folded = " ".join(phrase(name))
    if not folded:
        return None
    starts = Therapist.folded_name.startswith(folded, autoescape=True)
    words = Therapist.search.bool_op("@@")(func.to_tsquery(SIMPLE, " & ".join(f"{word}:*" for word in phrase(name))))
    begins = or_(starts, and_(words, Therapist.folded_name.contains(folded, autoescape=True)))
    if db.session.scalar(select(Therapist.person_id).where(begins, Therapist.published_at.is_not(None)).limit(1)) is not None:
        return begins
    everybody = select(Therapist.person_id, Therapist.folded_name).where(Therapist.published_at.is_not(None))
    names = {row.person_id: row.folded_name for row in db.session.execute(everybody)}
    like = process.extract(folded, names, scorer=fuzz.WRatio, score_cutoff=LIKE_A_NAME, limit=MOST_NAMES)
    return Therapist.person_id.in_([person_id for _, _, person_id in like])
