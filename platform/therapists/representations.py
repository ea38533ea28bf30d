"""How a therapist looks from outside: to themselves (everything they stated), and to the public (published things and badges only)."""

from datetime import datetime
from itertools import groupby
from typing import Any

from marshmallow import fields, validate

from core.dates import Day
from core.http import Instant, MoneyField, PublicId, Schema
from core.money import Money
from therapists.accepting import is_accepting
from therapists.audiences import TEXT_AUDIENCES, is_shown
from therapists.badges import badges_of
from therapists.collects import collection_words
from therapists.credentials import number_hint
from therapists.delivered import hours_delivered_here
from therapists.facts import standing_of
from therapists.models import CREDENTIAL_STATES, SERVICE_LIMITS, Credential, PracticePlace, Service, Therapist
from therapists.own_reading import OwnReadingSchema, own_reading
from therapists.required_checks import may_see_minors
from therapists.schemas import (
    BOOKING_MODES,
    EVIDENCE,
    KINDS,
    HoursOverrideSchema,
    IdentityStatementSchema,
    ServiceLengthSchema,
    ShownIdentitySchema,
    SpokenLanguageSchema,
    TherapistStyleSchema,
    WeeklyWindowSchema,
)
from therapists.service_lengths import as_lengths
from therapists.session_link import LINK_FROM, link_from
from therapists.shown import ShownPhotoSchema, VideoLinkSchema, answer_words, insurance_words, photo_json, video_json

Json = dict[str, Any]


def _words(**options: Any) -> fields.List[str]:
    return fields.List(fields.String(), required=True, **options)


class TherapistBadgeSchema(Schema):
    """Derived from the record of a check, never written by anybody."""

    register = fields.String(required=True)
    body = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "Statutory, accredited voluntary and so on: they mean different things."})
    title = fields.String(required=True)
    country = fields.String(required=True)
    supervised = fields.Boolean(required=True)
    checked_on = Day(required=True)
    next_check_on = Day(required=True, allow_none=True, metadata={"description": "null: we are late with looking again."})
    register_address = fields.String(required=True)


class PracticePlaceSchema(Schema):
    id = PublicId(required=True)
    label = fields.String(required=True)
    town = fields.String(required=True)
    jurisdiction = fields.String(required=True)
    step_free = fields.Boolean(required=True, allow_none=True, metadata={"description": "null: not stated."})
    access = _words(metadata={"description": "What else they say holds there; slugs of /taxonomy."})


class OfferedConcessionSchema(Schema):
    name = fields.String(required=True)
    fee = MoneyField(required=True)
    rule = fields.String(required=True)
    evidence = fields.String(required=True, validate=validate.OneOf(EVIDENCE))


class TherapistServiceSchema(Schema):
    id = PublicId(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    unit = fields.String(required=True)
    mode = fields.String(required=True)
    place = fields.Nested(PracticePlaceSchema, required=True, allow_none=True)
    minutes = fields.Integer(required=True)
    fee = MoneyField(required=True)
    concessions = fields.List(fields.Nested(OfferedConcessionSchema), required=True)
    booking_mode = fields.String(required=True, validate=validate.OneOf(BOOKING_MODES))
    lead_minutes = fields.Integer(required=True)
    window_days = fields.Integer(required=True)
    cancel_free_hours = fields.Integer(required=True)
    late_fee_percent = fields.Integer(required=True)
    moves_allowed = fields.Integer(required=True)
    move_until_hours = fields.Integer(required=True)
    lengths = fields.List(fields.Nested(ServiceLengthSchema), required=True, metadata={"description": "Other lengths than the usual one."})
    bookable_from = Day(required=True, allow_none=True)
    bookable_until = Day(required=True, allow_none=True)
    series_most = fields.Integer(required=True)
    seats = fields.Integer(required=True, allow_none=True, metadata={"description": "Of one session of a group; null: no group."})


class OwnServiceSchema(TherapistServiceSchema):
    schedule = PublicId(required=True, allow_none=True, metadata={"description": "null: the default one."})
    day_sessions = fields.Integer(required=True, allow_none=True)
    day_minutes = fields.Integer(required=True, allow_none=True)
    week_sessions = fields.Integer(required=True, allow_none=True)
    week_minutes = fields.Integer(required=True, allow_none=True)
    client_week_sessions = fields.Integer(required=True, allow_none=True)
    client_gap_days = fields.Integer(required=True, allow_none=True)
    request_blocks = fields.Boolean(required=True)
    buffer_before = fields.Integer(required=True)
    buffer_after = fields.Integer(required=True)
    step_minutes = fields.Integer(required=True, allow_none=True)
    align = fields.String(required=True)
    link_from = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(LINK_FROM),
        metadata={"description": "Who gives the link of a service by video. nobody: you send it yourself, and clients are told so."},
    )


