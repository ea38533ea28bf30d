"""Counts that are as exact as the list: how many therapists each further word would leave, and how many are verified.

What the database can be sure of it counts; whoever it cannot be sure of (an entry that ends today somewhere, a compact's privilege, a bar) is judged by the
same functions as the list judges. Whether an opening is near enough is looked at on the page alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, String, and_, any_, bindparam, cast, exists, func, not_, or_, select

from core.db import db
from matching.directory_filters import WORKING_LEVELS, Conditions, Filters, conditions, for_minors, is_shown_to, session_rules
from taxonomy.vocabulary import vocabulary
from therapists.authorisation import authorisation
from therapists.check_conditions import is_supported, surely_checked
from therapists.facts import standings
from therapists.models import Credential, OfferedModality, Service, SpokenLanguage, Therapist, TreatedConcern
from therapists.required_checks import supported
from therapists.standing import AUTHORISING_KINDS, BARRING_STATES, CHECKED_WITHIN, COUNTRY_WIDE, LIVE_STATES, NEW_CLIENTS_STOP_AFTER, RECHECK_EVERY, covers


@dataclass(frozen=True)
class Facet:
    """`parameter` of the filters takes the words of `column`; `owner` is the therapist's id beside it."""

    parameter: str
    column: Any
    owner: Any


FACETS = {
    "languages": Facet("language", SpokenLanguage.language, SpokenLanguage.therapist_id),
    "concerns": Facet("concern", TreatedConcern.concern, TreatedConcern.therapist_id),
    "modalities": Facet("modality", OfferedModality.modality, OfferedModality.therapist_id),
    "units": Facet("unit", Service.unit, Service.therapist_id),
    "modes": Facet("mode", Service.mode, Service.therapist_id),
}


_NOT_OUT = Therapist.person_id.not_in(select(func.unnest(bindparam("out", type_=ARRAY(BigInteger)))))


def facet_counts(filters: Filters, *, now: datetime) -> dict[str, dict[str, int]]:
    """For each word, how many the list shows when it is asked with that word in place of what stood there; `opening_within` is left aside."""
    return {name: _counted(facet, filters, now) for name, facet in FACETS.items()}


def _counted(facet: Facet, filters: Filters, now: datetime) -> dict[str, int]:
    nothing: dict[str, Any] = {facet.parameter: None}
    base = replace(filters, **nothing)
    rules: Sequence[ColumnElement[bool]] = []
    if facet.column.class_ is Service:
        rules = session_rules(base)
    elif facet.column.class_ is SpokenLanguage:
        rules = [SpokenLanguage.level.in_(WORKING_LEVELS)]
    if facet.parameter != "mode" or filters.place is None:
        return _by_word(facet, base, rules, not_shown(base, now=now), now)
    # The law looks at how people meet: each way has its own answer.
    ways = _by_word(facet, base, rules, (), now)
    counts = {way: _by_word(facet, base, [*rules, Service.mode == way], not_shown(replace(base, mode=way), now=now), now) for way in ways}
    return {way: count[way] for way, count in counts.items() if way in count}


def _by_word(facet: Facet, base: Filters, rules: Sequence[ColumnElement[bool]], out: Collection[int], now: datetime) -> dict[str, int]:
    rules_of_list, given = _listed(base, out, now)
    left = select(Therapist.person_id).where(*rules_of_list)
    rows = select(facet.column, func.count(facet.owner.distinct())).where(facet.owner.in_(left), *rules).group_by(facet.column).order_by(facet.column)
    return {row[0]: row[1] for row in db.session.execute(rows, given)}


def verified_count(*, now: datetime) -> tuple[int, int]:
    """(therapists, countries) that the whole list shows today: from current credentials alone."""
    rules, given = _listed(Filters(), not_shown(Filters(), now=now), now)
    shown = select(func.count(), func.count(Therapist.country.distinct())).where(*rules)
    therapists, countries = db.session.execute(shown, given).one()
    return therapists, countries


def _listed(filters: Filters, out: Collection[int], now: datetime) -> Conditions:
    rules, given = conditions(filters, now=now)
    return Conditions((*rules, _NOT_OUT), given | {"out": list(out)})


def not_shown(filters: Filters, *, now: datetime) -> list[int]:
    """Whom the database leaves on the list, and the rules take off it: lapsed where they are, barred, or not allowed in the place."""
    rules, given = conditions(filters, now=now)
    doubtful = select(Therapist.person_id).where(*rules, not_(and_(_surely(filters.place, now), surely_checked(minors=for_minors(filters), now=now))))
    ids = list(db.session.scalars(doubtful, given))
    standing, modes = standings(ids), [filters.mode or "video"]
    stay = {each for each in ids if is_shown_to(standing[each], filters, now=now)}
    if filters.place is not None:
        stay = {each for each in stay if authorisation(supported(standing[each], now, now=now), filters.place, modes, now, now=now).is_given}
    return [each for each in ids if each not in stay]


def _surely(place: str | None, now: datetime) -> ColumnElement[bool]:
    """Enough to be shown, in every zone of the world and by itself; never needed. Nothing speaks against the therapist."""
    own = Credential.therapist_id == Therapist.person_id
    rules = [
        Credential.state.in_(LIVE_STATES),
        Credential.expires_on >= (now + timedelta(days=1)).date(),
        Credential.checked_at.between(now - RECHECK_EVERY - NEW_CLIENTS_STOP_AFTER, now),
        Credential.decided_at.between(now - CHECKED_WITHIN, now),
        (Credential.register + "/" + Credential.credential_type) == any_(cast(_practising(place), ARRAY(String))),
    ]
    if place is not None:
        codes = [place, *(code for code, places in COUNTRY_WIDE.items() if place in places)]
        rules.append(Credential.jurisdictions.bool_op("&&")(cast(codes, ARRAY(String))))
    against = exists().where(own, or_(Credential.restricted, Credential.state.in_(BARRING_STATES)))
    return exists().where(own, *rules, is_supported(now=now)) & ~against


@cache
def _practising(place: str | None) -> list[str]:
    """Titles, as register/title, that let their holder practise by themselves: no additions to a licence; with a place, of registers that reach it."""
    return [
        f"{register.slug}/{title.slug}"
        for register in vocabulary().registers.values()
        if register.accepted_for_practice and not register.add_on_to and register.kind in AUTHORISING_KINDS
        if place is None or covers(register.jurisdictions, place)
        for title in register.credential_types
        if title.practice in ("independent", "supervised")
    ]
