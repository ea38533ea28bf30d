"""The pages of packs: those of one service that can be bought, and one's own with what is left of each and the way to get the rest back. No script needed."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.packs.sell import close_own_pack, services_named
from booking.paying.open_calls import PaymentPage, buy_pack
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.db import transaction
from core.forms import form_id
from payments.packs.reading import OfferShown, offers_for, packs_of

blueprint = Blueprint("pack_pages", __name__, template_folder="templates")
NO_BUTTON = "Please press one of the buttons."
PAGE = "packs"


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def own_packs_page() -> str:
    """What you bought, and what is left of it."""
    return _page(caller().require_person())


@blueprint.post(f"/{PAGE}")
@allow(confirmed)
def close_here() -> ResponseReturnValue:
    """Get the rest of one back."""
    me = caller().require_person()
    close_own_pack(form_id("pack", otherwise=NO_BUTTON), by=me, now=now())
    return _page(me, done="The rest is on its way back to your card. Sessions that are booked stay paid.")


@blueprint.get(f"/{PAGE}/<uuid:service_id>")
@allow(anyone)
def packs_on_sale_page(service_id: uuid.UUID) -> str:
    """The packs of a service, for anybody; yours are shown once you have signed in."""
    return _page(caller().person_id, offers=offers_for(service_id), service_id=service_id)


@blueprint.post(f"/{PAGE}/<uuid:service_id>")
@allow(confirmed, outside=True)
def buy_here(service_id: uuid.UUID) -> ResponseReturnValue:
    """Open the checkout of a pack: the page then has the link to it."""
    me = caller().require_person()
    checkout = buy_pack(form_id("offer", otherwise=NO_BUTTON), by=me)
    with transaction(read_only=True):
        return _page(me, offers=offers_for(service_id), service_id=service_id, checkout=checkout)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
close_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
buy_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(me: int | None, *, offers: Sequence[OfferShown] = (), checkout: PaymentPage | None = None, **more: Any) -> str:
    packs = packs_of(me) if me is not None else []
    services = services_named([*(each.what for each in offers), *(each.what for each in packs)])
    minutes = {public_id: service.minutes for public_id, service in services.items()}
    shown = {"offers": offers, "packs": packs, "minutes": minutes, "checkout": checkout, "is_signed_in": me is not None}
    return render_template("booking/packs.html", csrf_token=csrf_token(), **shown, **more)
