"""What is checked about a therapist beyond the register's entry: which kinds of check there are, and which country asks for which. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # vocabulary.py calls this module
    from taxonomy.vocabulary import Vocabulary

EVERYWHERE = "*"
# always: of everybody; supervision: of whom a register, or a title, demands it; minors: for work with people under 18.
Demand = Literal["always", "supervision", "minors"]
# document: it has a last day of its own; screen: we look again every so many days; signature: a version of our own text was signed.
Renewal = Literal["document", "screen", "signature"]


@dataclass(frozen=True)
class CheckKind:
    """One kind of check. A document's last day lies at most `longest_months` after the look; a screen is repeated every `every_days`.

    `next_step` tells the therapist what to do where it is missing; `takes_proof` says that files may be sent for it.
    """

    slug: str
    label: str
    demand: Demand
    renewal: Renewal
    next_step: str
    takes_proof: bool
    source: str
    as_of: str
    longest_months: int | None = None
    every_days: int | None = None


@dataclass(frozen=True)
class CheckRule:
    """That countries (`*`: every one without a rule of its own) ask for a check, and what is looked for there.

    `registers` are those that demand supervision of all their members.
    """

    check: str
    countries: tuple[str, ...]
    body: str
    source: str
    as_of: str
    address: str | None = None
    registers: tuple[str, ...] = ()


@dataclass(frozen=True)
class RequiredChecks:
    """All kinds by slug, and the rules. `signed_by` is None while the table is a draft."""

    kinds: dict[str, CheckKind]
    rules: tuple[CheckRule, ...]
    signed_by: str | None

    def rule(self, check: str, country: str) -> CheckRule | None:
        """The rule of the country, else that of every country; None: not asked for there."""
        ours = [rule for rule in self.rules if rule.check == check]
        return next((rule for wanted in (country, EVERYWHERE) for rule in ours if wanted in rule.countries), None)

    @property
    def supervising(self) -> frozenset[str]:
        """Registers that demand supervision of all their members."""
        return frozenset(register for rule in self.rules for register in rule.registers)

    def of_demand(self, demand: Demand) -> tuple[CheckKind, ...]:
        return tuple(kind for kind in self.kinds.values() if kind.demand == demand)


def complaints_about_checks(v: Vocabulary) -> Iterator[str]:
    """What contradicts itself: above all, work with minors or an unknown country must never be left without a rule."""
    checks, countries = v.checks, {place.country for place in v.jurisdictions.values()}
    for kind in checks.kinds.values():
        where = f"required_checks: {kind.slug}"
        yield from _kind_complaints(kind, where)
        if kind.demand != "always" and checks.rule(kind.slug, EVERYWHERE) is None:
            yield f"{where}: no rule for every country"
        if kind.source not in v.sources["required_checks"]:
            yield f"{where}: source: {kind.source} does not exist"
    for rule in checks.rules:
        yield from _rule_complaints(rule, v, countries)
    named = [(rule.check, country) for rule in checks.rules for country in rule.countries]
    yield from (f"required_checks: {check}: two rules for {country}" for check, country in sorted(set(named)) if named.count((check, country)) > 1)


def _kind_complaints(kind: CheckKind, where: str) -> Iterator[str]:
    if (kind.renewal == "document") != ((kind.longest_months or 0) > 0) or (kind.renewal == "screen") != ((kind.every_days or 0) > 0):
        yield f"{where}: a document has a longest term, a screen a rhythm, and nothing else has either"
    if kind.takes_proof and kind.renewal != "document":
        yield f"{where}: only a document is proved by files"


def _rule_complaints(rule: CheckRule, v: Vocabulary, countries: Collection[str]) -> Iterator[str]:
    where = f"required_checks: {rule.check} in {', '.join(rule.countries)}"
    kind = v.checks.kinds.get(rule.check)
    if kind is None:
        yield f"{where}: no such check"
    elif rule.registers and kind.demand != "supervision":
        yield f"{where}: only supervision is demanded by registers"
    if not rule.countries:
        yield f"{where}: no country"
    yield from (f"{where}: {country} does not exist" for country in rule.countries if country != EVERYWHERE and country not in countries)
    yield from (f"{where}: {register} does not exist" for register in rule.registers if register not in v.registers)
    if rule.source not in v.sources["required_checks"]:
        yield f"{where}: source: {rule.source} does not exist"
