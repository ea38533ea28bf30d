"""What goes in and out before a session: where a client is, and the way in."""

from marshmallow import fields, validate

from booking.lifecycle import State
from core.http import Instant, PublicId, Schema, Text, page_schema

# Loosely E.164: as people write it, with 6 to 15 digits.
PHONE = r"\+?\(?[0-9](?:[ ().\-/]{0,2}[0-9]){5,14}"


class ArrivalSchema(Schema):
    jurisdiction = fields.String(required=True, validate=validate.Length(1, 10), metadata={"description": "Where you are now: a code of /taxonomy."})
    address = Text(required=True, longest=300, lines=True, validate=validate.Length(min=5), metadata={"description": "Where help would have to come."})
    phone = Text(
        required=True,
        longest=30,
        validate=validate.Regexp(rf"\A{PHONE}\Z", error="Give a phone number with its country code, such as +44 20 7946 0000."),
        metadata={"description": "Where you are called when the connection breaks."},
    )
    stay = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "You stay there even if the therapist may not work with people there: the session is then called off, free of charge."},
    )


class ArrivedSchema(Schema):
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    accepted = fields.Boolean(required=True, metadata={"description": "You can join from `opens` on. false: the session is called off, and you owe nothing."})
    opens = Instant(required=True)
    closes = Instant(required=True)


class WayInSchema(Schema):
    link = fields.String(required=True, allow_none=True, metadata={"description": "The way in; null: `words` say how you meet."})
    mode = fields.String(required=True)
    words = fields.String(required=True, allow_none=True)
    opens = Instant(required=True)
    closes = Instant(required=True)


class WhereaboutsSchema(Schema):
    client_id = PublicId(required=True)
    name = fields.String(required=True, allow_none=True)
    jurisdiction = fields.String(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    stated_at = Instant(required=True, allow_none=True, metadata={"description": "null: they have not said yet where they are."})


WhereaboutsPageSchema = page_schema(WhereaboutsSchema)
