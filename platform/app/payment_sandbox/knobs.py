"""The knobs over HTTP, with JSON: GET /_knobs shows everything; POST /_knobs/<knob> turns one.

| knob | takes |
|---|---|
| clock | advance: seconds |
| faults | how, times, method, path, seconds (faults.py); clear: true takes all back |
| webhooks | duplicate, drop, delay, reorder, paused (delivery.py) |
| settings | plenty, processing_seconds, refunds, paused (sandbox.py) |
| pay | session, number, approve: a page filled in without a browser |
| refund | payment_intent, amount: by hand, without our reference; or refund, becomes: succeeded, failed |
| dispute | payment_intent, reason, amount; or dispute, won |
| account | account, outcome: complete, later, refused; or account, amount, currency: a payout to its bank; without account: to ours |
| card | customer, number: saved as if by a setup page |
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from app.payment_sandbox.refusals import Refused
from app.payment_sandbox.world import shown

if TYPE_CHECKING:
    from app.payment_sandbox.sandbox import PaymentSandbox

Said = dict[str, Any]


def respond(sandbox: "PaymentSandbox", request: Request) -> Response:
    """200 with what came of it, 400 for what cannot be done, 404 for a knob that there is none of."""
    knob = request.path.removeprefix("/_knobs").strip("/")
    if request.method == "GET" and not knob:
        return _json(200, _everything(sandbox))
    turn = TURNS.get(knob)
    if turn is None or request.method != "POST":
        return _json(404, {"error": f"there is no knob {knob}"})
    try:
        said = json.loads(request.get_data() or b"{}")
        return _json(200, {"done": shown(turn(sandbox, said))})
    except Refused as refused:
        return _json(400, refused.body)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        return _json(400, {"error": f"{type(error).__name__}: {error}"})


def _everything(sandbox: "PaymentSandbox") -> Said:
    world = sandbox.world
    with world.lock:
        kinds = ("checkout.session", "payment_intent", "refund", "dispute", "account", "transfer", "event", "delivery", "idempotency")
        counts = {kind: sum(1 for _ in world.each(kind)) for kind in kinds}
        return {
            "now": world.now(),
            "settings": shown(world.settings),
            "webhooks": sandbox.courier.knobs,
            "faults": sandbox.faults.waiting(),
            "counts": counts,
            "endpoints": [each.url for each in sandbox.courier.endpoints],
        }


def _clock(sandbox: "PaymentSandbox", said: Said) -> Any:
    sandbox.advance(int(said["advance"]))
    return {"now": sandbox.world.now()}


def _faults(sandbox: "PaymentSandbox", said: Said) -> Any:
    if said.get("clear"):
        sandbox.faults.clear()
    else:
        sandbox.faults.add(**said)
    return sandbox.faults.waiting()


def _refund(sandbox: "PaymentSandbox", said: Said) -> Any:
    if "refund" in said:
        return sandbox.refund_becomes(said["refund"], said["becomes"])
    return sandbox.refund_by_hand(said["payment_intent"], said.get("amount"))


def _dispute(sandbox: "PaymentSandbox", said: Said) -> Any:
    if "dispute" in said:
        return sandbox.close_dispute(said["dispute"], won=bool(said["won"]))
    return sandbox.dispute(said["payment_intent"], reason=said.get("reason", "general"), amount=said.get("amount"))


def _account(sandbox: "PaymentSandbox", said: Said) -> Any:
    if "account" not in said:
        return sandbox.to_own_bank(int(said["amount"]), said["currency"])
    if "amount" in said:
        return sandbox.pay_out(said["account"], int(said["amount"]), said["currency"])
    return sandbox.onboard(said["account"], said.get("outcome", "complete"))


TURNS: dict[str, Callable[["PaymentSandbox", Said], Any]] = {
    "clock": _clock,
    "faults": _faults,
    "webhooks": lambda sandbox, said: sandbox.set_webhooks(**said),
    "settings": lambda sandbox, said: sandbox.set(**said),
    "pay": lambda sandbox, said: sandbox.pay(said["session"], said.get("number", "4242424242424242"), approve=said.get("approve", True)),
    "refund": _refund,
    "dispute": _dispute,
    "account": _account,
    "card": lambda sandbox, said: sandbox.save_card(said["customer"], said.get("number", "4242424242424242")),
}


def _json(status: int, body: Any) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")
