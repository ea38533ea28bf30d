"""What a card says of a therapist beside how they fit: plain facts, read together with what they are ranked by."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from matching.candidate import OfferedService
from matching.ranking import Ranked
from therapists.badges import Badge, badges_from
from therapists.checked_credentials import LastCheck
from therapists.models import Therapist
from therapists.standing import CredentialFacts


@dataclass(frozen=True, slots=True)
class ServiceFace:
    """A service by its public names."""

    public_id: uuid.UUID
    kind: str
    unit: str
    mode: str
    minutes: int
    booking_mode: str


@dataclass(frozen=True, slots=True)
class Face:
    """`checked`: each credential with its last check that took effect, out of which badges are made at the moment of showing. `services` by their id."""

    public_id: uuid.UUID
    display_name: str
    headline: str
    country: str
    collects: str | None
    answer_within_hours: int
    checked: tuple[tuple[CredentialFacts, LastCheck | None], ...]
    services: Mapping[int, ServiceFace]

    def badges(self, *, now: datetime) -> list[Badge]:
        return badges_from(self.checked, now=now)


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody on a list as they are about to be shown. `talks` are their first talks for so many people, with the openings that count for these."""

    ranked: Ranked
    face: Face
    talks: tuple[OfferedService, ...]


def face_of(therapist: Therapist, checked: Sequence[tuple[CredentialFacts, LastCheck | None]]) -> Face:
    """Of a therapist whose services are loaded."""
    return Face(
        public_id=therapist.public_id,
        display_name=therapist.display_name,
        headline=therapist.headline,
        country=therapist.country,
        collects=therapist.collects,
        answer_within_hours=therapist.answer_within_hours,
        checked=tuple(checked),
        services={
            each.id: ServiceFace(each.public_id, each.kind, each.unit, each.mode, each.minutes, each.booking_mode) for each in therapist.services if each.active
        },
    )
