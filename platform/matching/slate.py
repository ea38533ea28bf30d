"""The third layer: from the order of the fit to the three to five cards that are shown. Pure, deterministic for one intake and day, bounded.

What may move a card: a price for places that many ask for, attention owed to whoever was shown less than their fit deserved, at most one card with a
different approach, and now and then one card for somebody new. Nobody comes in who is not on the list, nobody leaves it, and nothing moves far:
the first card scores at most `SlatePolicy.epsilon` below the highest score, every other at most twice that below whoever stands there by fit alone.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, log2

from matching.approach import families_of, likeness
from matching.ranking import Ranked, tie_break
from matching.weights import SLATE, SlatePolicy
from matching.wishes import MODALITY_CREDIT
from taxonomy.vocabulary import Vocabulary

FIT, DIFFERENT, EXPLORING = "fit", "different_approach", "exploring"


@dataclass(frozen=True)
class Demand:
    """What is known about a therapist beside the fit: requests that wait for an answer, and attention owed (deserved − given) over the 14 days before today."""

    pending: int = 0
    owed: float = 0.0


NO_DEMAND = Demand()


@dataclass(frozen=True)
class Card:
    """One place of the slate. `priced` is the score after `price` (≥ 0) and `boost`; `propensity` how likely this card stands in this place.

    `role`: by fit, as a different approach, or exploring (somebody new).
    """

    ranked: Ranked
    priced: float
    price: float
    boost: float
    role: str = FIT
    propensity: float = 1.0


@dataclass(frozen=True)
class Slate:
    """`contenders` are all who could have been shown, with what their fit deserves of the attention; those on a card were given theirs by its place."""

    cards: tuple[Card, ...]
    contenders: tuple[tuple[Card, float], ...]


@dataclass(frozen=True)
class Setting:
    """One intake on one day: the seed of ties and draws, and whether exploring is out of the question (somebody at risk)."""

    seed: str
    day: str
    unit: str
    explores: bool = True


def attention(place: int) -> float:
    """How much of a reader's attention the card at `place` (from 1) gets: 1/log2(1 + place)."""
    return 1.0 / log2(1 + place)


def slate(
    ranked: Sequence[Ranked],
    demand: Mapping[int, Demand],
    setting: Setting,
    *,
    vocabulary: Vocabulary,
    policy: SlatePolicy = SLATE,
    judge: Callable[[Ranked], Ranked] | None = None,
) -> Slate:
    """The cards for a list that is in the order of its fit; `demand` is by therapist id. Only the first `policy.pool` are looked at.

    The list may be scored without reasons; then `judge` gives for each of the few on a card what the specification says, with the same score.
    """
    pool = [_card(each, demand.get(each.candidate.therapist_id, NO_DEMAND), policy) for each in ranked[: policy.pool]]
    ordered = sorted(pool, key=lambda card: (-round(card.priced, 12), tie_break(setting.seed, card.ranked.candidate.key, setting.day)))
    fits = [card.ranked.scored.total for card in pool]
    size = min(policy.longest, len(pool))
    draws = _draws(ordered, fits, size, setting, policy)
    outcomes = [(chance, _filled(ordered, drawn, fits, size, setting, vocabulary, policy)) for drawn, chance in draws]
    drawn = _drawn(draws, setting)
    cards = tuple(
        replace(card, propensity=fsum(chance for chance, other in outcomes if other[place].ranked is card.ranked))
        for place, card in enumerate(outcomes[drawn][1])
    )
    if judge is not None:
        cards = tuple(replace(card, ranked=judge(card.ranked)) for card in cards)
    if cards and not any(offers_wished(card.ranked) is not False for card in cards):
        cards = _with_alternative(cards)
    return Slate(cards, _contenders(ordered, fits, size, policy))


def offers_wished(ranked: Ranked) -> bool | None:
    """Whether they offer one of the kinds of therapy that were asked for, or a wider kind it belongs to; None where none was asked for."""
    found = [finding for reason in ranked.scored.reasons if reason.dimension == "modality" for finding in reason.findings]
    return any((finding.credit or 0.0) >= MODALITY_CREDIT["broader"] for finding in found) if found else None


def price_of(pending: int, free_places: int | None, policy: SlatePolicy = SLATE) -> float:
    """ε/2 · r/(1 + r), with r = requests that wait for each free place: rises with the queue and never beyond ε/2."""
    waiting = pending / max(1, policy.places_without_limit if free_places is None else free_places)
    return policy.epsilon / 2 * waiting / (1 + waiting)


