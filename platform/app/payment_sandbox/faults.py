"""What is made to go wrong with the next requests."""

import threading
from dataclasses import dataclass
from typing import Any

# Before anything is done: an answer that is not kept, or none. `500_kept` is kept under the idempotency key, as Stripe keeps even a 500.
BEFORE = frozenset({"500", "429", "409", "500_kept", "unreached"})
# After the effect: `lost` hangs up without the answer, `slow` gives it late.
AFTER = frozenset({"lost", "slow"})


@dataclass
class Fault:
    """`times` it still happens, to requests of `method` (any) whose path starts with `path`. `seconds` is waited before the answer, or before hanging up."""

    how: str
    times: int = 1
    method: str = ""
    path: str = "/v1/"
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.how not in BEFORE | AFTER:
            raise ValueError(f"how must be one of {', '.join(sorted(BEFORE | AFTER))}")


class Faults:
    """Rules in the order they were given: the first that fits a request is used up by one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def add(self, how: str, **where: Any) -> None:
        with self._lock:
            self._rules.append(Fault(how, **where))

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for rule in self._rules:
                if rule.method in ("", method) and path.startswith(rule.path):
                    rule.times -= 1
                    if rule.times <= 0:
                        self._rules.remove(rule)
                    return rule
        return None

    def waiting(self) -> list[dict[str, Any]]:
        with self._lock:
            return [vars(rule).copy() for rule in self._rules]
