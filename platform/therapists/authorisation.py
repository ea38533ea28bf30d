"""Why a therapist may, or may not, treat somebody who is in a given place on a given day. Pure; these rules live nowhere else.

The law of the place where the client physically is decides, on the day of the session. Four kinds of ground (reference: matching, 4.5):

- a statutory registration or a protected title, in the places of its law;
- where the title is unregulated, an entry on a register that the vocabulary accepts for the place;
- PSYPACT: a doctoral psychologist with an active APIT, meeting remotely, sitting in the state of their licence, both states members on that day;
- a Counseling Compact privilege: one remote state that issues, while a professional counselor's licence in a state that enacted the compact is live.

Rules for short stays are told and never booked on. A fact that is not known does not hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from core.zones import local_date
from taxonomy.terms import CredentialType, Jurisdiction, Register
from taxonomy.vocabulary import vocabulary
from therapists.grounds import Authorisation, Fact, Ground
from therapists.standing import AUTHORISING_KINDS, LIVE_STATES, CredentialFacts, Standing, counts, covers, is_current

OUR_RECORD = "Our record of a look at the register"
OWN_WORD = "The therapist's own statement"


@dataclass(frozen=True)
class Compact:
    """What a compact asks of the state of the licence and of the client's; the names are memberships of the vocabulary."""

    home: str
    place: str
    place_code: str
    sits_at_home: bool


COMPACTS = {
    "psypact": Compact("psypact_member", "psypact_member", "place_takes_part", sits_at_home=True),
    "counseling_compact": Compact("counseling_compact_enacted", "counseling_compact_issuing", "place_issues", sits_at_home=False),
}


