"""Idempotency keys as docs.stripe.com/api/idempotent_requests says: the first answer is kept for a day and given again; the same key with other parameters is
refused; two at once are a conflict; only POST; an answer to wrong parameters is not kept."""

import hashlib
import json
import threading
from typing import Any

from app.payment_sandbox.refusals import Refused
from app.payment_sandbox.world import World

LIFE = 24 * 60 * 60
LONGEST = 255


class Keys:
    """Those in flight are known to this process alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._in_flight: set[str] = set()
        self._lock = threading.Lock()
        world.alarms["idempotency.prune"] = lambda world, key: world.forget("idempotency", key)

    def begin(self, key: str, method: str, path: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """The answer that was given before, or None: then `end` must follow."""
        if len(key) > LONGEST:
            raise Refused(f"Idempotency keys are at most {LONGEST} characters long.")
        with self._lock:
            if key in self._in_flight:
                raise Refused("There is currently another in-progress request using this Idempotent Key.", status=409, code="idempotency_key_in_use")
            kept = self._world.find("idempotency", key)
            if kept is not None:
                if kept["digest"] != _digest(method, path, params):
                    message = "Keys for idempotent requests can only be used with the same endpoint and parameters they were first used with."
                    raise Refused(message, kind="idempotency_error")
                return kept["status"], kept["body"]
            self._in_flight.add(key)
        return None

    def end(self, key: str, method: str, path: str, params: dict[str, Any], answer: tuple[int, dict[str, Any]] | None) -> None:
        """Keep the answer, unless there is none to keep."""
        with self._lock:
            self._in_flight.discard(key)
            if answer is not None:
                status, body = answer
                self._world.keep({"id": key, "object": "idempotency", "digest": _digest(method, path, params), "status": status, "body": body})
                self._world.later(self._world.now() + LIFE, "idempotency.prune", key)


def _digest(method: str, path: str, params: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps([method, path, params], sort_keys=True).encode()).hexdigest()
