"""Webhooks: every event to every endpoint, signed, again and again for three days until it is answered 2xx; and what may happen to it on the way.

Knobs (`world.settings["webhooks"]`): `duplicate` and `drop` are chances between 0 and 1, `delay` is the most seconds that one is late, `reorder` sends what is
due in any order, `paused` sends nothing. The dice are seeded: the same run is the same run.
"""

import hashlib
import hmac
import json
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.payment_sandbox.world import Thing, World, shown
from core.outside import NoAnswer, send

PAUSES = (5, 30, 300, 1800, 3600, 7200, 14_400, 28_800, 43_200, 57_600, 86_400)  # seconds between tries; after the last it is given up
IDLE_SECONDS = 0.5
CALM = {"duplicate": 0.0, "drop": 0.0, "delay": 0, "reorder": False, "paused": False}

Post = Callable[[str, bytes, str], int]


@dataclass(frozen=True)
class Endpoint:
    """Where webhooks go, and the secret that signs them."""

    url: str
    secret: str


class Courier:
    """`post` carries one (address, body, signature) and says the status; by HTTP, unless a test carries it itself."""

    def __init__(self, world: World, endpoints: Sequence[Endpoint], *, post: Post | None = None, seed: int = 0) -> None:
        self.endpoints = list(endpoints)
        self.post: Post = post or over_http
        self._world = world
        self._dice = random.Random(seed)  # noqa: S311 a rehearsal of bad luck
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        world.heard.append(self._hear)

    @property
    def knobs(self) -> dict[str, Any]:
        return {**CALM, **self._world.settings.get("webhooks", {})}

    def _hear(self, event: Thing) -> None:
        knobs = self.knobs
        for endpoint in self.endpoints:
            if self._dice.random() < knobs["drop"]:
                continue
            for _ in range(2 if self._dice.random() < knobs["duplicate"] else 1):
                self._enqueue(event, endpoint, self._world.now() + self._dice.randint(0, int(knobs["delay"])))
        self._wake.set()

    def _enqueue(self, event: Thing, endpoint: Endpoint, due: int) -> None:
        event["pending_webhooks"] += 1
        self._world.make("delivery", event=event["id"], url=endpoint.url, due=due, tries=0)

    # -- sending -------------------------------------------------------------------------------------------------------------------------------------

    def due(self) -> list[Thing]:
        """What should be sent by now, in the order it will be."""
        if self.knobs["paused"]:
            return []
        found = [each for each in self._world.each("delivery") if each["due"] <= self._world.now()]
        if self.knobs["reorder"]:
            self._dice.shuffle(found)
        else:
            found.sort(key=lambda each: (each["due"], each["_seq"]))
        return found

    def deliver_due(self) -> int:
        """Send once all that is due; how many were taken."""
        with self._world.step():
            waiting = self.due()
        return sum(self.deliver(each) for each in waiting)

    def deliver(self, delivery: Thing) -> bool:
        """One try, outside of the lock: whoever is called may call us."""
        endpoint = next((each for each in self.endpoints if each.url == delivery["url"]), None)
        event = self._world.find("event", delivery["event"])
        if endpoint is None or event is None:
            with self._world.step():
                self._world.forget("delivery", delivery["id"])
            return False
        status = self.carry(event, endpoint)
        with self._world.step():
            if 200 <= status < 300:
                self._world.forget("delivery", delivery["id"])
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
                self._world.touch(event)
                return True
            delivery["tries"] += 1
            delivery["last_status"] = status
            if delivery["tries"] > len(PAUSES):
                self._world.forget("delivery", delivery["id"])
            else:
                delivery["due"] = self._world.now() + PAUSES[delivery["tries"] - 1]
                self._world.touch(delivery)
        return False

    def carry(self, event: Thing, endpoint: Endpoint) -> int:
        """Post an event now, whatever is queued."""
        body = json.dumps(shown(event), indent=2).encode()
        return self.post(endpoint.url, body, sign(body, endpoint.secret, self._world.now()))

    # -- the thread of a server ----------------------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="payment sandbox webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._wake.clear()
            if not self.deliver_due():
                self._wake.wait(IDLE_SECONDS)


def sign(body: bytes, secret: str, now: int) -> str:
    """The `Stripe-Signature` header (docs.stripe.com/webhooks/signature)."""
    return f"t={now},v1={hmac.new(secret.encode(), f'{now}.'.encode() + body, hashlib.sha256).hexdigest()}"


def over_http(url: str, body: bytes, signature: str) -> int:
    """The status, or 0 for no answer."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signature, "User-Agent": "Stripe/1.0 (payment sandbox)"}
    try:
        return send("POST", url, headers=headers, body=body).status
    except NoAnswer:
        return 0
