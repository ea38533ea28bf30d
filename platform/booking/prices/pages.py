"""Prices over time, packs and codes, on one page: each press is one act of the API; a refusal keeps what was filled in. Works without a script."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.identity import csrf_token
from accounts.people import require_account
from booking.fee_changes.announce import announce, withdraw
from booking.fee_changes.notice import NOTICE
from booking.fee_changes.reading import changes_of
from booking.fee_changes.routes import AnnounceFeeSchema
from booking.openings.availability import instant_of
from booking.openings.schedule import edge
from booking.packs.schemas import OfferPackSchema
from booking.packs.sell import offer_own_pack, services_named
from core.access import allow, caller, role
from core.clock import now
from core.db import db
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_id, form_of, read_through, refusal_of, whole_number
from core.http import as_text
from core.money import of_units
from notices.letter import local_time
from payments.codes.issue import stop_code
from payments.codes.make import make_code
from payments.codes.reading import CodeShown, codes_of
from payments.codes.schemas import MakeCodeSchema
from payments.packs.reading import offers_by
from payments.packs.sell import stop_offer
from therapists.models import Service

PAGE = "my-practice/prices"
blueprint = Blueprint("prices_pages", __name__, template_folder="templates")
LONGEST_AMOUNT = 12
BUTTON = "Please press one of the buttons."
FORMS = ("fee", "pack", "code")


@blueprint.get(f"/{PAGE}")
@allow(role("therapist"))
def prices_page() -> ResponseReturnValue:
    """Fees that I announced, packs that I offer, codes that I made."""
    return _page()


@blueprint.post(f"/{PAGE}")
@allow(role("therapist"))
def press_here() -> ResponseReturnValue:
    """Announce another fee or take that back, offer a pack or stop it, make a code or stop it."""
    made: list[CodeShown] = []
    refused = refusal_of(lambda: _press(request.form.get("act", ""), made))
    if refused is None and not made:
        return redirect(f"/{PAGE}", 303)
    return _page(refused=refused, made=made)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
press_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _press(act: str, made: list[CodeShown]) -> None:
    me, at = caller().require_person(), now()
    if act == "fee":
        announce(me, **_fee_filled_in(me), now=at)
    elif act == "withdraw":
        withdraw(form_id("id", otherwise=BUTTON), therapist_id=me, now=at)
    elif act == "pack":
        service = _service(me)
        body = read_through(OfferPackSchema, {"service_id": str(service.public_id), "sessions": whole_number(_filled("sessions")), "price": _amount(service)})
        offer_own_pack(me, body["service_id"], sessions=body["sessions"], price=body["price"], now=at)
    elif act == "stop_pack":
        stop_offer(form_id("id", otherwise=BUTTON), payee_id=me, now=at)
    elif act == "code":
        made.append(make_code(read_through(MakeCodeSchema, _code_filled_in(me)), bearer="payee", payee_id=me, by=me, now=at))
    elif act == "stop_code":
        stop_code(form_id("id", otherwise=BUTTON), by=me, payee_id=me, now=at)
    else:
        raise Invalid(BUTTON)


def _filled(name: str) -> str:
    return request.form.get(name, "").strip()


def _service(me: int) -> Service:
    mine = select(Service).where(Service.therapist_id == me, Service.active)
    found = next((each for each in db.session.scalars(mine) if str(each.public_id) == _filled("service_id")), None)
    if found is None:
        raise Invalid(errors={"service_id": ["Choose one of your services."]})
    return found


def _amount(service: Service) -> dict[str, Any]:
    """What was filled in, in the currency of the service."""
    written = _filled("amount")
    try:
        if len(written) > LONGEST_AMOUNT:
            raise ValueError(written)
        amount = of_units(written, service.fee_currency)
    except ValueError as error:
        raise Invalid(errors={"amount": ["Write an amount such as 70 or 70.50."]}) from error
    return {"amount": amount.amount, "currency": amount.currency}


def _midnight(name: str, me: int, *, after: int = 0) -> str | None:
    """The beginning of that day on the therapist's clock, `after` days later."""
    written = _filled(name)
    if not written:
        return None
    try:
        day = date.fromisoformat(written) + timedelta(days=after)
        return as_text(instant_of(edge(require_account(me).person.zone, day, 0)))
    except (ValueError, OverflowError) as error:
        raise Invalid(errors={name: ["Give a day such as 2026-11-23."]}) from error


def _fee_filled_in(me: int) -> dict[str, Any]:
    service, ends = _service(me), _filled("ends") == "yes"
    fee = None if ends else _amount(service)
    given = {"service_id": str(service.public_id), "fee": fee, "concession": _filled("concession"), "takes_effect_at": _midnight("from", me)}
    return read_through(AnnounceFeeSchema, given)


def _code_filled_in(me: int) -> Mapping[str, Any]:
    share, is_share = _filled("amount").removesuffix("%").strip(), _filled("what") == "percent"
    return {
        "percent": whole_number(share) if is_share else None,
        "off": None if is_share else _amount(_service(me)),
        "holds_from": _midnight("from", me),
        "holds_until": _midnight("until", me, after=1),
        "first_only": _filled("first_only") == "yes",
        "most_uses": whole_number(_filled("most_uses")) if _filled("most_uses") else None,
    }


def _page(*, refused: DomainError | None = None, made: Sequence[CodeShown] = ()) -> ResponseReturnValue:
    me, at, act = caller().require_person(), now(), request.form.get("act", "")
    zone = require_account(me).person.zone
    services = db.session.scalars(select(Service).where(Service.therapist_id == me, Service.active).options(selectinload(Service.concessions))).all()
    paid = [each for each in services if each.fee_amount]
    packs, changes = offers_by(me), changes_of(me)
    known = services_named([*(each.what for each in packs), *(each.service_id for each in changes)])
    page = render_template(
        "booking/my_prices.html",
        services=[(str(each.public_id), _named(each)) for each in paid],
        concessions=[("", "the usual fee"), *dict.fromkeys((lower.name, lower.name) for each in paid for lower in each.concessions)],
        names={public_id: _named(service) for public_id, service in known.items()},
        changes=[each for each in changes if each.withdrawn_at is None],
        packs=packs,
        codes=codes_of(me),
        made=made,
        earliest=(at.astimezone(UTC) + NOTICE + timedelta(days=1)).date().isoformat(),
        day=lambda instant: local_time(instant, zone).rsplit(",", 1)[0],
        last_day=lambda instant: local_time(instant - timedelta(seconds=1), zone).rsplit(",", 1)[0],
        forms={name: form_of({}, refused, name=name, is_sent=act == name) for name in FORMS},
        refusal=refused.detail if refused is not None and act not in FORMS else None,
        csrf_token=csrf_token(),
    )
    return (page, STATUS_OF_KIND[refused.kind]) if refused is not None else page


def _named(service: Service) -> str:
    return f"{service.kind.capitalize()}, {service.unit}, {service.minutes} minutes, {service.fee}"
