"""HTTP: who asks, for what, with which parameters; the answer, or none."""

import json
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

from app.payment_sandbox import form, knobs, listing, pages, published, routes
from app.payment_sandbox.faults import Fault
from app.payment_sandbox.refusals import Refused

if TYPE_CHECKING:
    from app.payment_sandbox.sandbox import PaymentSandbox

# Status, body, and whether both were given before.
Answered = tuple[int, dict[str, Any], bool]

OUR_KEYS = re.compile(r"^(sk|rk)_test_\w+$")
FAULT_ANSWERS = {
    "500": Refused("An unknown error occurred.", status=500, kind="api_error"),
    "500_kept": Refused("An unknown error occurred.", status=500, kind="api_error", executed=True),
    "429": Refused("Request rate limit exceeded.", status=429, code="rate_limit"),
    "409": Refused("There is currently another in-progress request using this Idempotent Key.", status=409, code="idempotency_key_in_use"),
}


class HangUp(Exception):
    """No answer: the connection is closed."""


class Wire:
    """The WSGI application."""

    def __init__(self, sandbox: "PaymentSandbox") -> None:
        self._sandbox = sandbox

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._respond(request)
        except HangUp:
            _hang_up(environ)
            raise ConnectionAbortedError from None  # the server takes it for a caller who left
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path.startswith("/_knobs"):
            return knobs.respond(self._sandbox, request)
        if self._sandbox.world.settings.get("paused"):
            raise HangUp
        if not request.path.startswith("/v1/"):
            return pages.respond(self._sandbox, request)
        status, body, again = self._ask(request)
        headers = {
            "Request-Id": f"req_{secrets.token_hex(7)}",
            "Stripe-Version": request.headers.get("Stripe-Version") or self._sandbox.world.api_version,
            **({"Idempotent-Replayed": "true"} if again else {}),
            **({"Stripe-Should-Retry": "true"} if status == 409 else {}),
        }
        if key := request.headers.get("Idempotency-Key"):
            headers["Idempotency-Key"] = key
        return Response(json.dumps(body), status, headers, content_type="application/json")

    def _ask(self, request: Request) -> Answered:
        fault = self._sandbox.faults.take(request.method, request.path)
        if fault and fault.how == "unreached":
            time.sleep(fault.seconds)
            raise HangUp
        try:
            _check_key(request)
            if fault and fault.how in ("500", "429", "409"):
                raise FAULT_ANSWERS[fault.how]
            found = routes.find(request.method, request.path)
            if found is None:
                raise Refused(f"Unrecognized request URL ({request.method}: {request.path}).", status=404)
            route, ids = found
            params = published.check(route.params, form.nested(_pairs(request)))
            return self._once(request, route, ids, params, fault)
        except Refused as refused:
            return refused.status, refused.body, False

    def _once(self, request: Request, route: routes.Route, ids: tuple[str, ...], params: dict[str, Any], fault: Fault | None) -> Answered:
        world, keys = self._sandbox.world, self._sandbox.keys
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if key is not None:
            with world.step():
                kept = keys.begin(key, request.method, request.path, params)
            if kept is not None:
                return *kept, True
        answer: tuple[int, dict[str, Any]] | None = None
        try:
            with world.step():
                try:
                    if fault and fault.how == "500_kept":
                        raise FAULT_ANSWERS[fault.how]
                    thing = route.act(world, params, *ids)
                    body = listing.answer(world, thing, params.get("expand", []))
                    answer = 200, body
                except Refused as refused:
                    answer = (refused.status, refused.body) if refused.executed else None
                    if answer is None:
                        raise
            if fault and fault.seconds and fault.how in ("lost", "slow"):
                time.sleep(fault.seconds)
        finally:
            if key is not None:
                with world.step():
                    keys.end(key, request.method, request.path, params, answer)
        if fault and fault.how == "lost":
            raise HangUp
        return *answer, False


def _check_key(request: Request) -> None:
    given = request.authorization
    key = "" if given is None else (given.token or given.username or "")
    if not OUR_KEYS.match(key):
        words = "You did not provide an API key." if not key else "Invalid API Key provided: the sandbox knows test keys only."
        raise Refused(words, status=401)


def _pairs(request: Request) -> list[tuple[str, str]]:
    if request.method == "GET":
        return parse_qsl(request.query_string.decode(), keep_blank_values=True)
    kind = request.mimetype
    body = request.get_data()
    if body and kind != "application/x-www-form-urlencoded":
        raise Refused("Invalid request: please send the content type application/x-www-form-urlencoded.")
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _hang_up(environ: dict[str, Any]) -> None:
    held = environ.get("werkzeug.socket")
    if isinstance(held, socket.socket):
        with suppress(OSError):  # the other side was faster
            held.shutdown(socket.SHUT_RDWR)
