"""Codes over HTTP: a therapist's own, which come out of their part, and the platform's, which come out of ours."""

import uuid
from typing import Any

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent
from payments.codes.issue import stop_code
from payments.codes.make import make_code
from payments.codes.reading import CodeShown, codes_of, show_code
from payments.codes.schemas import CodeSchema, CodesSchema, MakeCodeSchema

own_codes = Blueprint("own_codes", __name__, url_prefix="/api/v1/therapist/discount-codes", description="A therapist's own discount codes")
platform_codes = Blueprint("platform_codes", __name__, url_prefix="/api/v1/staff/discount-codes", description="The platform's discount codes")
blueprints = (own_codes, platform_codes)
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


@own_codes.get("")
@allow(role("therapist"))
@own_codes.gives(200, CodesSchema)
def list_own() -> dict[str, Any]:
    """Your codes, the latest first. What a code reads is told once, when it is made."""
    return {"items": codes_of(_me())}


@own_codes.post("")
@allow(role("therapist"))
@own_codes.hears(*KEY)
@idempotent
@own_codes.takes(MakeCodeSchema)
@own_codes.gives(201, CodeSchema)
def make_own(body: dict[str, Any]) -> CodeShown:
    """Make a code for your own sessions. What it takes off comes out of your part."""
    return make_code(body, bearer="payee", payee_id=_me(), by=_me(), now=now())


@own_codes.delete("/<uuid:code_id>")
@allow(role("therapist"))
@own_codes.gives(200, CodeSchema)
def stop_own(code_id: uuid.UUID) -> CodeShown:
    """Stop a code of yours. Who has used it already pays the lower price."""
    return show_code(stop_code(code_id, by=_me(), payee_id=_me(), now=now()))


@platform_codes.get("")
@allow(role("admin"))
@platform_codes.gives(200, CodesSchema)
def list_platform() -> dict[str, Any]:
    """The platform's codes, the latest first."""
    return {"items": codes_of(None)}


@platform_codes.post("")
@allow(role("admin"))
@platform_codes.hears(*KEY)
@idempotent
@platform_codes.takes(MakeCodeSchema)
@platform_codes.gives(201, CodeSchema)
def make_platform(body: dict[str, Any]) -> CodeShown:
    """Make a code that holds with every therapist who is paid by card. What it takes off comes out of our fee, and more than that we add."""
    return make_code(body, bearer="platform", payee_id=None, by=_me(), now=now())


@platform_codes.delete("/<uuid:code_id>")
@allow(role("admin"))
@platform_codes.gives(200, CodeSchema)
def stop_platform(code_id: uuid.UUID) -> CodeShown:
    """Stop a code, whoever made it."""
    return show_code(stop_code(code_id, by=_me(), now=now()))


def _me() -> int:
    return caller().require_person()