class OwnServicesSchema(Schema):
    items = fields.List(fields.Nested(OwnServiceSchema), required=True)


class VerifiableWordSchema(Schema):
    slug = fields.String(required=True)
    verified_on = Day(required=True, allow_none=True, metadata={"description": "A person saw proof on this day; null: declared only."})


class CredentialSchema(Schema):
    id = PublicId(required=True)
    register = fields.String(required=True)
    credential_type = fields.String(required=True)
    number = fields.String(required=True)
    name_on_register = fields.String(required=True)
    jurisdictions = _words()
    supervised = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(CREDENTIAL_STATES))
    reason = fields.String(required=True, allow_none=True)
    restricted = fields.Boolean(required=True)
    submitted_at = Instant(required=True, allow_none=True)
    checked_at = Instant(required=True, allow_none=True)
    expires_on = Day(required=True, allow_none=True)
    hint = fields.String(required=True, allow_none=True, metadata={"description": "A doubt about the number; it refuses nothing."})


class CredentialsSchema(Schema):
    items = fields.List(fields.Nested(CredentialSchema), required=True)


class PoliciesSchema(Schema):
    """In their own words; empty: not stated. The terms that count are those of each service."""

    what_to_expect = fields.String(required=True)
    cancellation = fields.String(required=True)
    fees = fields.String(required=True)


class HoursOfPracticeSchema(Schema):
    """Two facts kept apart."""

    delivered_here = fields.Integer(required=True, metadata={"description": "Whole hours of completed sessions booked here."})
    declared = fields.Integer(required=True, allow_none=True, metadata={"description": "By their own word; not checked."})


class PublicTherapistSchema(Schema):
    id = PublicId(required=True)
    display_name = fields.String(required=True)
    headline = fields.String(required=True)
    about = fields.String(required=True)
    approach = fields.String(required=True)
    policies = fields.Nested(PoliciesSchema, required=True)
    photo = fields.Nested(ShownPhotoSchema, required=True, allow_none=True)
    video = fields.Nested(VideoLinkSchema, required=True, allow_none=True)
    pronouns = fields.String(required=True, metadata={"description": "Empty for readers whom they are not meant for."})
    country = fields.String(required=True)
    zone = fields.String(required=True)
    accepting = fields.Boolean(required=True, metadata={"description": "Says they take new clients, and can be paid."})
    collection_words = fields.String(required=True, allow_none=True, metadata={"description": "How sessions are paid; null while nothing is set up."})
    waitlist_open = fields.Boolean(required=True)
    answer_within_hours = fields.Integer(required=True)
    answer_words = fields.String(required=True, metadata={"description": "Their promise, in words."})
    units = _words()
    age_bands = _words()
    populations = _words()
    access = _words()
    insurers = _words(metadata={"description": "Says they accept these; not checked by us."})
    insurance_words = fields.String(required=True, allow_none=True, metadata={"description": "Goes with every list of insurers; null without one."})
    modalities = fields.List(fields.Nested(VerifiableWordSchema), required=True)
    core_concerns = fields.List(fields.Nested(VerifiableWordSchema), required=True)
    other_concerns = fields.List(fields.Nested(VerifiableWordSchema), required=True)
    languages = fields.List(fields.Nested(SpokenLanguageSchema), required=True)
    identities = fields.List(fields.Nested(ShownIdentitySchema), required=True)
    locations = fields.List(fields.Nested(PracticePlaceSchema), required=True)
    services = fields.List(fields.Nested(TherapistServiceSchema), required=True)
    hours_of_practice = fields.Nested(HoursOfPracticeSchema, required=True)
    badges = fields.List(fields.Nested(TherapistBadgeSchema), required=True)


