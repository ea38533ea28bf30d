"""Packs of sessions over HTTP: a therapist offers them, a client buys one, books from it (see /holds/{id}/price), and gets the rest back."""

import uuid
from typing import Any

from booking.packs.schemas import (
    OfferPackSchema,
    OwnPackOfferSchema,
    OwnPackOffersSchema,
    PackCheckoutSchema,
    PackOffersSchema,
    PackSchema,
    PacksSchema,
)
from booking.packs.sell import close_own_pack, offer_own_pack
from booking.paying.open_calls import PaymentPage, buy_pack
from core.access import allow, anyone, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent
from payments.packs.reading import OfferShown, PackShown, offers_by, offers_for, packs_of, show_pack
from payments.packs.sell import stop_offer

own_offers = Blueprint("own_packs", __name__, url_prefix="/api/v1/therapist/packs", description="Packs that a therapist offers")
on_sale = Blueprint("packs_on_sale", __name__, url_prefix="/api/v1", description="Packs on sale")
packs = Blueprint("packs", __name__, url_prefix="/api/v1/packs", description="Packs that you bought")
blueprints = (own_offers, on_sale, packs)
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


@own_offers.get("")
@allow(role("therapist"))
@own_offers.gives(200, OwnPackOffersSchema)
def list_own_offers() -> dict[str, Any]:
    """The packs that you offer or offered."""
    return {"items": offers_by(_me())}


@own_offers.post("")
@allow(role("therapist"))
@own_offers.hears(*KEY)
@idempotent
@own_offers.takes(OfferPackSchema)
@own_offers.gives(201, OwnPackOfferSchema)
def offer(body: dict[str, Any]) -> OfferShown:
    """Offer so many sessions of a service for one price."""
    return offer_own_pack(_me(), body["service_id"], sessions=body["sessions"], price=body["price"], now=now())


@own_offers.delete("/<uuid:offer_id>")
@allow(role("therapist"))
@own_offers.gives(200, OwnPackOfferSchema)
def stop(offer_id: uuid.UUID) -> OfferShown:
    """Sell it no more. Packs that were bought keep their price and their sessions."""
    stopped = stop_offer(offer_id, payee_id=_me(), now=now())
    return next(each for each in offers_by(_me()) if each.public_id == stopped.public_id)


@on_sale.get("/services/<uuid:service_id>/packs")
@allow(anyone)
@on_sale.gives(200, PackOffersSchema)
def list_on_sale(service_id: uuid.UUID) -> dict[str, Any]:
    """The packs of a service that can be bought."""
    return {"items": offers_for(service_id)}


@on_sale.post("/pack-offers/<uuid:offer_id>/checkout")
@allow(confirmed, outside=True)
@on_sale.gives(200, PackCheckoutSchema)
def buy(offer_id: uuid.UUID) -> PaymentPage:
    """Open the page where a pack is paid by card; asked again, the same page. It can be used once it is paid."""
    return buy_pack(offer_id, by=_me())


@packs.get("")
@allow(signed_in)
@packs.gives(200, PacksSchema)
def list_packs() -> dict[str, Any]:
    """Your packs, with what is left of each."""
    return {"items": packs_of(_me())}


@packs.post("/<uuid:pack_id>/close")
@allow(confirmed)
@packs.gives(200, PackSchema)
def close(pack_id: uuid.UUID) -> PackShown:
    """Get the rest back: sessions that are booked stay paid, and every other one that is left goes back to your card."""
    return show_pack(close_own_pack(pack_id, by=_me(), now=now()))


def _me() -> int:
    return caller().require_person()
