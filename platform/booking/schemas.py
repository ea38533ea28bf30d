"""What goes in and out of booking's routes."""

import uuid

from marshmallow import ValidationError, fields, validate

from booking import cancel, decline, first_free, on_behalf, reschedule
from booking.actions import ACTIONS
from booking.after import outcomes
from booking.lifecycle import State
from booking.models import OUTCOMES
from booking.paying.models import CHARGE_STATES
from core.http import Instant, MoneyField, PageQuery, PublicId, Schema, Text, page_schema
from payments.schemas import PaymentBriefSchema

LONGEST_TITLE = 80
LONGEST_NOTE = 1000


def _each_once(ids: list[uuid.UUID]) -> None:
    if len(set(ids)) < len(ids):
        raise ValidationError("Each of them once.")


class RequestBookingSchema(Schema):
    service_id = PublicId(required=True)
    start = Instant(required=True, metadata={"description": "One of the service's openings."})
    title = Text(longest=LONGEST_TITLE, metadata={"description": "What your own calendar shows. Without it: Appointment."})
    origin = fields.String(
        validate=validate.OneOf(["match", "directory"]),
        load_default="directory",
        metadata={"description": "Whether the therapist was found through a shortlist or by looking."},
    )
    minutes = fields.Integer(strict=True, validate=validate.Range(5, 480), metadata={"description": "One of the service's lengths; without it the usual one."})


class FirstFreeSchema(Schema):
    service_ids = fields.List(
        PublicId(),
        required=True,
        validate=[validate.Length(1, first_free.MOST), _each_once],
        metadata={"description": "Services of one therapist or several, in the order in which you would have them."},
    )
    start = Instant(required=True, metadata={"description": "One of the openings of each of them."})
    title = Text(longest=LONGEST_TITLE, metadata={"description": "What your own calendar shows. Without it: Appointment."})
    origin = fields.String(validate=validate.OneOf(["match", "directory"]), load_default="directory")


class DeclineSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(decline.REASONS), metadata={"description": "Stays with you; the client does not read it."})


class CancelSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(cancel.REASONS))
    note = Text(longest=LONGEST_NOTE, lines=True, metadata={"description": "The other side reads it in the booking. No mail repeats it."})


class HoldSchema(Schema):
    service_id = PublicId(required=True)
    start = Instant(required=True, metadata={"description": "One of the service's openings."})
    title = Text(longest=LONGEST_TITLE, metadata={"description": "What your own calendar shows. Without it: Appointment."})
    minutes = fields.Integer(strict=True, validate=validate.Range(5, 480), metadata={"description": "One of the service's lengths; without it the usual one."})
    origin = fields.String(
        validate=validate.OneOf(["match", "directory"]),
        load_default="directory",
        metadata={"description": "Whether the therapist was found through a shortlist or by looking."},
    )


class ConfirmHoldSchema(Schema):
    origin = fields.String(
        validate=validate.OneOf(["match", "directory"]), load_default=None, metadata={"description": "Without it: as you said when you held it."}
    )


class MoveSchema(Schema):
    start = Instant(required=True, metadata={"description": "The new time: one of the service's openings."})
    seen = Instant(data_key="from", required=True, metadata={"description": "The start it has as far as you know; if it was moved meanwhile, it stays there."})
    reason = fields.String(validate=validate.OneOf(reschedule.REASONS), metadata={"description": "A therapist always says why."})


class OutcomeSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(tuple(outcomes.REPORTS)))


class ContestSchema(Schema):
    note = Text(longest=LONGEST_NOTE, lines=True, metadata={"description": "How it was. Only the person who looks at it reads this."})


class ComplaintSchema(Schema):
    note = Text(longest=LONGEST_NOTE, lines=True, metadata={"description": "What is not right. Only the person who looks at it reads this."})


class WaiveSchema(Schema):
    client_id = PublicId(metadata={"description": "In a group: whom of its clients."})


class DecisionSchema(Schema):
    outcome = fields.String(required=True, validate=validate.OneOf(outcomes.DECIDED))


def _set_aside() -> fields.List[str]:
    return fields.List(
        fields.String(validate=validate.OneOf(on_behalf.TO_SET_ASIDE)),
        required=True,
        validate=validate.Length(max=len(on_behalf.TO_SET_ASIDE)),
        metadata={"description": "Rules that shall not count here. Both sides can read them in the booking's history."},
    )


class OnBehalfSchema(Schema):
    client_public_id = PublicId(data_key="client_id", required=True)
    service_id = PublicId(required=True)
    start = Instant(required=True)
    set_aside = _set_aside()
    reason = fields.String(required=True, validate=validate.OneOf(on_behalf.REASONS))


class MoveOnBehalfSchema(Schema):
    start = Instant(required=True, metadata={"description": "The new time."})
    seen = Instant(data_key="from", required=True, metadata={"description": "The start it has as far as you know; if it was moved meanwhile, it stays there."})
    set_aside = _set_aside()
    reason = fields.String(required=True, validate=validate.OneOf(on_behalf.REASONS))