def boost_of(owed: float, policy: SlatePolicy = SLATE) -> float:
    """ε/4 · d/(1 + |d|), with d = attention owed: between −ε/4 and ε/4. With the price, no two cards move by more than ε against each other."""
    return policy.epsilon / 4 * owed / (1 + abs(owed))


def _card(ranked: Ranked, demand: Demand, policy: SlatePolicy) -> Card:
    price, boost = price_of(demand.pending, ranked.candidate.free_places, policy), boost_of(demand.owed, policy)
    return Card(ranked, ranked.scored.total - price + boost, price, boost)


def _draws(ordered: Sequence[Card], fits: Sequence[float], size: int, setting: Setting, policy: SlatePolicy) -> list[tuple[Card | None, float]]:
    """Who may be shown because little is known about them, and how likely each is; nobody for a short list, and never for the first card.

    Only somebody new (`Record.is_new`), and only within ε of whoever stands there by fit.
    """
    if not setting.explores or size < policy.shortest_to_explore:
        return [(None, 1.0)]
    lowest = fits[size - 2] - policy.epsilon
    new = [card for card in ordered[size:] if card.ranked.candidate.record.is_new and card.ranked.scored.total >= lowest]
    chosen = new[: policy.most_explored]
    if not chosen:
        return [(None, 1.0)]
    return [(None, 1.0 - policy.explores), *((card, policy.explores / len(chosen)) for card in chosen)]


def _drawn(draws: Sequence[tuple[Card | None, float]], setting: Setting) -> int:
    """The outcome that this intake draws on this day."""
    number = int.from_bytes(hashlib.sha256(f"{setting.seed}|explore|{setting.day}".encode()).digest()[:8]) / 2**64
    for at, (_, chance) in enumerate(draws):
        number -= chance
        if number < 0:
            return at
    return 0


def _filled(
    ordered: Sequence[Card], drawn: Card | None, fits: Sequence[float], size: int, setting: Setting, vocabulary: Vocabulary, policy: SlatePolicy
) -> list[Card]:
    """The cards of one outcome: an exploring one stands second to last, a different approach last."""
    cards = list(ordered[:size])
    if drawn is not None:
        cards[size - 2] = replace(drawn, role=EXPLORING)
    if size < policy.longest or len(ordered) == size:
        return cards
    shown = {id(card.ranked) for card in cards}
    near = [card for card in ordered if id(card.ranked) not in shown and card.ranked.scored.total >= fits[size - 1] - 2 * policy.epsilon]
    before, last = cards[:-1], cards[-1]
    known = frozenset[str]().union(*(families_of(card.ranked, vocabulary, setting.unit) for card in before))
    others = [card for card in near if (own := families_of(card.ranked, vocabulary, setting.unit)) and not own & known]
    if others and families_of(last.ranked, vocabulary, setting.unit) <= known:

        def worth(card: Card) -> float:
            alike = max(likeness(card.ranked, each.ranked, vocabulary, setting.unit) for each in before)
            return policy.relevance * card.ranked.scored.total - (1 - policy.relevance) * alike

        best = max(others, key=lambda card: round(worth(card), 12))
        if worth(best) > worth(last):
            cards[-1] = replace(best, role=DIFFERENT)
    return cards


def _with_alternative(cards: tuple[Card, ...]) -> tuple[Card, ...]:
    """Nobody shown offers what was asked for: the first who has proven another training is named as a different approach, and nobody else."""
    at = next((place for place, card in enumerate(cards) if card.ranked.candidate.verified_modalities), None)
    return tuple(replace(card, role=DIFFERENT if place == at else FIT if card.role == DIFFERENT else card.role) for place, card in enumerate(cards))


def _contenders(ordered: Sequence[Card], fits: Sequence[float], size: int, policy: SlatePolicy) -> tuple[tuple[Card, float], ...]:
    """Everybody within ε of the last place, with a part of all the attention of the slate in proportion to their score."""
    if not size:
        return ()
    contending = [card for card in ordered if card.ranked.scored.total >= fits[size - 1] - policy.epsilon]
    whole, merit = fsum(attention(place) for place in range(1, size + 1)), fsum(card.ranked.scored.total for card in contending)
    return tuple((card, whole * card.ranked.scored.total / merit if merit else whole / len(contending)) for card in contending)
