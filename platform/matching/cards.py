"""A card: who it is, how well it fits and why, what it costs, when there is time, and which registers were checked. Only what may be shown to this person."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.money import Money
from matching.candidate import Candidate, OfferedService
from matching.explanation import FIT_WORDS, ROLE_WORDS, booking_words, explain, wish_words
from matching.faces import ServiceFace, Shown
from matching.listing import Occasion, Relax
from matching.slate import FIT
from matching.weights import WEIGHTS
from matching.wishes import fee_for, openings_in_hours
from taxonomy.vocabulary import vocabulary
from therapists.collects import collection_words

Json = dict[str, Any]
NEXT_OPENINGS = 3
LABELS: Mapping[str, str] = {dimension.name: dimension.label for dimension in WEIGHTS.dimensions}


def card_of(shown: Shown, occasion: Occasion, *, position: int, role: str = FIT) -> Json:
    """One therapist, ready for `schemas.MatchCardSchema`. `role` says why the card stands there (`slate`)."""
    ranked, face = shown.ranked, shown.face
    return {
        "position": position,
        "role": role,
        "role_text": ROLE_WORDS[role],
        "therapist_id": face.public_id,
        "display_name": face.display_name,
        "headline": face.headline,
        "country": face.country,
        "fit": ranked.scored.word,
        "fit_text": FIT_WORDS[ranked.scored.word],
        "score": ranked.scored.total,
        "reasons": [vars(each) for each in explain(ranked, occasion.wishes, vocabulary=vocabulary(), labels=LABELS)],
        "fee": fee_for(occasion.wishes, ranked.service),
        "usual_fee": ranked.service.fee,
        "collection_words": collection_words(face.collects),
        "answers_within_hours": face.answer_within_hours,
        "usually_answers_within_hours": ranked.candidate.record.usual_answer_hours,
        "services": _services(shown, occasion),
        "badges": face.badges(now=occasion.now),
    }


def _services(shown: Shown, occasion: Occasion) -> list[Json]:
    """What can be booked next: a first talk where there is one, then the session that was ranked; each with its next real openings."""
    ranked = shown.ranked
    return [_service(each, shown.face.services[each.service_id], ranked.candidate, occasion) for each in (*shown.talks, ranked.service) if each.openings]


def _service(offered: OfferedService, face: ServiceFace, candidate: Candidate, occasion: Occasion) -> Json:
    """Openings inside the hours that were named come first; without any, the next ones there are."""
    starts = (openings_in_hours(occasion.wishes, offered) or offered.openings)[:NEXT_OPENINGS]
    fee: Money = fee_for(occasion.wishes, offered)
    return {
        "service_id": face.public_id,
        "kind": face.kind,
        "unit": face.unit,
        "mode": face.mode,
        "town": offered.town,
        "minutes": face.minutes,
        "fee": fee,
        "booking_mode": face.booking_mode,
        "booking_text": booking_words(on_request=offered.on_request, record=candidate.record),
        "next_openings": [datetime.fromtimestamp(start, UTC) for start in starts],
    }


def relax_of(relax: Relax, occasion: Occasion) -> Json:
    """What one relaxed wish would change, named so that the person recognises it."""
    return {"wish": relax.wish, "code": relax.code, "count": relax.count, "text": wish_words(relax.wish, occasion.wishes, vocabulary=vocabulary())}