class OwnProfileSchema(PublicTherapistSchema):
    """As the public reads it, with what only the therapist knows. Texts are those that show; what waits to be read is in `reading`."""

    identities = fields.List(fields.Nested(IdentityStatementSchema), required=True)
    pronouns_audience = fields.String(required=True, validate=validate.OneOf(TEXT_AUDIENCES))
    accepting_said_at = Instant(required=True, metadata={"description": "We ask again after 30 days."})
    photo_alt = fields.String(required=True)
    video_url = fields.String(required=True, allow_none=True)
    what_to_expect = fields.String(required=True)
    cancellation_words = fields.String(required=True)
    fees_words = fields.String(required=True)
    reading = fields.Nested(OwnReadingSchema, required=True)
    published_at = Instant(required=True, allow_none=True)
    on_hold = fields.Boolean(required=True)
    works_from = fields.String(required=True, allow_none=True)
    hours_declared = fields.Integer(required=True, allow_none=True)
    places = fields.Integer(required=True, allow_none=True)
    style = fields.Nested(TherapistStyleSchema, required=True)
    verified_competences = _words()
    works_with_minors_checked = fields.Boolean(required=True)
    services = fields.List(fields.Nested(OwnServiceSchema), required=True)
    hours = fields.List(fields.Nested(WeeklyWindowSchema), required=True)
    overrides = fields.List(fields.Nested(HoursOverrideSchema), required=True)
    credentials = fields.List(fields.Nested(CredentialSchema), required=True)


class TherapistCardSchema(Schema):
    id = PublicId(required=True)
    display_name = fields.String(required=True)
    headline = fields.String(required=True)
    photo = fields.Nested(ShownPhotoSchema, required=True, allow_none=True)
    country = fields.String(required=True)
    accepting = fields.Boolean(required=True)
    collection_words = fields.String(required=True, allow_none=True, metadata={"description": "How sessions are paid; null while nothing is set up."})
    units = _words()
    languages = _words()
    modes = _words()
    fee_from = MoneyField(required=True, allow_none=True, metadata={"description": "The lowest fee of a session; null without one."})
    insurers = _words()
    insurance_words = fields.String(required=True, allow_none=True, metadata={"description": "Goes with every list of insurers; null without one."})
    answer_within_hours = fields.Integer(required=True)
    badges = fields.List(fields.Nested(TherapistBadgeSchema), required=True)


def public_page(therapist: Therapist, *, now: datetime, signed_in: bool = False) -> Json:
    """What this reader may read: no identity statement beyond its audience, no number, no state of a credential."""
    core = sorted((row for row in therapist.concerns if row.core_position is not None), key=lambda row: row.core_position or 0)
    return {
        "id": therapist.public_id,
        **{name: getattr(therapist, name) for name in _PLAIN},
        "policies": {"what_to_expect": therapist.what_to_expect, "cancellation": therapist.cancellation_words, "fees": therapist.fees_words},
        "photo": photo_json(therapist),
        "video": video_json(therapist.video_url),
        "pronouns": therapist.pronouns if is_shown(therapist.pronouns_audience, signed_in=signed_in) else "",
        "accepting": is_accepting(therapist, now=now),
        "collection_words": collection_words(therapist.collects),
        "answer_words": answer_words(therapist.answer_within_hours),
        "insurance_words": insurance_words(therapist.insurers),
        "modalities": [_verifiable(row.modality, row.verified_at) for row in therapist.modalities],
        "core_concerns": [_verifiable(row.concern, row.verified_at) for row in core],
        "other_concerns": [_verifiable(row.concern, row.verified_at) for row in therapist.concerns if row.core_position is None],
        "languages": therapist.languages,
        "identities": [row for row in therapist.identities if is_shown(row.audience, signed_in=signed_in)],
        "locations": [place_json(place) for place in therapist.locations],
        "services": [service_json(service) for service in therapist.services if service.active],
        "hours_of_practice": {"delivered_here": hours_delivered_here(therapist.person_id), "declared": therapist.hours_declared},
        "badges": badges_of(therapist, now=now),
    }