class CancelOnBehalfSchema(Schema):
    seen = Instant(data_key="from", required=True, metadata={"description": "The start it has as far as you know; if it was moved meanwhile, it stays."})
    reason = fields.String(required=True, validate=validate.OneOf(on_behalf.REASONS))


class StaffBookingSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    state = fields.String(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class StepSchema(Schema):
    at = Instant(required=True)
    by = fields.String(required=True, validate=validate.OneOf(["client", "therapist", "staff", "nobody"]))
    what = fields.String(required=True, metadata={"description": "The state it led to; or moved, reported, contested."})
    starts_at = Instant(required=True, allow_none=True)
    moved_from = Instant(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    set_aside = fields.List(fields.String(), required=True)


class OwedSchema(Schema):
    fee = MoneyField(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(["cancelled_late", "absent"]))
    waived_at = Instant(required=True, allow_none=True)


class NamedSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    name = fields.String(required=True, allow_none=True)


class SeatOwedSchema(Schema):
    client = fields.Nested(NamedSchema, required=True)
    owed = fields.Nested(OwedSchema, required=True)


class BookingsQuery(PageQuery):
    past = fields.Boolean(load_default=False, metadata={"description": "What is over, instead of what is to come."})


class BookedServiceSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    kind = fields.String(required=True)
    unit = fields.String(required=True)
    mode = fields.String(required=True)
    minutes = fields.Integer(required=True)


class AlternativeSchema(Schema):
    service_id = PublicId(required=True)
    therapist_id = PublicId(required=True)
    therapist_name = fields.String(required=True)
    start = Instant(required=True)


class InSeriesSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    every_weeks = fields.Integer(required=True)


class ChargeSchema(Schema):
    state = fields.String(required=True, validate=validate.OneOf(CHARGE_STATES))
    at = Instant(required=True, metadata={"description": "When it is, or was, first charged."})
    until = Instant(required=True, metadata={"description": "Not paid by then, its therapist keeps it or releases the time."})
    problem = fields.String(required=True, allow_none=True, metadata={"description": "Why it could not be charged, as a code."})


class BookingSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    role = fields.String(required=True, validate=validate.OneOf(["client", "therapist"]), metadata={"description": "Which side of it you are on."})
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    therapist = fields.Nested(NamedSchema, required=True)
    clients = fields.List(fields.Nested(NamedSchema), required=True, metadata={"description": "For a client only themselves."})
    service = fields.Nested(BookedServiceSchema, required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    local_start = fields.String(required=True, metadata={"description": "The start on your wall clock, with its offset."})
    zone = fields.String(required=True)
    fee = MoneyField(required=True)
    list_price = MoneyField(required=True, metadata={"description": "What it costs without a lower fee or a code; more than `fee` only with one of them."})
    concession = fields.String(required=True, allow_none=True, metadata={"description": "The name of the lower fee that was asked for."})
    title = fields.String(required=True, metadata={"description": "What your calendar shows."})
    created_at = Instant(required=True)
    answer_by = Instant(required=True, allow_none=True, metadata={"description": "When a request ends by itself if it is not answered."})
    cancel_free_until = Instant(required=True, metadata={"description": "Cancelling is free before this instant."})
    cancelled_late = fields.Boolean(required=True)
    message = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    held_until = Instant(required=True, allow_none=True, metadata={"description": "When a hold ends by itself."})
    moves_left = fields.Integer(required=True, metadata={"description": "How often its client may still move it."})
    move_until = Instant(required=True, metadata={"description": "Until when its client may move it."})
    late_fee = MoneyField(required=True, allow_none=True, metadata={"description": "What a late cancellation costs; null: nothing."})
    owed = fields.Nested(OwedSchema, required=True, allow_none=True)
    seats_owed = fields.List(fields.Nested(SeatOwedSchema), required=True, metadata={"description": "What clients of a group owe, for its therapist alone."})
    outcome = fields.String(required=True, allow_none=True, validate=validate.OneOf(OUTCOMES))
    outcome_contested = fields.Boolean(required=True)
    contest_until = Instant(required=True, allow_none=True, metadata={"description": "Until when you can say that the report is wrong."})
    coming = fields.List(PublicId(), required=True, metadata={"description": "Clients who said, by the link in a reminder, that they are coming to this time."})
    series = fields.Nested(InSeriesSchema, required=True, allow_none=True)
    actions = fields.List(fields.String(validate=validate.OneOf(ACTIONS)), required=True)
    reports = fields.List(fields.String(), required=True, metadata={"description": "What you can say now of how it went."})
    meeting = fields.String(required=True, allow_none=True, metadata={"description": "How you meet; the way in itself is at /join."})
    payment = fields.Nested(
        PaymentBriefSchema, required=True, allow_none=True, metadata={"description": "What was asked for by card, and what became of it; null: nothing was."}
    )
    charge = fields.Nested(
        ChargeSchema, required=True, allow_none=True, metadata={"description": "Of a confirmed date of a series that is charged to a card by itself."}
    )
    alternatives = fields.List(
        fields.Nested(AlternativeSchema),
        required=True,
        metadata={"description": "Openings with others, when a request of yours was declined or not answered."},
    )


BookingPageSchema = page_schema(BookingSchema)
HistorySchema = page_schema(StepSchema)
