"""Gift codes over HTTP: bought by one person, and what is left of one for whoever has it. They are spent with the price of a hold (/holds/{id}/price)."""

import uuid
from typing import Any

from flask import request

from core.access import allow, anyone, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent
from payments.gifts.open_calls import GiftPage, buy_gift
from payments.gifts.reading import GiftBalance, GiftShown, balance_by_code, gifts_of, show_gift
from payments.gifts.redeem import return_use
from payments.gifts.schemas import (
    AskForGiftSchema,
    GiftBalanceSchema,
    GiftCheckoutSchema,
    GiftCodeSchema,
    GiftCodesSchema,
    LookAtGiftSchema,
    ReturnedSchema,
)
from payments.gifts.sell import ask_for_gift, renew_code, return_gift

blueprint = Blueprint("gift_codes", __name__, url_prefix="/api/v1/gift-codes", description="Gift codes")
staff_uses = Blueprint("staff_gift_uses", __name__, url_prefix="/api/v1/staff/gift-uses", description="What gift codes paid, at the desk")
blueprints = (blueprint, staff_uses)
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


@blueprint.get("")
@allow(signed_in)
@blueprint.gives(200, GiftCodesSchema)
def list_gifts() -> dict[str, Any]:
    """The codes that you asked for, the latest first. Whether and where one was spent is not told."""
    return {"items": gifts_of(_me())}


@blueprint.post("")
@allow(confirmed)
@blueprint.hears(*KEY)
@idempotent
@blueprint.takes(AskForGiftSchema)
@blueprint.gives(201, GiftCodeSchema)
def ask(body: dict[str, Any]) -> GiftShown:
    """Ask for a code of an amount, for somebody else. It is paid next, and mailed to you then."""
    return show_gift(ask_for_gift(body["value"], buyer_id=_me(), note=body["note"], now=now()))


@blueprint.post("/<uuid:gift_id>/checkout")
@allow(confirmed, outside=True)
@blueprint.gives(200, GiftCheckoutSchema)
def buy(gift_id: uuid.UUID) -> GiftPage:
    """Open the page where it is paid by card; asked again, the same page."""
    return buy_gift(gift_id, by=_me())


@blueprint.post("/<uuid:gift_id>/renew")
@allow(confirmed)
@blueprint.gives(200, GiftCodeSchema)
def renew(gift_id: uuid.UUID) -> GiftShown:
    """Have another code mailed to you for one that was lost and is unused. The first holds no more."""
    return show_gift(renew_code(gift_id, by=_me(), now=now()))


@blueprint.post("/<uuid:gift_id>/return")
@allow(confirmed)
@blueprint.gives(200, GiftCodeSchema)
def give_back(gift_id: uuid.UUID) -> GiftShown:
    """Give an unused code back within 14 days: all of it goes back to your card."""
    return show_gift(return_gift(gift_id, by=_me(), now=now()))


@blueprint.post("/balance")
@allow(anyone)
@blueprint.takes(LookAtGiftSchema)
@blueprint.gives(200, GiftBalanceSchema)
def read_balance(body: dict[str, Any]) -> GiftBalance:
    """What is left of a code, for whoever has it."""
    return balance_by_code(body["code"], remote_addr=request.remote_addr, now=now())


@staff_uses.post("/<uuid:reference>/return")
@allow(role("admin"))
@staff_uses.gives(200, ReturnedSchema)
def return_to_code(reference: uuid.UUID) -> dict[str, Any]:
    """Let what a gift code paid for an appointment that is over be spent anew; its therapist and we give up what we had of it. Whose code it is is not told."""
    return {"returned": return_use(reference, by=_me(), now=now())}


def _me() -> int:
    return caller().require_person()