def own_page(therapist: Therapist, *, now: datetime) -> Json:
    """What the therapist sees of themselves."""
    days = sorted(therapist.overrides, key=lambda row: (row.day, row.from_minute or 0))
    return public_page(therapist, now=now) | {
        "identities": therapist.identities,
        **{name: getattr(therapist, name) for name in ("pronouns", "pronouns_audience", "accepting", "accepting_said_at", "photo_alt", "video_url")},
        **{name: getattr(therapist, name) for name in ("what_to_expect", "cancellation_words", "fees_words")},
        "reading": own_reading(therapist),
        "published_at": therapist.published_at,
        "on_hold": therapist.held_at is not None,
        "works_from": therapist.works_from,
        "hours_declared": therapist.hours_declared,
        "places": therapist.places,
        "style": {name: getattr(therapist, f"style_{name}") for name in ("led", "intensity", "past", "warmth")},
        "verified_competences": therapist.verified_competences,
        "works_with_minors_checked": may_see_minors(standing_of(therapist), now, now=now),
        "hours": sorted(therapist.working_hours, key=lambda row: (row.weekday, row.from_minute)),
        "overrides": [{"day": day, "windows": [row for row in rows if row.from_minute is not None]} for day, rows in groupby(days, key=lambda row: row.day)],
        "credentials": [credential_json(credential) for credential in therapist.credentials],
    }


_PLAIN = (
    "display_name",
    "headline",
    "about",
    "approach",
    "country",
    "zone",
    "waitlist_open",
    "answer_within_hours",
    "units",
    "age_bands",
    "populations",
    "access",
    "insurers",
)
_SERVICE_PLAIN = (
    "kind",
    "unit",
    "mode",
    "minutes",
    "fee",
    "booking_mode",
    "lead_minutes",
    "window_days",
    "cancel_free_hours",
    "late_fee_percent",
    "moves_allowed",
    "move_until_hours",
    "series_most",
    "seats",
    "request_blocks",
    "buffer_before",
    "buffer_after",
    "step_minutes",
    "align",
    "bookable_from",
    "bookable_until",
    *SERVICE_LIMITS,
)
_CREDENTIAL_PLAIN = (
    "register",
    "credential_type",
    "number",
    "name_on_register",
    "jurisdictions",
    "supervised",
    "state",
    "restricted",
    "submitted_at",
    "checked_at",
    "expires_on",
)


def _verifiable(slug: str, verified_at: datetime | None) -> Json:
    return {"slug": slug, "verified_on": verified_at.date() if verified_at else None}


def place_json(place: PracticePlace) -> Json:
    return {
        "id": place.public_id,
        "label": place.label,
        "town": place.town,
        "jurisdiction": place.jurisdiction,
        "step_free": place.step_free,
        "access": place.access,
    }


def service_json(service: Service) -> Json:
    """Needs concessions, lengths, place and schedule loaded."""
    return {
        "id": service.public_id,
        **{name: getattr(service, name) for name in _SERVICE_PLAIN},
        "place": place_json(service.place) if service.place else None,
        "schedule": service.schedule.public_id if service.schedule else None,
        "lengths": as_lengths(service),
        "link_from": link_from(service),
        "concessions": [
            {"name": row.name, "fee": Money(row.fee_amount, service.fee_currency), "rule": row.rule, "evidence": row.evidence} for row in service.concessions
        ],
    }


def credential_json(credential: Credential) -> Json:
    return {
        "id": credential.public_id,
        **{name: getattr(credential, name) for name in _CREDENTIAL_PLAIN},
        "reason": credential.state_reason,
        "hint": number_hint(credential.register, credential.credential_type, credential.number),
    }
