"""What a therapist sends about themselves. What comes back is in `representations`."""

import re
from typing import Any

from marshmallow import fields, validate

from core.dates import Day
from core.http import MoneyField, PublicId, Schema, Text, ZoneName
from therapists import hours_changing
from therapists.audiences import AUDIENCES, TEXT_AUDIENCES
from therapists.statements import LEVELS, MOST_CORE_CONCERNS, MOST_OTHER_CONCERNS

SLUG = validate.Regexp(r"^[a-z0-9][a-z0-9_]{0,59}$")
CODE = validate.Regexp(r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")
KINDS = ("consultation", "session")
BOOKING_MODES = ("instant", "request")
ALIGNMENTS = ("window", "hour")
EVIDENCE = ("none", "self_declared")
RELATIONS = ("shares", "experienced_with")


def slugs(most: int = 60, **options: Any) -> fields.List[str]:
    return fields.List(fields.String(validate=SLUG), validate=validate.Length(max=most), **options)


class WallClock(fields.Field[int]):
    """``09:00``; inside, minutes of the day. ``24:00`` only where `end` is set."""

    default_error_messages = {"invalid": "Give a time of the day such as 09:00."}

    def __init__(self, *, end: bool = False, **options: Any) -> None:
        self.latest = 1440 if end else 1439
        super().__init__(metadata={"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}, **options)

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 the signature is marshmallow's
        return None if value is None else f"{value // 60:02}:{value % 60:02}"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002 the signature is marshmallow's
        found = re.fullmatch(r"([0-9]{2}):([0-5][0-9])", value) if isinstance(value, str) else None
        minute = int(found[1]) * 60 + int(found[2]) if found else -1
        if not 0 <= minute <= self.latest:
            raise self.make_error("invalid")
        return minute


class ChangesHoursSchema(Schema):
    affected = fields.String(
        validate=validate.OneOf(hours_changing.CHOICES),
        metadata={"description": "What shall become of bookings at times that you do not work any more. Without it such a change is refused with their list."},
    )


class NewTherapistSchema(Schema):
    display_name = Text(longest=120, required=True)
    country = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{2}$"))
    zone = ZoneName(required=True)


class ProfileChangesSchema(ChangesHoursSchema):
    """Only what is sent changes. There is no way to send a role, a verification or an id."""

    display_name = Text(longest=120)
    headline = Text(longest=160, empty=True)
    about = Text(longest=5000, empty=True, lines=True)
    approach = Text(longest=3000, empty=True, lines=True)
    what_to_expect = Text(longest=2000, empty=True, lines=True)
    cancellation_words = Text(longest=1000, empty=True, lines=True)
    fees_words = Text(longest=1000, empty=True, lines=True)
    video_url = Text(longest=300, allow_none=True, metadata={"description": "https://, on YouTube or Vimeo; shown as a plain link."})
    photo_alt = Text(longest=160, empty=True, metadata={"description": "What the photo shows, for people who do not see it."})
    pronouns = Text(longest=40, empty=True)
    pronouns_audience = fields.String(validate=validate.OneOf(TEXT_AUDIENCES))
    country = fields.String(validate=validate.Regexp(r"^[A-Z]{2}$"))
    zone = ZoneName()
    works_from = fields.String(allow_none=True, validate=CODE, metadata={"description": "The place where you are during sessions."})
    accepting = fields.Boolean(truthy={True}, falsy={False})
    places = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 500), metadata={"description": "Clients at a time; null: no limit."})
    waitlist_open = fields.Boolean(truthy={True}, falsy={False})
    answer_within_hours = fields.Integer(strict=True, validate=validate.Range(1, 48))
    hours_declared = fields.Integer(strict=True, allow_none=True, validate=validate.Range(0, 200_000), metadata={"description": "Hours of practice so far."})
    populations = slugs()
    insurers = slugs()


class DeclaredModalitiesSchema(Schema):
    modalities = slugs(40, required=True)


class TreatedConcernsSchema(Schema):
    core = slugs(MOST_CORE_CONCERNS, required=True, metadata={"description": "In your own order, the first one first."})
    others = slugs(MOST_OTHER_CONCERNS, required=True)


class SpokenLanguageSchema(Schema):
    language = fields.String(required=True, validate=SLUG)
    level = fields.String(required=True, validate=validate.OneOf(LEVELS))


class SpokenLanguagesSchema(Schema):
    languages = fields.List(fields.Nested(SpokenLanguageSchema), required=True, validate=validate.Length(max=30))


class ShownIdentitySchema(Schema):
    kind = fields.String(required=True, validate=SLUG)
    value = Text(longest=60, required=True)
    relation = fields.String(load_default="shares", validate=validate.OneOf(RELATIONS))


class IdentityStatementSchema(ShownIdentitySchema):
    """`asked`: helps people who look for exactly this to find you, and is shown nowhere. `clients`: signed-in people. `public`: everybody."""

    audience = fields.String(load_default="nobody", validate=validate.OneOf(AUDIENCES))


class IdentityStatementsSchema(Schema):
    identities = fields.List(fields.Nested(IdentityStatementSchema), required=True, validate=validate.Length(max=40))


def _style() -> fields.Float:
    return fields.Float(required=True, allow_none=True, validate=validate.Range(-1, 1))


class TherapistStyleSchema(Schema):
    """-1..+1 on four dimensions; null: not stated. Which end is which is in the taxonomy."""

    led = _style()
    intensity = _style()
    past = _style()
    warmth = _style()


class PracticeLocationSchema(Schema):
    id = PublicId(metadata={"description": "Of an existing place, to keep it."})
    label = Text(longest=80, required=True)
    town = Text(longest=80, required=True)
    jurisdiction = fields.String(required=True, validate=CODE)
    step_free = fields.Boolean(allow_none=True, load_default=None, truthy={True}, falsy={False})
    access = slugs(20, load_default=list)


class FormatsSchema(Schema):
    units = slugs(10, required=True)
    age_bands = slugs(10, required=True)
    access = slugs(20, load_default=list)
    locations = fields.List(fields.Nested(PracticeLocationSchema), load_default=list, validate=validate.Length(max=20))


class HoursWindowSchema(Schema):
    """Ends at or before its start: on the next day. 24:00 is the end of the day."""

    starts = WallClock(data_key="from", attribute="from_minute", required=True)
    ends = WallClock(data_key="to", attribute="to_minute", required=True, end=True)


class WeeklyWindowSchema(HoursWindowSchema):
    weekday = fields.Integer(strict=True, required=True, validate=validate.Range(0, 6), metadata={"description": "0 is Monday."})


class WorkingHoursSchema(ChangesHoursSchema):
    windows = fields.List(fields.Nested(WeeklyWindowSchema), required=True, validate=validate.Length(max=100))


class HoursOverrideSchema(Schema):
    day = Day(required=True)
    windows = fields.List(fields.Nested(HoursWindowSchema), required=True, validate=validate.Length(max=20))


class HoursOverridesSchema(ChangesHoursSchema):
    days = fields.List(fields.Nested(HoursOverrideSchema), required=True, validate=validate.Length(max=400))


class ConcessionSchema(Schema):
    name = Text(longest=60, required=True)
    fee = MoneyField(required=True)
    rule = Text(longest=300, empty=True, load_default="")
    evidence = fields.String(load_default="self_declared", validate=validate.OneOf(EVIDENCE))


class ServiceLengthSchema(Schema):
    minutes = fields.Integer(strict=True, required=True, validate=validate.Range(5, 480))
    fee = MoneyField(required=True)


def _limit(most: int = 1000, **told: str) -> fields.Integer:
    return fields.Integer(strict=True, allow_none=True, validate=validate.Range(1, most), metadata={**told})


class ServiceTermsSchema(Schema):
    """The optional terms of a service. Times in minutes."""

    place = PublicId(allow_none=True, metadata={"description": "One of your places, for a service in person."})
    request_blocks = fields.Boolean(truthy={True}, falsy={False}, metadata={"description": "An unanswered request keeps its time."})
    buffer_before = fields.Integer(strict=True, validate=validate.Range(0, 240))
    buffer_after = fields.Integer(strict=True, validate=validate.Range(0, 240))
    lead_minutes = fields.Integer(strict=True, validate=validate.Range(0, 43_200), metadata={"description": "Minimum notice."})
    window_days = fields.Integer(strict=True, validate=validate.Range(1, 730), metadata={"description": "How far ahead can be booked."})
    step_minutes = fields.Integer(strict=True, allow_none=True, validate=validate.Range(5, 480), metadata={"description": "Grid; null: the length."})
    align = fields.String(validate=validate.OneOf(ALIGNMENTS))
    cancel_free_hours = fields.Integer(strict=True, validate=validate.Range(0, 168))
    late_fee_percent = fields.Integer(strict=True, validate=validate.Range(0, 100), metadata={"description": "Of the fee, for cancelling late or not coming."})
    moves_allowed = fields.Integer(strict=True, validate=validate.Range(0, 20), metadata={"description": "How often a client may move one booking."})
    move_until_hours = fields.Integer(strict=True, validate=validate.Range(0, 168), metadata={"description": "Until how many hours before its start."})
    series_most = fields.Integer(strict=True, validate=validate.Range(0, 52), metadata={"description": "Dates that a client may book as one series; 0: none."})
    seats = fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(2, 30),
        metadata={"description": "Of one session of a group. A group needs it, nothing else has it."},
    )
    concessions = fields.List(fields.Nested(ConcessionSchema), validate=validate.Length(max=5))
    schedule = PublicId(allow_none=True, metadata={"description": "One of your schedules; null: the default one."})
    lengths = fields.List(
        fields.Nested(ServiceLengthSchema), validate=validate.Length(max=6), metadata={"description": "Other lengths than the usual one, with their fees."}
    )
    bookable_from = Day(allow_none=True, metadata={"description": "First local date that can be booked."})
    bookable_until = Day(allow_none=True, metadata={"description": "Last one; with it window_days counts no more."})
    day_sessions = _limit(description="At most so many of this service a day; null: no limit.")
    day_minutes = _limit(10_080)
    week_sessions = _limit()
    week_minutes = _limit(10_080)
    client_week_sessions = _limit(description="At most so many of one client a week.")
    client_gap_days = _limit(366, description="Sessions of one client are at least so many dates apart.")


