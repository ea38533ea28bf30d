"""How a therapist collects, over HTTP."""

from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.db import transaction
from core.http import Blueprint, Schema
from payments.collection import choose
from payments.collection.account_calls import look_at_own_account, open_account_page
from payments.collection.countries import online_countries
from payments.collection.ways import WAYS

blueprint = Blueprint("collection", __name__, url_prefix="/api/v1/therapist/collection", description="How a therapist is paid")
NEEDED = ("choose_a_way", "open_account", "finish_account", "account_restricted")


class ChosenWaySchema(Schema):
    way = fields.String(required=True, validate=validate.OneOf(WAYS))


class CollectionSchema(Schema):
    way = fields.String(required=True, allow_none=True, validate=validate.OneOf(WAYS))
    works_as = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(WAYS), metadata={"description": "null: you are not open to new clients until this is set up."}
    )
    still_needed = fields.String(required=True, allow_none=True, validate=validate.OneOf(NEEDED))


class CountrySchema(Schema):
    country = fields.String(
        required=True, validate=validate.OneOf(sorted(online_countries())), metadata={"description": "Where you practise: ISO 3166-1 alpha-2."}
    )


class AccountPageSchema(Schema):
    address = fields.Url(required=True, require_tld=False, metadata={"description": "The card processor's own pages, good once and for minutes."})


@blueprint.get("")
@allow(role("therapist"))
@blueprint.gives(200, CollectionSchema)
def read_collection() -> Any:
    """How you are paid, and what is still needed before anybody new can book."""
    return choose.setup_of(caller().require_person())


@blueprint.put("")
@allow(role("therapist"))
@blueprint.takes(ChosenWaySchema)
@blueprint.gives(200, CollectionSchema)
def choose_collection(body: dict[str, Any]) -> Any:
    """Choose how you are paid: by card through us, or by your own invoices. What is booked already stays as it was agreed."""
    return choose.choose_way(caller().require_person(), body["way"], now=now())


@blueprint.post("/account")
@allow(role("therapist"), outside=True)
@blueprint.takes(CountrySchema)
@blueprint.gives(200, AccountPageSchema)
def open_account(body: dict[str, Any]) -> Any:
    """Begin, or go on with, your account at the card processor: they verify you there, and bank details never reach us."""
    return {"address": open_account_page(_me(), body["country"])}


@blueprint.post("/account/check")
@allow(role("therapist"), outside=True)
@blueprint.gives(200, CollectionSchema)
def check_account() -> Any:
    """Ask the card processor now how your account stands, instead of waiting for its news."""
    return look_at_own_account(_me())


def _me() -> int:
    with transaction():
        return caller().require_person()
