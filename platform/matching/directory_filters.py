"""What the directory can be asked for, and what of it the database judges by its indexes.

Filters read published things alone: an identity statement that is not published, a hold's reason or a style answer is reached by none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Date, DateTime, String, and_, any_, bindparam, exists, func, literal_column, not_, or_, select

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
    population: str | None = None
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


class Conditions(NamedTuple):
    """What the database judges by its indexes, and the values of its parameters. Questions of one shape have the very same `rules`, built once."""

    rules: tuple[ColumnElement[bool], ...]
    given: dict[str, Any]


def conditions(filters: Filters, *, now: datetime) -> Conditions:
    """For a statement over therapists: everything that was asked, as far as the database can judge it."""
    # A day of slack either way covers every zone; `is_listed` and the law decide exactly.
    given: dict[str, Any] = {"now": now, "current_since": (now - timedelta(days=1)).date()}
    given |= {name: value for name in _WORDS if (value := getattr(filters, name)) is not None}
    given |= {name: [value] for name in _LISTS if (value := getattr(filters, name)) is not None}
    marks = {f"accepting {filters.accepting}", "concession" if filters.concession else ""}
    if filters.place is not None:
        given["places"] = [filters.place, filters.place.split("-")[0]]
    if filters.identity is not None:
        given |= {"identity_kind": filters.identity[0], "identity_value": filters.identity[1]}
    if filters.ceiling is not None:
        given |= {"ceiling": filters.ceiling.amount, "currency": filters.ceiling.currency}
    if filters.words:
        given["words"] = " ".join(phrase(filters.words))
    if named := phrase(filters.name):
        given |= _named(named)
    return Conditions(_rules(frozenset(given) | marks), given)


def session_rules(filters: Filters) -> Sequence[ColumnElement[bool]]:
    """One session that is offered meets unit, mode and fee together; a concession counts only where it was asked for. Parameters as in `conditions`."""
    asked = {"unit": filters.unit, "mode": filters.mode, "ceiling": filters.ceiling, "concession": filters.concession}
    return _session_rules(frozenset(name for name, value in asked.items() if value))


_WORDS, _LISTS = ("language", "concern", "modality", "unit", "mode"), ("age_band", "insurer", "access", "population")
_NOW = bindparam("now", type_=DateTime(timezone=True))


def _listed(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=ARRAY(String))


def _row(table: Any, *rules: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.therapist_id == Therapist.person_id, *rules)


_CURRENT = and_(Credential.state.in_(LIVE_STATES), Credential.expires_on >= bindparam("current_since", type_=Date))
_PUBLISHED = (Therapist.published_at.is_not(None), Therapist.held_at.is_(None), or_(Therapist.leaves_at.is_(None), Therapist.leaves_at > _NOW))
_BEGINS = or_(
    Therapist.folded_name.like(bindparam("begins")),
    and_(Therapist.search.bool_op("@@")(func.to_tsquery(SIMPLE, bindparam("word_begins"))), Therapist.folded_name.like(bindparam("holds"))),
)
_RULES: dict[str, ColumnElement[bool]] = {
    "places": _row(Credential, _CURRENT, Credential.jurisdictions.bool_op("&&")(_listed("places"))),
    "language": _row(SpokenLanguage, SpokenLanguage.language == bindparam("language"), SpokenLanguage.level.in_(WORKING_LEVELS)),
    "concern": _row(TreatedConcern, TreatedConcern.concern == bindparam("concern")),
    "modality": _row(OfferedModality, OfferedModality.modality == bindparam("modality")),
    "age_band": Therapist.age_bands.bool_op("@>")(_listed("age_band")),
    "insurer": Therapist.insurers.bool_op("@>")(_listed("insurer")),
    "access": Therapist.access.bool_op("@>")(_listed("access")),
    "population": Therapist.populations.bool_op("@>")(_listed("population")),
    "accepting True": accepting_at(_NOW),
    "accepting False": not_(accepting_at(_NOW)),
    "identity_kind": _row(
        IdentityStatement,
        IdentityStatement.kind == bindparam("identity_kind"),
        IdentityStatement.value == bindparam("identity_value"),
        IdentityStatement.relation == "shares",
        IdentityStatement.published.is_(True),
    ),
    "words": Therapist.search.bool_op("@@")(func.plainto_tsquery(SIMPLE, bindparam("words", type_=String))),
    "begins": _BEGINS,
    "alike": Therapist.person_id == any_(bindparam("alike", type_=ARRAY(BigInteger))),
}
_REDUCED = exists().where(Concession.service_id == Service.id, Concession.fee_amount <= bindparam("ceiling"))


@cache
def _rules(asked: frozenset[str]) -> tuple[ColumnElement[bool], ...]:
    rules = [*_PUBLISHED, *(rule for name, rule in _RULES.items() if name in asked)]
    if "places" not in asked:
        rules.append(_row(Credential, _CURRENT))
    if session := asked & {"unit", "mode", "ceiling", "concession"}:
        rules.append(_row(Service, *_session_rules(session)))
    return tuple(rules)


@cache
def _session_rules(asked: frozenset[str]) -> Sequence[ColumnElement[bool]]:
    rules: list[ColumnElement[bool]] = [Service.active.is_(True), Service.kind == "session"]
    if "unit" in asked:
        rules.append(Service.unit == bindparam("unit"))
    if "mode" in asked:
        rules.append(Service.mode == bindparam("mode"))
    if "ceiling" in asked:
        fits = Service.fee_amount <= bindparam("ceiling")
        rules += [Service.fee_currency == bindparam("currency"), or_(fits, _REDUCED) if "concession" in asked else fits]
    elif "concession" in asked:
        rules.append(exists().where(Concession.service_id == Service.id))
    return tuple(rules)


def _named(words: Sequence[str]) -> dict[str, Any]:
    """Names that begin so, or hold a word that does; where there is none, names that look like it."""
    folded = " ".join(words)
    # Folded words hold letters and digits alone: nothing in them is a sign to LIKE or to a text query.
    begins = {"begins": f"{folded}%", "word_begins": " & ".join(f"{word}:*" for word in words), "holds": f"%{folded}%"}
    if db.session.scalar(select(Therapist.person_id).where(_BEGINS, Therapist.published_at.is_not(None)).limit(1), begins) is not None:
        return begins
    everybody = select(Therapist.person_id, Therapist.folded_name).where(Therapist.published_at.is_not(None))
    names = {row.person_id: row.folded_name for row in db.session.execute(everybody)}
    like = process.extract(folded, names, scorer=fuzz.WRatio, score_cutoff=LIKE_A_NAME, limit=MOST_NAMES)
    return {"alike": [person_id for _, _, person_id in like]}