class ServiceChangesSchema(ChangesHoursSchema, ServiceTermsSchema):
    minutes = fields.Integer(strict=True, validate=validate.Range(5, 480))
    fee = MoneyField()
    booking_mode = fields.String(validate=validate.OneOf(BOOKING_MODES))
    mode = fields.String(validate=SLUG)
    unit = fields.String(validate=SLUG)


class NewServiceSchema(ServiceTermsSchema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    unit = fields.String(required=True, validate=SLUG)
    mode = fields.String(required=True, validate=SLUG)
    minutes = fields.Integer(strict=True, required=True, validate=validate.Range(5, 480))
    fee = MoneyField(required=True)
    booking_mode = fields.String(required=True, validate=validate.OneOf(BOOKING_MODES))


class NewCredentialSchema(Schema):
    register = fields.String(required=True, validate=validate.Length(1, 80), metadata={"description": "A slug of /taxonomy."})
    credential_type = fields.String(load_default="", validate=validate.Length(max=60))
    number = Text(longest=40, required=True)
    name_on_register = Text(longest=120, required=True)
    jurisdictions = fields.List(fields.String(validate=CODE), load_default=list, validate=validate.Length(max=60))


class CredentialAmendmentSchema(Schema):
    credential_type = fields.String(validate=validate.Length(max=60))
    number = Text(longest=40)
    name_on_register = Text(longest=120)
    jurisdictions = fields.List(fields.String(validate=CODE), validate=validate.Length(max=60))
