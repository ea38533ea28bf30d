"""The shares of all rows at once. Pure; the contract of each is the docstring of its namesake in `treatment` and `practicals`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from matching.measured import LEAST, MOST, PER_SD
from matching.snapshot.columns import BETWEEN, Columns
from matching.snapshot.encoding import Flags, Ints, Numbers, Rows, Sets
from matching.snapshot.times import Times, availability, times_of
from matching.treatment import ALL_GOALS, CORE, DECLARED, EVIDENCE_CREDIT, MAIN_CONCERN, NO_EVIDENCE, OTHER_CONCERN, STYLE_WISH, WIDER
from matching.weights import Weights
from matching.wishes import IdentityWish, Wish, Wishes, related_modalities
from taxonomy.vocabulary import Vocabulary

EXPERIENCED = 0.6
# So many concerns take one pass: a bit for each, and one for what is wider. Of few, every way to be listed is known beforehand.
AT_ONCE, FEW = 16, 4
# So many rows for each therapist that is wanted are scored exactly, to know what the others must reach; sums differ by less than `NEAR`.
SEEDS, NEAR = 4, 1e-9


@dataclass(frozen=True)
class Asked:
    """What somebody asks of these rows: services `rows`, the therapists `people` who give them, and how many of their openings count.

    `before` (UTC seconds) ends the openings that count; None where there is no such end. `busy` is the client's own time.
    """

    columns: Columns
    rows: Rows
    people: Rows
    allowed: Ints
    wishes: Wishes
    before: float | None
    now: int
    vocabulary: Vocabulary
    weights: Weights
    busy: Sequence[tuple[int, int]] = ()

    @cached_property
    def times(self) -> Times:
        """The costliest facts: only looked up for rows that need them."""
        return times_of(self.columns, self.rows, self.allowed, self.wishes, before=self.before, busy=self.busy)

    def only(self, chosen: Flags | Rows) -> "Asked":
        """The same of some of the rows: flags for each, or places."""
        return replace(self, rows=self.rows[chosen], people=self.people[chosen], allowed=self.allowed[chosen])


def concern(asked: Asked) -> Numbers | None:
    wishes, vocabulary = asked.wishes, asked.vocabulary
    named = [(wishes.main_concern, MAIN_CONCERN)] if wishes.main_concern else []
    named += [(other, OTHER_CONCERN) for other in wishes.other_concerns]
    goals = [goal for goal in wishes.goals if goal in vocabulary.goals and vocabulary.goals[goal].concerns]
    slugs = tuple(dict.fromkeys([*(slug for slug, _ in named), *(slug for goal in goals for slug in vocabulary.goals[goal].concerns)]))

    def mean(credits_: Mapping[str, Numbers]) -> Numbers | None:
        parts = [(weight, credits_[slug]) for slug, weight in named]
        parts += [(ALL_GOALS / len(goals), np.maximum.reduce([credits_[slug] for slug in vocabulary.goals[goal].concerns])) for goal in goals]
        return _mean(parts)

    if not slugs or len(slugs) > FEW:
        return mean(_concern_credits(asked, slugs))
    # So few concerns are listed in so few ways that the share of each way is found first, and then the way of each row.
    full, listed = _listed(asked, slugs)
    of_each_way = mean(dict(zip(slugs, _credits_of_each_way(len(slugs)), strict=True)))
    assert of_each_way is not None
    return of_each_way.take(full.astype(np.intp) << 2 * len(slugs) | listed)


def style(asked: Asked) -> Numbers | None:
    parts = []
    for name, wished in asked.wishes.style.items():
        if wished is not None and abs(wished) >= STYLE_WISH:
            column = getattr(asked.columns, name)
            read = {value: asked.weights.unknown if value is None else 1.0 - abs(wished - value) / 2 for value in column.values}
            parts.append((1.0, column.each(asked.people, read)))
    return _mean(parts)


def modality(asked: Asked) -> Numbers | None:
    return _mean([(asked.weights.strengths[wish.strength], modality_credits(asked, wish)) for wish in asked.wishes.modalities])


def evidence(asked: Asked) -> Numbers | None:
    main, vocabulary = asked.wishes.main_concern, asked.vocabulary
    if main is None or not vocabulary.is_graded(main):
        return None
    proven = asked.columns.verified_modalities
    credits_: dict[str, float] = {}
    for slug in proven.bits:
        row = vocabulary.evidence_for(main, slug) if vocabulary.serves_unit(slug, asked.wishes.unit) else None
        if row is not None:
            credits_[slug] = EVIDENCE_CREDIT.get(row.grade, NO_EVIDENCE)
    return _highest(proven, asked.people, credits_, NO_EVIDENCE)


def identity(asked: Asked) -> Numbers | None:
    return _mean([(asked.weights.strengths[wish.strength], _known(identity_credits(asked, wish), asked.weights)) for wish in asked.wishes.identity])


def price(asked: Asked) -> Numbers | None:
    wishes, columns = asked.wishes, asked.columns
    accepted = None if wishes.insurer is None else insured(asked)
    if wishes.ceiling is None:
        return None if accepted is None else accepted.astype(np.float64)
    ceiling, fee = wishes.ceiling.amount, fees(asked).astype(np.float64)
    above = np.maximum(0.0, 1.5 - fee / ceiling) if ceiling else 0.0
    value = np.where(fee <= ceiling, 1.0 - 0.5 * fee / max(ceiling, 1), above)
    if columns.currency.values != (wishes.ceiling.currency,):
        value = np.where(columns.currency.equals(asked.rows, wishes.ceiling.currency), value, asked.weights.unknown)
    return value if accepted is None else np.where(accepted, 1.0, value)


def setting(asked: Asked) -> Numbers | None:
    wishes, strengths = asked.wishes, asked.weights.strengths
    parts = [(strengths[wish.strength], asked.columns.languages.touches(asked.people, wish.any_of).astype(np.float64)) for wish in wishes.languages]
    if wishes.modes is not None:
        parts.append((strengths[wishes.modes.strength], mode_fits(asked).astype(np.float64)))
    for wish in wishes.access:
        has = asked.columns.access.touches(asked.people, wish.any_of)
        parts.append((strengths[wish.strength], np.where(has, 1.0, asked.weights.unknown)))
    return _mean(parts)


def responsiveness(asked: Asked) -> Numbers:
    return asked.columns.reliability.numbers(asked.people)


def times(asked: Asked) -> Numbers:
    return availability(asked.columns, asked.rows, asked.people, asked.times, asked.wishes.zone, asked.now)


def outcomes(asked: Asked) -> Numbers | None:
    main = asked.wishes.main_concern
    if main is None:
        return None
    known, unknown = asked.vocabulary.concerns.get(main), asked.weights.unknown
    value = np.full(len(asked.columns.ids), unknown)
    for domain in ((known and known.parent) or main, main):
        if domain in asked.columns.effects:
            people, ends = asked.columns.effects[domain]
            value[people] = np.clip(unknown + PER_SD * ends, LEAST, MOST)
    return np.asarray(value.take(asked.people))


SHARES: Mapping[str, Callable[[Asked], Numbers | None]] = {
    "concern": concern,
    "availability": times,
    "style": style,
    "modality": modality,
    "evidence": evidence,
    "identity": identity,
    "price": price,
    "setting": setting,
    "outcomes": outcomes,
    "responsiveness": responsiveness,
}


def best_totals(asked: Asked, most: int) -> tuple[Asked, Numbers]:
    """As `ranking.score`, for every row that could be among the first `most` therapists.

    Times cost most. All the rest is added up first; the exact scores of the most promising give a bound that others must be able to reach.
    """
    weights = _active(asked)
    soon = weights.pop("availability", 0.0)
    shares = [(weight, share) for name, weight in weights.items() if (share := SHARES[name](asked)) is not None]
    whole = sum(weight for weight, _ in shares) + soon
    rest = np.zeros(len(asked.rows))
    for weight, share in shares:
        rest += weight / whole * share
    if not soon:
        return asked, rest
    part = soon / whole
    if len(rest) > SEEDS * most:
        seeds = np.argpartition(rest, -SEEDS * most)[-SEEDS * most :]
        least = _bound(asked.people[seeds], rest[seeds] + part * times(asked.only(seeds)), most)
        chosen = rest + part >= least - NEAR
        asked, rest = asked.only(chosen), rest[chosen]
    return asked, rest + part * times(asked)


def _bound(people: Rows, scores: Numbers, most: int) -> float:
    """What `most` different therapists reach at least; nothing when these are fewer."""
    order = np.argsort(-scores)
    firsts = np.sort(np.unique(people[order], return_index=True)[1])
    return float(scores[order][firsts[most - 1]]) if len(firsts) >= most else -1.0


def _active(asked: Asked) -> dict[str, float]:
    signed, emphasis = asked.vocabulary.evidence_signed_by is not None, asked.wishes.emphasis
    weights = {each.name: asked.weights.effective(each, emphasis.get(each.name, "normal"), evidence_signed=signed) for each in asked.weights.dimensions}
    return {name: weight for name, weight in weights.items() if weight > 0}


def fees(asked: Asked) -> Numbers:
    """The lowest fee that this person qualifies for."""
    return np.asarray((asked.columns.lowest_fee if asked.wishes.concession else asked.columns.fee).take(asked.rows))


def insured(asked: Asked) -> Flags:
    return asked.columns.insurers.touches(asked.people, [asked.wishes.insurer] if asked.wishes.insurer is not None else [])


def mode_fits(asked: Asked) -> Flags:
    wishes, columns = asked.wishes, asked.columns
    modes = wishes.modes.any_of if wishes.modes is not None else frozenset()
    fits = columns.modes.touches(asked.rows, modes - {"in_person"})
    if "in_person" in modes and wishes.town is not None:
        fits |= columns.modes.touches(asked.rows, ["in_person"]) & columns.town.equals(asked.rows, wishes.town.strip().casefold())
    return fits


def modality_credits(asked: Asked, wish: Wish) -> Numbers:
    """As `wishes.modality_credit`."""
    return _highest(asked.columns.modalities, asked.people, related_modalities(wish.any_of, asked.wishes.unit, asked.vocabulary), 0.0)


def identity_credits(asked: Asked, wish: IdentityWish) -> Numbers:
    """As `wishes.identity_credit`; nan for what is not published."""
    columns, people = asked.columns, asked.people
    wanted = [f"{wish.kind}{BETWEEN}{value}" for value in wish.any_of]
    publishes = columns.shares.touches(people, [each for each in columns.shares.bits if each.partition(BETWEEN)[0] == wish.kind])
    shares = columns.shares.touches(people, wanted)
    if wish.relation == "prefer_not":
        return np.where(publishes, (~shares).astype(np.float64), np.nan)
    experienced = columns.experienced.touches(people, wanted) | columns.experienced_if_asked.touches(people, wanted)
    met = shares | columns.shares_if_asked.touches(people, wanted)
    if wish.relation == "experienced_with":
        return (met | experienced).astype(np.float64)
    return np.where(met, 1.0, np.where(experienced, EXPERIENCED, np.where(publishes, 0.0, np.nan)))


def _concern_credits(asked: Asked, slugs: Sequence[str]) -> dict[str, Numbers]:
    """By concern, as `treatment` credits it; some at once, so that each column is read once for all of them."""
    found: dict[str, Numbers] = {}
    for first in range(0, len(slugs), AT_ONCE):
        some = slugs[first : first + AT_ONCE]
        found |= zip(some, _credits(*_listed(asked, some), len(some)), strict=True)
    return found


def _listed(asked: Asked, slugs: Sequence[str]) -> tuple[Ints, Ints]:
    """For each row a bit for every concern that it has fully, and for every one that it lists, followed by those of which it lists the wider one."""
    columns, people, vocabulary = asked.columns, asked.people, asked.vocabulary
    narrower = [{slug, *(child.slug for child in vocabulary.children_of(slug))} for slug in slugs]
    parents = [{known.parent} if (known := vocabulary.concerns.get(slug)) is not None and known.parent is not None else set[str]() for slug in slugs]
    return columns.full_concerns.masks(people, narrower), columns.all_concerns.masks(people, [*narrower, *parents])


def _credits(full: Ints, listed: Ints, number: int) -> list[Numbers]:
    """For each of so many concerns the credit of each row, out of what `_listed` says."""
    found = []
    for at in range(number):
        own, any_of_it, wider = (bits >> bits.dtype.type(bit) & bits.dtype.type(1) for bits, bit in ((full, at), (listed, at), (listed, number + at)))
        found.append(np.where(own, CORE, np.where(any_of_it, DECLARED, np.where(wider, WIDER, 0.0))))
    return found


@lru_cache(maxsize=FEW)
def _credits_of_each_way(number: int) -> list[Numbers]:
    """`_credits` of every number that `full << 2 * number | listed` can be."""
    ways = np.arange(1 << 3 * number)
    return _credits(ways >> 2 * number, ways, number)


def _highest(sets: Sets, people: Rows, credits_: Mapping[str, float], least: float) -> Numbers:
    """For each row the highest credit of its words, at least `least`."""
    levels = sorted({credit for credit in credits_.values() if credit > least})
    masks = sets.masks(people, [[slug for slug, own in credits_.items() if own == credit] for credit in levels])
    # The highest bit that is set says the level.
    return np.array([least, *levels]).take([mask.bit_length() for mask in range(1 << len(levels))]).take(masks)


def _known(credits_: Numbers, weights: Weights) -> Numbers:
    return np.where(np.isnan(credits_), weights.unknown, credits_)


def _mean(parts: Sequence[tuple[float, Numbers]]) -> Numbers | None:
    if not parts:
        return None
    found = parts[0][0] * parts[0][1]
    for weight, share in parts[1:]:
        found = found + weight * share
    return np.asarray(found / sum(weight for weight, _ in parts))


__all__ = ("SHARES", "Asked", "best_totals", "fees", "identity_credits", "insured", "modality_credits", "mode_fits")
