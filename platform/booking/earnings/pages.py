"""How I am paid, on one page. It works without a script; to the card processor it leads by a link, because our pages let forms go nowhere else."""

import re
from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.people import require_account
from booking.earnings.words import ACCOUNT, PAYOUTS, WAITS, WAYS
from booking.meeting import AFTER_PAGE
from core.access import allow, caller, role
from core.clock import now
from core.db import transaction
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_of, read_through, words_of_refusal
from core.http import as_text
from notices.letter import local_time
from payments.collection.account_calls import look_at_own_account, open_account_page
from payments.collection.choose import choose_way, setup_of
from payments.collection.countries import online_countries
from payments.collection.routes import ChosenWaySchema, CountrySchema
from payments.ledger.statement import owed_to
from payments.payouts.reading import PayoutShown, payouts_of
from payments.platform_fees import fees_on
from payments.receipts.routes import SellerSchema
from payments.receipts.seller import Seller, seller_at, state_seller

PAGE = "my-practice/money"
blueprint = Blueprint("earnings_pages", __name__, template_folder="templates")
AT_ONCE = 20
RATE = re.compile(r"(\d{1,2})(?:[.,](\d{1,2}))?")
SELLER = ("name", "address", "tax_number", "tax_name", "tax_note")


@blueprint.get(f"/{PAGE}")
@allow(role("therapist"))
def money_page() -> str:
    """How I am paid, what I am owed, and my payouts."""
    return _page()


@blueprint.post(f"/{PAGE}")
@allow(role("therapist"), outside=True)
def press_here() -> ResponseReturnValue:
    """Choose how I am paid, go to the processor's pages about me or ask it how I stand there, or say what receipts say of me."""
    with transaction(read_only=True):
        me = caller().require_person()
    try:
        address = _press(request.form.get("act", ""), me)
    except DomainError as refused:
        with transaction(read_only=True):
            return _page(refused=refused), STATUS_OF_KIND[refused.kind]
    if address is None:
        return redirect(f"/{PAGE}", 303)
    with transaction(read_only=True):
        return _page(address=address)


# `core.http.refuse_unexpected` asks what a view takes.
money_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
press_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _press(act: str, me: int) -> str | None:
    """The address of the processor's page, where one was asked for."""
    if act == "account":
        return open_account_page(me, read_through(CountrySchema, {"country": request.form.get("country")})["country"])
    if act == "check":
        look_at_own_account(me)
        return None
    with transaction():
        if act == "seller":
            state_seller(me, Seller(**_seller_filled_in()), now=now())
        else:
            choose_way(me, read_through(ChosenWaySchema, {"way": act})["way"], now=now())
    return None


def _seller_filled_in() -> dict[str, Any]:
    rate = request.form.get("tax_rate", "").strip().removesuffix("%").strip()
    found = RATE.fullmatch(rate)
    if rate and found is None:
        raise Invalid(errors={"tax_rate": ["Give the rate in percent, such as 19 or 7.5."]})
    points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None
    texts = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in SELLER}
    return read_through(SellerSchema, {**texts, "tax_points": points})


def _page(*, address: str | None = None, refused: DomainError | None = None) -> str:
    me, at, of_seller = caller().require_person(), now(), request.form.get("act") == "seller"
    zone, fees, setup, payouts = require_account(me).person.zone, fees_on(at.date()), setup_of(me), payouts_of(me, limit=AT_ONCE, cursor=_cursor())
    return render_template(
        "booking/my_money.html",
        setup=setup,
        works_as=WAYS[setup.works_as] if setup.works_as else "",
        account=ACCOUNT.get(setup.account_state or "", ""),
        ways=WAYS,
        countries=sorted(online_countries()),
        address=address,
        owed=owed_to(me),
        fees=[(f"{points / 100:g} %", fees.words[origin]) for origin, points in fees.points.items()],
        payouts=[_line(each, zone, at) for each in payouts.items],
        more=payouts.next,
        files=_files(at.date()),
        form=form_of(_seller_stated(me, at), refused, name="seller", is_sent=of_seller),
        refusal=words_of_refusal(refused) if refused is not None and not of_seller else None,
        csrf_token=csrf_token(),
    )


def _seller_stated(me: int, at: datetime) -> dict[str, str]:
    stated = seller_at(me, at) or Seller("")
    rate = "" if stated.tax_points is None else f"{stated.tax_points / 100:g}"
    return {name: getattr(stated, name) for name in SELLER} | {"tax_rate": rate}


def _cursor() -> str | None:
    return request.args.get("cursor") if request.method == "GET" else None


def _line(payout: PayoutShown, zone: str, at: datetime) -> dict[str, Any]:
    waits = WAITS.get(payout.waits_for or "", "")
    due = "" if payout.sent_at or waits or payout.due_at <= at else f"not before {local_time(payout.due_at, zone)}"
    return {
        "amount": payout.amount,
        "returned": payout.returned if payout.returned.amount else None,
        "state": PAYOUTS[payout.state],
        "when": local_time(payout.sent_at, zone) if payout.sent_at else due,
        "waits": waits,
        "page": f"/{AFTER_PAGE}/{payout.reference}",
    }


def _files(today: date) -> list[tuple[str, str, str]]:
    """What can be taken along as a spreadsheet: words, and from when until when."""
    month = today.replace(day=1)
    before = month.replace(year=month.year - 1, month=12) if month.month == 1 else month.replace(month=month.month - 1)
    year, following = month.replace(month=1), month.replace(year=month.year + 1, month=1)
    next_month = following if month.month == 12 else month.replace(month=month.month + 1)
    spans = [("This month", month, next_month), ("The month before", before, month), (f"The year {year.year}", year, following)]
    spans.append((f"The year {year.year - 1}", year.replace(year=year.year - 1), year))
    return [(words, _midnight(since), _midnight(until)) for words, since, until in spans]


def _midnight(day: date) -> str:
    return as_text(datetime(day.year, day.month, day.day, tzinfo=UTC))