class Held(Protocol):
    """As much of a credential as `last_day` needs."""

    @property
    def register(self) -> str: ...
    @property
    def credential_type(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def expires_on(self) -> date | None: ...


def authorisation(standing: Standing, place: str | None, modes: Iterable[str], at: datetime, *, now: datetime) -> Authorisation:
    """Every ground on which this therapist may treat a person in `place` in all of these ways of meeting, in a session at `at`."""
    known = vocabulary().jurisdictions.get(place or "")
    if known is None:
        return Authorisation(place or "", ())
    occasion = _Occasion(standing, known, frozenset(modes), at, now)
    return Authorisation(known.slug, tuple(ground for credential in standing.credentials for ground in occasion.grounds(credential)))


def counting(standing: Standing, at: datetime, *, now: datetime) -> list[CredentialFacts]:
    """The credentials that count for a session at `at`, wherever: additions only with a licence that they are added to."""
    live = [credential for credential in standing.credentials if counts(credential, at, now=now)]
    return [credential for credential in live if not _is_addition(credential) or any(_is_home(credential, each) for each in live)]


def claims_place(standing: Standing, place: str | None) -> bool:
    """Whether any credential, however stale, speaks of this place."""
    return place is not None and any(covers(credential.jurisdictions, place) for credential in standing.credentials)


def last_day(credential: Held, held: Iterable[Held]) -> date | None:
    """The last day of an entry: an addition to a licence ends with the licence it was added to, and without one it never held."""
    if not _is_addition(credential):
        return credential.expires_on
    homes = [each.expires_on for each in held if _is_home(credential, each) and each.state in LIVE_STATES and each.expires_on]
    return min(credential.expires_on, max(homes)) if homes and credential.expires_on else None


def _title(credential: Held) -> CredentialType | None:
    register = vocabulary().registers.get(credential.register)
    return register.credential_type(credential.credential_type) if register else None


def _is_addition(credential: Held) -> bool:
    register = vocabulary().registers.get(credential.register)
    return register is not None and bool(register.add_on_to)


def _is_home(addition: Held, licence: Held) -> bool:
    register, title = vocabulary().registers[addition.register], _title(addition)
    return title is not None and licence.register in register.add_on_to and licence.credential_type in title.builds_on


@dataclass(frozen=True)
class _Occasion:
    standing: Standing
    place: Jurisdiction
    modes: frozenset[str]
    at: datetime
    now: datetime

    @property
    def day(self) -> date:
        """The day of the session where the client is."""
        return local_date(self.place.main_zone, int(self.at.timestamp()))

    def grounds(self, credential: CredentialFacts) -> Iterator[Ground]:
        register = vocabulary().registers.get(credential.register)
        if register is None:
            return
        title = register.credential_type(credential.credential_type)
        if not register.add_on_to:
            yield self._ground(credential, register, title, _rule_of(register), ())
            yield from self._visits(credential, register, title)
        elif title is not None and register.slug in COMPACTS:
            licences = [each for each in self.standing.credentials if _is_home(credential, each) and not each.supervised and self._counts(each)]
            homes: list[tuple[CredentialFacts | None, str]] = [(licence, state) for licence in licences for state in licence.jurisdictions]
            for licence, state in homes or [(None, "")]:
                yield self._ground(credential, register, title, register.slug, self._compact(register, title, licence, state))

    def _ground(self, credential: CredentialFacts, register: Register, title: CredentialType | None, rule: str, more: Iterable[Fact]) -> Ground:
        practises = credential.kind in AUTHORISING_KINDS
        current = self._counts(credential) or (not practises and is_current(credential, self.at, now=self.now))
        checked = credential.checked_at.date().isoformat() if credential.checked_at else None
        reaches = covers(credential.jurisdictions, self.place.slug) and covers(register.jurisdictions, self.place.slug)
        cited = _cited("registers", register.source)
        facts = [
            Fact("entry_current", current, (("register", register.label),), OUR_RECORD, checked),
            Fact("title_practises", practises, (("title", title.label if title else register.label),), cited, register.as_of),
            Fact("register_reaches_place", reaches, (("place", self.place.label),), cited, register.as_of),
            *more,
        ]
        if credential.supervised:
            facts.append(Fact("supervised", holds=True, about=(), source=OUR_RECORD, as_of=checked))
        return Ground(rule, register.slug, credential.credential_type, credential.supervised, tuple(facts))

    def _compact(self, register: Register, title: CredentialType, licence: CredentialFacts | None, state: str) -> Iterator[Fact]:
        """What a compact needs beyond the entry itself: `licence`, which counts, in its `state`; None where there is no such licence."""
        compact = COMPACTS[register.slug]
        home = vocabulary().jurisdictions.get(state)
        name = (("home", home.label if home else "the home state"),)
        checked = licence.checked_at.date().isoformat() if licence and licence.checked_at else None
        yield Fact("home_licence", licence is not None, name, OUR_RECORD, checked)
        yield self._membership("home_takes_part", compact.home, home, name)
        yield self._membership(compact.place_code, compact.place, self.place, (("place", self.place.label),))
        if compact.sits_at_home:
            yield Fact("sits_at_home", home is not None and self.standing.works_from == home.slug, name, OWN_WORD, None)
        cited = _cited("registers", register.source)
        if title.modes:
            yield Fact("way_of_meeting", self.modes <= set(title.modes), (), cited, register.as_of)
        if title.days_a_year:
            yield Fact("not_a_short_stay", holds=False, about=(("days", str(title.days_a_year)),), source=cited, as_of=register.as_of)

    def _membership(self, code: str, membership: str, state: Jurisdiction | None, about: tuple[tuple[str, str], ...]) -> Fact:
        known = state.fact(membership) if state else None
        source = _cited("jurisdictions", known.source) if known else "Nothing is known"
        return Fact(code, state is not None and state.holds(membership, self.day), about, source, known.as_of if known else None)

    def _visits(self, credential: CredentialFacts, register: Register, title: CredentialType | None) -> Iterator[Ground]:
        if covers(credential.jurisdictions, self.place.slug) or not self._counts(credential):
            return
        for visit in self.place.temporary:
            if title is not None and visit.register == register.slug and title.slug in visit.titles:
                source = f"{visit.words} ({_cited('jurisdictions', visit.source)})"
                told = Fact("not_a_short_stay", holds=False, about=(("days", str(visit.days_a_year)),), source=source, as_of=visit.as_of)
                yield Ground("short_stay", register.slug, title.slug, credential.supervised, (told,))

    def _counts(self, credential: CredentialFacts) -> bool:
        return counts(credential, self.at, now=self.now)


def _rule_of(register: Register) -> str:
    return {"statutory": "licence", "protected_title": "protected_title"}.get(register.kind, "accepted_register")


def _cited(document: str, source: str) -> str:
    return vocabulary().sources[document].get(source, source)
