"""Deferred acceptance against every possible assignment of small markets."""

from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.assignment import assign

Market = tuple[dict[str, list[str]], dict[str, list[str]], dict[str, int]]


@st.composite
def markets(draw: st.DrawFn, most: int = 5) -> Market:
    clients = [f"c{number}" for number in range(draw(st.integers(0, most)))]
    therapists = [f"t{number}" for number in range(draw(st.integers(1, most)))]
    wanted = {each: draw(st.permutations(therapists))[: draw(st.integers(0, len(therapists)))] for each in clients}
    order = {each: draw(st.permutations(clients))[: draw(st.integers(0, len(clients)))] for each in therapists}
    return wanted, order, {each: draw(st.integers(0, 2)) for each in therapists}


def is_stable(found: dict[str, str], market: Market) -> bool:
    """Everybody is put together with somebody acceptable within the places, and no two would both rather have each other."""
    wanted, order, places = market
    held = {therapist: [client for client, other in found.items() if other == therapist] for therapist in order}
    if any(len(clients) > places[therapist] for therapist, clients in held.items()):
        return False
    if any(therapist not in wanted[client] or client not in order[therapist] for client, therapist in found.items()):
        return False
    for client, therapists in wanted.items():
        liked = therapists[: therapists.index(found[client])] if client in found else therapists
        for therapist in liked:
            line = order[therapist]
            if client in line and (len(held[therapist]) < places[therapist] or any(line.index(client) < line.index(other) for other in held[therapist])):
                return False
    return True


def all_stable(market: Market) -> Iterator[dict[str, str]]:
    wanted = market[0]
    for choice in product(*([None, *therapists] for therapists in wanted.values())):
        found = {client: therapist for client, therapist in zip(wanted, choice, strict=True) if therapist is not None}
        if is_stable(found, market):
            yield found


@settings(max_examples=60, deadline=None)
@given(markets())
def test_vector_DA_is_stable_within_the_places_and_best_for_every_client_of_all_stable_results(market: Market) -> None:
    wanted, order, places = market
    found = assign(wanted, order, places)
    assert is_stable(found, market)
    place = {client: len(therapists) if client not in found else therapists.index(found[client]) for client, therapists in wanted.items()}
    for other in all_stable(market):
        for client, therapists in wanted.items():
            assert place[client] <= (therapists.index(other[client]) if client in other else len(therapists))


def test_the_order_of_asking_does_not_matter() -> None:
    wanted = {"a": ["x", "y"], "b": ["x", "y"], "c": ["x"]}
    order = {"x": ["c", "b", "a"], "y": ["a", "b"]}
    places = {"x": 1, "y": 1}
    assert assign(wanted, order, places) == assign(dict(reversed(wanted.items())), order, places) == {"c": "x", "a": "y"}


def test_nobody_is_put_together_with_somebody_unlisted_or_without_a_place() -> None:
    assert assign({"a": ["x", "unknown"]}, {"x": []}, {"x": 1}) == {}
    assert assign({"a": ["x"]}, {"x": ["a"]}, {}) == {}
