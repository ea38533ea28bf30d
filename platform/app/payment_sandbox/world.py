"""What the sandbox keeps: objects of the wire format as plain dicts, its own clock, what is still to happen, and events.

One lock around everything: a request is one step. With a state file every step is written before it is answered, so that a restart knows it.
Keys of an object that begin with an underscore are ours and are never shown.
"""

import copy
import heapq
import json
import secrets
import sqlite3
import string
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Thing = dict[str, Any]

ALPHABET = string.ascii_letters + string.digits
PREFIXES = {
    "checkout.session": "cs_test_",
    "payment_intent": "pi_",
    "setup_intent": "seti_",
    "charge": "ch_",
    "customer": "cus_",
    "payment_method": "pm_",
    "refund": "re_",
    "dispute": "du_",
    "account": "acct_",
    "transfer": "tr_",
    "payout": "po_",
    "transfer_reversal": "trr_",
    "balance_transaction": "txn_",
    "event": "evt_",
    "delivery": "delivery_",
}


class World:
    """`seconds` is the clock that ours starts from (the machine's, or a test's); `shift` is how far it was advanced."""

    def __init__(self, *, seconds: Callable[[], float] = time.time, state: Path | None = None, api_version: str = "") -> None:
        self.lock = threading.RLock()
        self.api_version = api_version
        self._seconds = seconds
        self._things: dict[str, dict[str, Thing]] = {}
        self._sequence = 0
        self._timers: list[tuple[int, int, str, str]] = []
        self._changed: dict[tuple[str, str], None] = {}
        self.heard: list[Callable[[Thing], None]] = []
        self.paid: list[Callable[[World, Thing], None]] = []
        self.alarms: dict[str, Callable[[World, str], None]] = {}
        self._file = _open(state) if state else None
        self.settings = self._load()

    # -- time --------------------------------------------------------------------------------------------------------------------------------------

    def now(self) -> int:
        """Unix seconds of the sandbox."""
        return int(self._seconds()) + int(self.settings["shift"])

    def advance(self, seconds: int) -> None:
        self.settings["shift"] += seconds
        self.touch(self.settings)
        self.tick()

    def later(self, due: int, what: str, identifier: str) -> None:
        """Have the alarm `what` ring for an object at `due`."""
        self._sequence += 1
        timer = {"id": f"timer_{self._sequence}", "object": "timer", "due": due, "what": what, "of": identifier, "_seq": self._sequence}
        self.keep(timer)
        heapq.heappush(self._timers, (due, self._sequence, what, identifier))

    def tick(self) -> None:
        """Whatever should have happened by now happens, in its order."""
        while self._timers and self._timers[0][0] <= self.now():
            _, number, what, identifier = heapq.heappop(self._timers)
            self.forget("timer", f"timer_{number}")
            self.alarms[what](self, identifier)

    # -- objects -----------------------------------------------------------------------------------------------------------------------------------

    def make(self, kind: str, **fields: Any) -> Thing:
        """A new object with the fields that all have."""
        self._sequence += 1
        identifier = fields.pop("id", None) or PREFIXES[kind] + "".join(secrets.choice(ALPHABET) for _ in range(24))
        thing = {"id": identifier, "object": kind, "created": self.now(), **fields, "_seq": self._sequence}
        return self.keep(thing)

    def find(self, kind: str, identifier: str) -> Thing | None:
        return self._things.get(kind, {}).get(identifier)

    def any(self, identifier: str) -> Thing | None:
        """By its id alone."""
        return next((found for things in self._things.values() if (found := things.get(identifier))), None)

    def each(self, kind: str) -> Iterator[Thing]:
        """In the order of their making."""
        return iter(list(self._things.get(kind, {}).values()))

    def touch(self, thing: Thing) -> None:
        """It was changed."""
        self._changed[thing["object"], thing["id"]] = None

    def forget(self, kind: str, identifier: str) -> None:
        self._things.get(kind, {}).pop(identifier, None)
        self._changed[kind, identifier] = None

    def keep(self, thing: Thing) -> Thing:
        self._things.setdefault(thing["object"], {})[thing["id"]] = thing
        self.touch(thing)
        return thing

    # -- events ------------------------------------------------------------------------------------------------------------------------------------

    def emit(self, kind: str, thing: Thing, *, account: str | None = None) -> Thing:
        """Something happened to an object: an event with its snapshot, for the list of events and for webhooks."""
        event = self.make(
            "event",
            type=kind,
            account=account,
            api_version=self.api_version,
            data={"object": shown(thing)},
            livemode=False,
            pending_webhooks=0,
            request={"id": None, "idempotency_key": None},
        )
        if account is None:
            del event["account"]
        for hear in self.heard:
            hear(event)
        return event

    # -- steps and the state file ------------------------------------------------------------------------------------------------------------------

    @contextmanager
    def step(self) -> Iterator[None]:
        """One thing at a time, and on the disk before anybody hears of it."""
        with self.lock:
            self.tick()
            try:
                yield
            finally:
                self._write()

    def _write(self) -> None:
        changed, self._changed = self._changed, {}
        if self._file is None or not changed:
            return
        with self._file:
            for kind, identifier in changed:
                thing = self.find(kind, identifier)
                if thing is None:
                    self._file.execute("DELETE FROM things WHERE id = ?", (identifier,))
                else:
                    row = (identifier, kind, thing.get("_seq", 0), json.dumps(thing))
                    self._file.execute("INSERT OR REPLACE INTO things (id, kind, seq, body) VALUES (?, ?, ?, ?)", row)

    def _load(self) -> Thing:
        for body in self._file.execute("SELECT body FROM things ORDER BY seq") if self._file else ():
            thing = json.loads(body[0])
            self._things.setdefault(thing["object"], {})[thing["id"]] = thing
            self._sequence = max(self._sequence, thing.get("_seq", 0))
            if thing["object"] == "timer":
                heapq.heappush(self._timers, (thing["due"], thing["_seq"], thing["what"], thing["of"]))
        return self.find("settings", "settings") or self.keep({"id": "settings", "object": "settings", "shift": 0})

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def shown(thing: Any) -> Any:
    """What others may see of an object: a copy without what is ours."""
    if isinstance(thing, dict):
        return {name: shown(value) for name, value in thing.items() if not name.startswith("_")}
    return [shown(each) for each in thing] if isinstance(thing, list) else copy.copy(thing)


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(path, check_same_thread=False)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, kind TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL)")
    return file
