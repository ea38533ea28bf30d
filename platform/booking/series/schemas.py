"""What goes in and out of the routes of series."""

from marshmallow import fields, validate

from booking import cancel
from booking.paying.charge_clock import HOW
from booking.reschedule import REASONS as MOVE_REASONS
from booking.schemas import LONGEST_NOTE, LONGEST_TITLE, BookingSchema
from booking.series.book import ON_CONFLICT
from booking.series.plan import LONGEST_INTERVAL, MOST_OCCURRENCES
from core.http import Instant, MoneyField, PublicId, Schema, Text, ZoneName

ON_CONFLICT_SAID = "With dates that cannot be booked: refuse the whole, skip them, or extend the series until it has as many."


class RepeatedQuery(Schema):
    start = Instant(required=True, metadata={"description": "The first date."})
    every_weeks = fields.Integer(strict=False, load_default=1, validate=validate.Range(1, LONGEST_INTERVAL))
    count = fields.Integer(strict=False, required=True, validate=validate.Range(2, MOST_OCCURRENCES))
    on_conflict = fields.String(load_default="refuse", validate=validate.OneOf(ON_CONFLICT), metadata={"description": ON_CONFLICT_SAID})
    minutes = fields.Integer(strict=False, metadata={"description": "One of the service's lengths. Without it: the usual one."})
    zone = ZoneName(metadata={"description": "The reader's time zone. Without it: your own."})


class DateConflictSchema(Schema):
    code = fields.String(required=True)
    detail = fields.String(required=True)


class CardTermsSchema(Schema):
    """What a client agrees to whose card is kept."""

    version = fields.String(required=True)
    words = fields.List(fields.String(), required=True)


class SeriesDateSchema(Schema):
    position = fields.Integer(required=True)
    wall = fields.String(required=True, metadata={"description": "What the therapist's wall clock reads, without an offset."})
    starts_at = Instant(required=True, allow_none=True, metadata={"description": "null: the clocks skip this time on that day."})
    ends_at = Instant(required=True, allow_none=True)
    local_start = fields.String(required=True, allow_none=True, metadata={"description": "The start on the reader's wall clock, with its offset."})
    is_shifted = fields.Boolean(required=True, metadata={"description": "The reader's clock shows another time of day than on the first date."})
    fee = MoneyField(required=True)
    charged = fields.String(
        required=True,
        validate=validate.OneOf(HOW),
        metadata={"description": "By card: at_checkout, or before_it, at `charged_at`; not_here: paid in another way, or not at all."},
    )
    charged_at = Instant(required=True, allow_none=True)
    conflicts = fields.List(fields.Nested(DateConflictSchema), required=True)


class SeriesPreviewSchema(Schema):
    zone = fields.String(required=True)
    reader_zone = fields.String(required=True)
    dates = fields.List(fields.Nested(SeriesDateSchema), required=True)
    can_be_booked = fields.Integer(required=True)
    card_terms = fields.Nested(CardTermsSchema, required=True, allow_none=True, metadata={"description": "null: no card is kept for it."})


class BookSeriesSchema(Schema):
    service_id = PublicId(required=True)
    start = Instant(required=True, metadata={"description": "The first date."})
    every_weeks = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, LONGEST_INTERVAL))
    count = fields.Integer(strict=True, required=True, validate=validate.Range(2, MOST_OCCURRENCES))
    on_conflict = fields.String(load_default="refuse", validate=validate.OneOf(ON_CONFLICT), metadata={"description": ON_CONFLICT_SAID})
    minutes = fields.Integer(strict=True, metadata={"description": "One of the service's lengths. Without it: the usual one."})
    title = Text(longest=LONGEST_TITLE, metadata={"description": "What your own calendar shows. Without it: Appointment."})
    origin = fields.String(validate=validate.OneOf(["match", "directory"]), load_default="directory")


class HoldSeriesSchema(Schema):
    service_id = PublicId(required=True)
    start = Instant(required=True, metadata={"description": "The first date."})
    every_weeks = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, LONGEST_INTERVAL))
    count = fields.Integer(strict=True, required=True, validate=validate.Range(2, MOST_OCCURRENCES))
    on_conflict = fields.String(load_default="refuse", validate=validate.OneOf(ON_CONFLICT), metadata={"description": ON_CONFLICT_SAID})
    minutes = fields.Integer(strict=True, metadata={"description": "One of the service's lengths. Without it: the usual one."})
    title = Text(longest=LONGEST_TITLE, metadata={"description": "What your own calendar shows. Without it: Appointment."})
    concession = Text(load_default=None, allow_none=True, metadata={"description": "The name of a lower fee that you need, for all dates."})
    by_pack = fields.Boolean(load_default=False, metadata={"description": "Take a session of a pack of yours for each date."})
    origin = fields.String(validate=validate.OneOf(["match", "directory"]), load_default="directory")


class ChargeOfDateSchema(Schema):
    booking_id = PublicId(required=True)
    starts_at = Instant(required=True)
    price = MoneyField(required=True)
    charged = fields.String(required=True, validate=validate.OneOf(HOW), attribute="planned.how")
    charged_at = Instant(required=True, allow_none=True, attribute="planned.at")


class SeriesCheckoutSchema(Schema):
    payment_id = PublicId(required=True)
    address = fields.String(required=True, metadata={"description": "The card processor's own page. No card number ever comes to us."})
    price = MoneyField(required=True, metadata={"description": "What is paid there now: one date."})
    expires_at = Instant(required=True, metadata={"description": "Until when it can be paid there."})
    held_until = Instant(required=True)
    card_terms = fields.Nested(CardTermsSchema, required=True, attribute="terms")
    charges = fields.List(fields.Nested(ChargeOfDateSchema), required=True, metadata={"description": "What each date costs, and when that is charged."})


class CancelFollowingSchema(Schema):
    booking_id = PublicId(required=True, metadata={"description": "The first date to cancel; all later ones follow it."})
    reason = fields.String(required=True, validate=validate.OneOf(cancel.REASONS))
    note = Text(longest=LONGEST_NOTE, lines=True, metadata={"description": "The other side reads it in the booking. No mail repeats it."})


class MoveFollowingQuery(Schema):
    booking_id = PublicId(required=True, metadata={"description": "The first date to move; all later ones follow it."})
    start = Instant(required=True, metadata={"description": "Where the first of them goes."})
    every_weeks = fields.Integer(strict=False, validate=validate.Range(1, LONGEST_INTERVAL), metadata={"description": "Without it: as before."})
    zone = ZoneName(metadata={"description": "The reader's time zone. Without it: your own."})


class MoveFollowingSchema(Schema):
    booking_id = PublicId(required=True, metadata={"description": "The first date to move; all later ones follow it."})
    start = Instant(required=True, metadata={"description": "Where the first of them goes."})
    every_weeks = fields.Integer(strict=True, validate=validate.Range(1, LONGEST_INTERVAL), metadata={"description": "Without it: as before."})
    reason = fields.String(validate=validate.OneOf(MOVE_REASONS), metadata={"description": "Needed from a therapist."})


class SeriesSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    every_weeks = fields.Integer(required=True)
    wall_start = fields.String(required=True)
    zone = fields.String(required=True)
    minutes = fields.Integer(required=True)
    created_at = Instant(required=True)
    paused_at = Instant(required=True, allow_none=True, metadata={"description": "Nothing more is charged since then: two dates in a row were not paid."})
    dates = fields.List(fields.Nested(BookingSchema), required=True)
