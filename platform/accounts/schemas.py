"""What comes in and goes out of the routes of accounts."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from accounts.address import LONGEST, normal_address
from accounts.models import END_REASONS, ROLES
from core.dates import Day
from core.http import Instant, PublicId, Schema, Text, ZoneName, page_schema

# Longer than any password that is taken: the rule that refuses it speaks for itself, but nobody makes us hash a novel.
LONGEST_SENT = 1000
LONGEST_SECRET = 200


def _is_text(value: str) -> None:
    """JSON can carry half of a surrogate pair, which is no text."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ma.ValidationError("Contains half a character.") from error


class EmailAddress(fields.String):
    """A mail address, lower-cased."""

    default_error_messages = {"invalid_address": "Give an e-mail address such as name@example.org."}

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"format": "email", "maxLength": LONGEST}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        address = normal_address(super()._deserialize(value, attr, data, **options) or "")
        if address is None:
            raise self.make_error("invalid_address")
        return address


def password_field() -> fields.String:
    return fields.String(required=True, load_only=True, validate=[validate.Length(1, LONGEST_SENT), _is_text], metadata={"format": "password"})


def _secret() -> fields.String:
    return fields.String(
        required=True, validate=[validate.Length(1, LONGEST_SECRET), _is_text], metadata={"description": "What stands behind #token= in the mail."}
    )


def _name(**options: Any) -> Text:
    return Text(longest=100, validate=_is_text, **options)


def _locale(**options: Any) -> fields.String:
    return fields.String(validate=validate.Regexp(r"[a-z]{2,3}(-[A-Z]{2})?\Z", error="Give a language such as en or de-AT."), **options)


class ConsentGivenSchema(Schema):
    """A text that was read and agreed to."""

    purpose = fields.String(required=True, validate=[validate.Length(1, 60), _is_text])
    text_version = fields.String(required=True, validate=[validate.Length(1, 60), _is_text])


class SignUpSchema(Schema):
    email = EmailAddress(required=True)
    password = password_field()
    name = _name(load_default=None, allow_none=True)
    locale = _locale(load_default="en")
    zone = ZoneName(load_default="UTC")
    consents = fields.List(fields.Nested(ConsentGivenSchema), load_default=list, validate=validate.Length(max=10))


class AddressSchema(Schema):
    email = EmailAddress(required=True)


class LinkAndPasswordSchema(Schema):
    token = _secret()
    password = password_field()


class ChangePasswordSchema(Schema):
    current = password_field()
    new = password_field()


class SignInSchema(Schema):
    email = EmailAddress(required=True)
    password = password_field()


class AcceptedSchema(Schema):
    """The same for every address."""

    detail = fields.String(required=True)


class PersonSchema(Schema):
    id = PublicId(required=True, attribute="person.public_id")
    email = fields.String(required=True)
    email_confirmed = fields.Boolean(required=True)
    name = fields.String(required=True, allow_none=True, attribute="person.name")
    locale = fields.String(required=True, attribute="person.locale")
    zone = fields.String(required=True, attribute="person.zone")
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)), required=True)
    created_at = Instant(required=True)


class EditPersonSchema(Schema):
    name = _name(allow_none=True)
    locale = _locale()
    zone = ZoneName()


class WhoSchema(Schema):
    """Who this browser is signed in as, and the token that its unsafe requests carry in X-CSRF-Token."""

    signed_in = fields.Boolean(required=True)
    csrf_token = fields.String(required=True, allow_none=True)
    person = fields.Nested(PersonSchema, required=True, allow_none=True)


class SessionSchema(Schema):
    id = PublicId(required=True, attribute="public_id")
    started_at = Instant(required=True)
    last_seen_at = Instant(required=True)
    ends_at = Instant(required=True)
    is_this_one = fields.Boolean(required=True)


class ConsentTextSchema(Schema):
    purpose = fields.String(required=True)
    version = fields.String(required=True)
    since = Day(required=True)
    title = fields.String(required=True)
    text = fields.String(required=True)


class ConsentSchema(Schema):
    """A row of the ledger. In force while `ended_at` is null."""

    purpose = fields.String(required=True)
    text_version = fields.String(required=True)
    given_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True, attribute="withdrawn_at")
    end_reason = fields.String(required=True, allow_none=True, validate=validate.OneOf([*END_REASONS, None]))


SessionPage = page_schema(SessionSchema)
ConsentTextPage = page_schema(ConsentTextSchema)
ConsentPage = page_schema(ConsentSchema)
