"""A slate as it can be told, kept and made again: from the same wishes, facts, demand and versions comes the identical slate. Pure.

What is kept holds what somebody wished for: it lives sealed beside the shortlist, and goes with the intake. Of therapists it only names versions
(`recorded.Version`) that are kept once for all slates. Of those who came into question it has the scores that the slate was made from; those on a card are
scored again by the specification. Who may treat whom is not made again here; it was asked before, of facts that are the therapists' own and change.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isclose
from typing import Any

from core.zones import local_date
from matching.candidate import Candidate
from matching.explanation import explain
from matching.listing import Listing, Occasion
from matching.ranking import Ranked, Scored, order, scorer
from matching.recorded import Version, candidate_of, digest_of, openings_kept, plain, restored, service_kept, version_of
from matching.slate import NO_DEMAND, Demand, Setting, Slate, slate
from matching.weights import SLATE, VERSIONS, WEIGHTS, Weights
from matching.wishes import Wishes
from taxonomy.vocabulary import Vocabulary

Json = dict[str, Any]


class OtherVersion(LookupError):
    """Kept under weights or a vocabulary that this code does not have, or in another form: the version that made it can make it again."""


class FactsGone(LookupError):
    """A version of what a therapist stated is not kept any more: they have left, and taken it along."""


CLOSE = 1e-9


@dataclass(frozen=True)
class Replayed:
    """`differences`: the names of what is not as it was; empty when the slate is identical."""

    cards: list[Json]
    differences: tuple[str, ...]

    @property
    def is_identical(self) -> bool:
        return not self.differences


def setting_of(occasion: Occasion) -> Setting:
    """Nobody is explored with where somebody may be at risk."""
    return _setting(occasion.seed, occasion.wishes, occasion.now, explores=occasion.within_days is None)


def told(made: Slate, wishes: Wishes, *, vocabulary: Vocabulary, weights: Weights = WEIGHTS) -> list[Json]:
    """The cards with everything that was decided about them and every sentence of their reasons."""
    labels = {dimension.name: dimension.label for dimension in weights.dimensions}
    return [
        {
            "place": place,
            "key": card.ranked.candidate.key,
            "service_id": card.ranked.service.service_id,
            "score": card.ranked.scored.total,
            "fit": card.ranked.scored.word,
            "price": card.price,
            "boost": card.boost,
            "role": card.role,
            "propensity": card.propensity,
            "reasons": [plain(each) for each in explain(card.ranked, wishes, vocabulary=vocabulary, labels=labels)],
        }
        for place, card in enumerate(made.cards, 1)
    ]


def kept_slate(
    occasion: Occasion,
    found: Listing,
    made: Slate,
    demand: Mapping[int, Demand],
    *,
    vocabulary: Vocabulary,
    fitting: int | None = None,
    versions: Callable[[Ranked], Version] = lambda ranked: version_of(ranked.candidate),
) -> tuple[Json, list[Version]]:
    """Everything that `replay` needs, and what came out: scores, prices, propensities and reason codes, with a digest of every word; and the versions named.

    With `fitting`, that many are on the list of which `found` holds only the first, and why others are not was asked of nobody.
    """
    reach = [(each, versions(each)) for each in found.ranked[: SLATE.pool] if each.scored.total >= _lowest(found)]
    cards = told(made, occasion.wishes, vocabulary=vocabulary)
    kept = {
        "weights_version": WEIGHTS.version,
        "taxonomy_version": vocabulary.version,
        "now": occasion.now.isoformat(),
        "seed": occasion.seed,
        "explores": occasion.within_days is None,
        "wishes": plain(occasion.wishes),
        "pool": [[version.digest, each.service.service_id, each.scored.total] for each, version in reach],
        "openings": {each.ranked.candidate.key: openings_kept(each.ranked, occasion.wishes, now=occasion.now) for each in made.cards},
        "demand": {each.candidate.key: plain(demand[each.candidate.therapist_id]) for each, _ in reach if each.candidate.therapist_id in demand},
        "eligible": len(found.ranked) if fitting is None else fitting,
        "turned_away": _counted(found) if fitting is None else None,
        "cards": [_codes(each) for each in cards],
        "digest": _digest_of(cards),
    }
    return kept, [version for _, version in reach]


def replay(kept: Json, facts: Mapping[str, str], *, vocabulary: Vocabulary) -> Replayed:
    """Make the slate again from what was kept; `facts` are the versions that it names, by digest. OtherVersion when its weights or its vocabulary are not at
    hand, FactsGone when a version is not.
    """
    if kept["weights_version"] not in VERSIONS or kept["taxonomy_version"] != vocabulary.version or not names_versions(kept):
        raise OtherVersion
    if changed := [digest for digest, _, _ in kept["pool"] if _facts(facts, digest) is None]:
        return Replayed([], tuple(f"facts.{digest}" for digest in changed))
    weights, policy = VERSIONS[kept["weights_version"]]
    wishes, now = restored(Wishes, kept["wishes"]), datetime.fromisoformat(kept["now"])
    pool = [_in_pool(candidate_of(facts[digest]), service_id, total, weights) for digest, service_id, total in kept["pool"]]
    demand = {each.candidate.therapist_id: restored(Demand, kept["demand"].get(each.candidate.key, plain(NO_DEMAND))) for each in pool}
    scored, other = scorer(wishes, now=now, vocabulary=vocabulary, weights=weights), list[str]()

    def judged(ranked: Ranked) -> Ranked:
        candidate, service = ranked.candidate, ranked.service
        service = service_kept(candidate, service.service_id, kept["openings"].get(candidate.key, ()))
        found = Ranked(candidate, service, scored(candidate, service))
        if not isclose(found.scored.total, ranked.scored.total, rel_tol=0, abs_tol=CLOSE):
            other.append(f"score.{candidate.key}")
        return found

    ordered = order(pool, seed=kept["seed"], zone=wishes.zone, now=now)
    setting = _setting(kept["seed"], wishes, now, explores=kept["explores"])
    made = slate(ordered, demand, setting, vocabulary=vocabulary, policy=policy, judge=judged)
    cards = told(made, wishes, vocabulary=vocabulary, weights=weights)
    return Replayed(cards, (*_differences(kept, cards), *other))


def names_versions(kept: Json) -> bool:
    """Slates of before had everything that therapists stated in themselves, and no openings beside it."""
    return "openings" in kept


def _facts(facts: Mapping[str, str], digest: str) -> str | None:
    """None when they are not what was kept under that digest."""
    if digest not in facts:
        raise FactsGone
    return facts[digest] if digest_of(facts[digest]) == digest else None


def _in_pool(candidate: Candidate, service_id: int, total: float, weights: Weights) -> Ranked:
    return Ranked(candidate, service_kept(candidate, service_id), Scored(total, weights.word_of(total), ()))


def _digest_of(cards: list[Json]) -> str:
    """SHA-256 over the canonical text of the cards."""
    return digest_of(json.dumps(cards, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _setting(seed: str, wishes: Wishes, now: datetime, *, explores: bool) -> Setting:
    return Setting(seed, local_date(wishes.zone, int(now.timestamp())).isoformat(), wishes.unit, explores=explores)


def _lowest(found: Listing) -> float:
    """Below this score nobody could have come onto the slate, so nobody below has to be kept."""
    return found.ranked[min(SLATE.longest, len(found.ranked)) - 1].scored.total - 2 * SLATE.epsilon


def _codes(card: Json) -> Json:
    return card | {"reasons": [[reason["dimension"], reason["state"], reason["contribution"]] for reason in card["reasons"]]}


def _counted(found: Listing) -> dict[str, int]:
    """How many were turned away by each code; nobody by name."""
    counts: dict[str, int] = {}
    for codes in found.turned_away.values():
        for code in codes:
            counts[code] = counts.get(code, 0) + 1
    return dict(sorted(counts.items()))


def _differences(kept: Json, cards: list[Json]) -> tuple[str, ...]:
    before, after = kept["cards"], [_codes(each) for each in cards]
    if len(before) != len(after):
        return ("length",)
    found = [f"{was['place']}.{name}" for was, now in zip(before, after, strict=True) for name in was if was[name] != now[name]]
    return tuple(found) or (() if _digest_of(cards) == kept["digest"] else ("words",))
