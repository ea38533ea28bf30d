"""What goes in and out of the routes of codes."""

from marshmallow import fields, validate

from core.http import Instant, MoneyField, PublicId, Schema
from payments.codes.models import SOURCES

MOST_USES = 100_000


class MakeCodeSchema(Schema):
    """Exactly one of `percent` and `off`."""

    percent = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 100))
    off = MoneyField(load_default=None, allow_none=True, metadata={"description": "An amount, for prices in its currency."})
    holds_from = Instant(load_default=None, allow_none=True)
    holds_until = Instant(load_default=None, allow_none=True)
    first_only = fields.Boolean(load_default=False, metadata={"description": "Only for somebody's first session with a therapist."})
    most_uses = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(1, MOST_USES))
    most_uses_each = fields.Integer(strict=True, load_default=1, allow_none=True, validate=validate.Range(1, MOST_USES))
    person_id = PublicId(load_default=None, allow_none=True, metadata={"description": "The one person who may use it."})


class CodeSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    text = fields.String(required=True, allow_none=True, metadata={"description": "The code: told once, to whoever makes it."})
    hint = fields.String(required=True, metadata={"description": "Its last four letters."})
    source = fields.String(required=True, validate=validate.OneOf(SOURCES))
    percent = fields.Integer(required=True, allow_none=True)
    off = MoneyField(required=True, allow_none=True)
    holds_from = Instant(required=True, allow_none=True)
    holds_until = Instant(required=True, allow_none=True)
    first_only = fields.Boolean(required=True)
    most_uses = fields.Integer(required=True, allow_none=True)
    most_uses_each = fields.Integer(required=True, allow_none=True)
    uses = fields.Integer(required=True, metadata={"description": "Those that stand."})
    made_at = Instant(required=True)
    stopped_at = Instant(required=True, allow_none=True)


class CodesSchema(Schema):
    items = fields.List(fields.Nested(CodeSchema), required=True)
