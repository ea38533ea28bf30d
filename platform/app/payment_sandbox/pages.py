"""What people see: the page of a checkout, the bank's question, a connected account's forms. They work at the width of a phone, and without a script."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from app.payment_sandbox import accounts, checkout
from app.payment_sandbox.cards import CARDS, make_method
from app.payment_sandbox.refusals import Refused
from app.payment_sandbox.world import Thing, World
from core.money import Money
from payments.processor_amounts import from_processor

if TYPE_CHECKING:
    from app.payment_sandbox.sandbox import PaymentSandbox

TEMPLATES = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, trim_blocks=True, lstrip_blocks=True)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
LATEST = 20


def respond(sandbox: "PaymentSandbox", request: Request) -> Response:
    """404 for an address that there is no page for."""
    name, _, identifier = request.path.strip("/").partition("/")
    page = PAGES.get(name)
    if page is None or request.method not in ("GET", "POST"):
        return _page("closed.html", 404, title="There is nothing here", why="Look at the address again.")
    with sandbox.world.step():
        return page(sandbox.world, request, identifier)


def _pay(world: World, request: Request, identifier: str) -> Response:
    session = world.find("checkout.session", identifier)
    if session is None:
        return _page("closed.html", 404, title="There is no such payment", why="Look at the address again.")
    if session["status"] == "complete":
        return redirect(checkout.way_back(session, done=True), 303)
    if session["status"] == "expired":
        return _page("closed.html", 410, title="This page has expired", why="Nothing was paid here.", back=checkout.way_back(session, done=False))
    if waiting := _waiting(world, session):
        return redirect(f"/authenticate/{waiting['id']}", 303)
    wrong, chosen = "", request.form.get("number", "")
    if request.method == "POST":
        try:
            intent = checkout.submit(world, session, make_method(world, chosen))
            if answered := _after(session, intent):
                return answered
            wrong = (intent.get("last_payment_error") or intent.get("last_setup_error") or {}).get("message", "")
        except Refused as refused:
            wrong = str(refused)
    return _pay_page(world, session, wrong, chosen)


def _pay_page(world: World, session: Thing, wrong: str, chosen: str) -> Response:
    paying = session["mode"] == "payment"
    if not wrong and session["payment_intent"]:
        last = (world.find("payment_intent", session["payment_intent"]) or {}).get("last_payment_error") or {}
        wrong = last.get("message", "")
    amount = _amount(session["amount_total"], session["currency"]) if paying else ""
    return _page(
        "pay.html",
        402 if wrong else 200,
        title=", ".join(line["name"] for line in session["_lines"]) or "Save a card",
        amount=amount,
        wrong=wrong,
        cards=CARDS.items(),
        chosen=chosen,
        kept=not paying or bool(session["_intent_data"].get("setup_future_usage")),
        button=f"Pay {amount}" if paying else "Save this card",
        back=checkout.way_back(session, done=False),
    )


def _waiting(world: World, session: Thing) -> Thing | None:
    """The intent of this session that waits for the bank's question to be answered."""
    for kind in ("payment_intent", "setup_intent"):
        intent = world.find(kind, session[kind]) if session[kind] else None
        if intent and intent["status"] == "requires_action":
            return intent
    return None


def _after(session: Thing, intent: Thing) -> Response | None:
    """Where a try leads; nowhere when it was declined."""
    if intent["status"] == "requires_action":
        return redirect(f"/authenticate/{intent['id']}", 303)
    return redirect(checkout.way_back(session, done=True), 303) if session["status"] == "complete" else None


def _authenticate(world: World, request: Request, identifier: str) -> Response:
    intent = world.find("payment_intent", identifier) or world.find("setup_intent", identifier)
    session = world.find("checkout.session", (intent or {}).get("_session") or "")
    if intent is None or session is None:
        return _page("closed.html", 404, title="There is no such payment", why="Look at the address again.")
    if intent["status"] != "requires_action":
        return redirect(f"/pay/{session['id']}", 303)
    if request.method == "POST":
        checkout.authenticate(world, intent, approved=request.form.get("answer") == "approve")
        return _after(session, intent) or redirect(f"/pay/{session['id']}", 303)
    amount = _amount(intent["amount"], intent["currency"]) if "amount" in intent else ""
    return _page("authenticate.html", title="Your bank asks", amount=amount)


def _onboard(world: World, request: Request, secret: str) -> Response:
    link = world.find("account_link", secret)
    if link is None:
        return _page("closed.html", 404, title="There is no such page", why="Look at the address again.")
    account = accounts.of(world, link["_account"])
    if request.method == "POST":
        accounts.onboard(world, account, outcome=request.form.get("outcome", "later"))
        return redirect(link["_return_url"], 303)
    if link["_used"] or link["_expires_at"] < world.now():
        return redirect(link["_refresh_url"], 303)
    link["_used"] = True
    world.touch(link)
    return _page("onboard.html", title="Your earnings", account=account["id"], back=link["_return_url"])


def _index(world: World, _request: Request, _nothing: str) -> Response:
    latest = list(world.each("payment_intent"))[-LATEST:]
    rows = [{"id": each["id"], "amount": _amount(each["amount"], each["currency"]), "status": each["status"]} for each in reversed(latest)]
    return _page("index.html", title="Payments", payments=rows, cards=CARDS.items())


PAGES: dict[str, Callable[[World, Request, str], Response]] = {"": _index, "pay": _pay, "authenticate": _authenticate, "onboard": _onboard}


def _amount(amount: int, currency: str) -> str:
    return str(Money(from_processor(amount, currency.upper()), currency.upper()))


def _page(template: str, status: int = 200, **values: Any) -> Response:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
    return Response(TEMPLATES.get_template(template).render(**values), status, headers, content_type="text/html; charset=utf-8")
