"""What the API says of help near a person."""

from marshmallow import fields

from core.http import Schema


class CrisisLineSchema(Schema):
    name = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    sms = fields.String(required=True, allow_none=True)
    url = fields.String(required=True, allow_none=True)
    hours = fields.String(required=True)
    for_whom = fields.String(required=True, allow_none=True)
    checked_on = fields.String(required=True, allow_none=True)


class HelpDirectorySchema(Schema):
    name = fields.String(required=True)
    url = fields.String(required=True)


class NearbyHelpSchema(Schema):
    """Help right now, near the person. A null number means: the local emergency number."""

    country = fields.String(required=True)
    emergency_number = fields.String(required=True, allow_none=True)
    also = fields.List(fields.String(), required=True)
    lines = fields.List(fields.Nested(CrisisLineSchema), required=True)
    directory = fields.Nested(HelpDirectorySchema, required=True)
    as_of = fields.String(
        required=True, allow_none=True, metadata={"description": "When the emergency number was last looked up; lines have a day of their own."}
    )
    draft = fields.Boolean(required=True, metadata={"description": "true until a named clinician has signed this version."})
    desk_on_duty = fields.Boolean(required=True, metadata={"description": "Whether somebody trained is at our own desk now. Shown after everything above."})
    desk_text = fields.String(required=True)
    desk_languages = fields.List(fields.String(), required=True)
