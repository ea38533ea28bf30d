"""The whole sandbox in one process, and what its knobs do: a server of its own, or inside a test."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app.payment_sandbox import accounts, balance, checkout, customers, disputes, payments, refunds
from app.payment_sandbox.cards import make_method
from app.payment_sandbox.delivery import Courier, Endpoint, Post
from app.payment_sandbox.faults import Faults
from app.payment_sandbox.idempotency import Keys
from app.payment_sandbox.refusals import Refused, no_such
from app.payment_sandbox.wire import Wire
from app.payment_sandbox.world import Thing, World

API_VERSION = "2026-10-28.endive"
SETTINGS = frozenset({"plenty", "processing_seconds", "refunds", "paused"})


class PaymentSandbox:
    """`seconds` is the clock; `post` carries webhooks in place of HTTP; `state` is a file that survives a restart."""

    def __init__(
        self,
        *,
        endpoints: Sequence[Endpoint] = (),
        seconds: Callable[[], float] = time.time,
        state: Path | None = None,
        post: Post | None = None,
        seed: int = 0,
    ) -> None:
        self.world = World(seconds=seconds, state=state, api_version=API_VERSION)
        self.world.paid.append(checkout.hear_paid)
        self.world.alarms.update(
            {
                "checkout.expire": checkout.expire_when_due,
                "payment_intent.capture": payments.capture,
                "refund.again": refunds.try_again,
                "refund.fail": refunds.fail_late,
            }
        )
        self.keys = Keys(self.world)
        self.faults = Faults()
        self.courier = Courier(self.world, endpoints, post=post, seed=seed)
        self.wsgi: WSGIApplication = Wire(self)

    # -- what people do ------------------------------------------------------------------------------------------------------------------------------

    def pay(self, session: str, number: str = "4242424242424242", *, approve: bool | None = True) -> Thing:
        """Fill in a session's page and, where the bank asks, approve, deny, or leave it (None). Returns the intent as it is then."""
        with self.world.step():
            page = checkout.of(self.world, session)
            intent = checkout.submit(self.world, page, make_method(self.world, number))
            if intent["status"] == "requires_action" and approve is not None:
                checkout.authenticate(self.world, intent, approved=approve)
            return intent

    def authenticate(self, intent: str, *, approved: bool) -> Thing:
        """The person's late answer to their bank."""
        with self.world.step():
            found = self._of("payment_intent", intent)
            checkout.authenticate(self.world, found, approved=approved)
            return found

    def save_card(self, customer: str, number: str = "4242424242424242") -> str:
        """As if a setup page had been used."""
        with self.world.step():
            customers.required(self.world, customer)
            method = make_method(self.world, number)
            payments.save(self.world, method, customer)
            return str(method["id"])

    def onboard(self, account: str, outcome: str = "complete") -> None:
        with self.world.step():
            accounts.onboard(self.world, accounts.of(self.world, account), outcome=outcome)

    # -- what the platform's owner does in the dashboard, and banks on their own ---------------------------------------------------------------------

    def refund_by_hand(self, payment_intent: str, amount: int | None = None) -> Thing:
        """Without our reference, as the dashboard does it."""
        with self.world.step():
            return refunds.create(self.world, {"payment_intent": payment_intent, **({"amount": amount} if amount else {})})

    def refund_becomes(self, refund: str, status: str) -> None:
        with self.world.step():
            found = self._of("refund", refund)
            if status == "succeeded":
                refunds.succeed(self.world, found)
            elif status == "failed":
                refunds.fail(self.world, found)
            else:
                raise Refused("A refund becomes succeeded or failed.", param="becomes")

    def dispute(self, payment_intent: str, *, reason: str = "general", amount: int | None = None) -> Thing:
        with self.world.step():
            charge = self._of("charge", payments.of(self.world, payment_intent)["latest_charge"] or "")
            return disputes.open_dispute(self.world, charge, reason=reason, amount=amount)

    def close_dispute(self, dispute: str, *, won: bool) -> None:
        with self.world.step():
            disputes.close(self.world, self._of("dispute", dispute), won=won)

    def pay_out(self, account: str, amount: int, currency: str) -> None:
        """A connected account sends money to its owner's bank: it cannot be taken back from there."""
        with self.world.step():
            holder = accounts.of(self.world, account)
            if balance.of_account(self.world, account, currency) < amount:
                raise Refused("The account does not hold that much.", code="balance_insufficient")
            out = holder.setdefault("_paid_out", {})
            out[currency] = out.get(currency, 0) + amount
            self.world.touch(holder)

    def to_own_bank(self, amount: int, currency: str) -> Thing:
        """The platform's own balance goes to its bank."""
        with self.world.step():
            out = self.world.make("payout", amount=amount, currency=currency, status="paid", livemode=False, metadata={})
            balance.write(self.world, "payout", -amount, currency, source=out["id"])
            return out

    # -- knobs ---------------------------------------------------------------------------------------------------------------------------------------

    def set(self, **settings: Any) -> None:
        """`plenty`: the platform's balance always suffices. `processing_seconds`: how long a payment takes. `refunds`: ``pending`` or ``fails`` for every card.
        `paused`: nobody answers."""
        if unknown := settings.keys() - SETTINGS:
            raise Refused(f"There is no knob {', '.join(sorted(unknown))}.", param=min(unknown))
        with self.world.step():
            self.world.settings.update(settings)
            self.world.touch(self.world.settings)

    def set_webhooks(self, **knobs: Any) -> None:
        with self.world.step():
            if unknown := knobs.keys() - self.courier.knobs.keys():
                raise Refused(f"There is no knob {', '.join(sorted(unknown))}.", param=min(unknown))
            self.world.settings["webhooks"] = {**self.courier.knobs, **knobs}
            self.world.touch(self.world.settings)

    def advance(self, seconds: int) -> None:
        """Let time pass; what is due in it happens."""
        with self.world.step():
            self.world.advance(seconds)

    def events(self) -> list[Thing]:
        """All there were, oldest first."""
        return list(self.world.each("event"))

    def _of(self, kind: str, identifier: str) -> Thing:
        found = self.world.find(kind, identifier)
        if found is None:
            raise no_such(kind, identifier)
        return found

    # -- serving -------------------------------------------------------------------------------------------------------------------------------------

    def server(self, *, host: str = "127.0.0.1", port: int = 0, file_descriptor: int | None = None) -> BaseWSGIServer:
        """Bound, not yet serving. Its pages' addresses follow from it."""
        made = make_server(host, port, self.wsgi, threaded=True, request_handler=_Silent, fd=file_descriptor)
        made.daemon_threads = True  # type: ignore[attr-defined]  # of socketserver's mix-in
        with self.world.step():
            self.world.settings["address"] = f"http://{host}:{made.port}"
            self.world.touch(self.world.settings)
        return made

    @contextmanager
    def serving(self, *, webhooks: bool = False) -> Iterator[str]:
        """On a free port of the loopback, in threads of this process; gives the address. `webhooks`: sends them by itself."""
        server = self.server()
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), name="payment sandbox", daemon=True)
        thread.start()
        if webhooks:
            self.courier.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            if webhooks:
                self.courier.stop()
            server.shutdown()
            thread.join()
            server.server_close()
            self.world.close()


class _Silent(WSGIRequestHandler):
    """Whoever wants to know reads the events."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 the name is werkzeug's
        """Nothing."""
