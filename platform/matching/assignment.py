"""Several people and several therapists at once: who is proposed to whom. Pure.

For queues that a person works through, and for places that become free on a waitlist; whoever chooses for themselves is never assigned. Client-proposing
deferred acceptance with capacities (Gale & Shapley 1962): of all stable results the one that is best for every client.
"""

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush


def assign(wanted: Mapping[str, Sequence[str]], order: Mapping[str, Sequence[str]], places: Mapping[str, int]) -> dict[str, str]:
    """Therapist by client. `wanted`: whom each client accepts, best first; `order`: whom each therapist may be given, first in line first.

    Somebody whom the other side does not list is never put together; whoever finds nobody is missing from the answer.
    """
    rank = {therapist: {client: place for place, client in enumerate(line)} for therapist, line in order.items()}
    held: dict[str, list[tuple[int, str]]] = {therapist: [] for therapist in order}
    left = {client: iter(therapists) for client, therapists in wanted.items()}
    asking = list(wanted)
    while asking:
        client = asking.pop()
        therapist = next((each for each in left[client] if client in rank.get(each, {}) and places.get(each, 0) > 0), None)
        if therapist is None:
            continue
        heappush(held[therapist], (-rank[therapist][client], client))
        if len(held[therapist]) > places[therapist]:
            asking.append(heappop(held[therapist])[1])
    return {client: therapist for therapist, clients in held.items() for _, client in clients}
