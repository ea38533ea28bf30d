"""What a register with an interface can answer, and what a connector to one is. Pure.

A connector reads; it decides nothing. Whatever is not plainly an answer is `Unavailable`, and that never stands for "fine".
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

# Why a register could not be asked.
REASONS = ("timeout", "not_reached", "throttled", "refused", "failing", "moved", "too_large", "not_json", "wrong_shape")
# What a verifier has to be shown first. Each speaks for a look by a person and takes nothing from anybody by itself.
ALARMS = ("deactivated", "not_found", "name_differs", "organisation", "no_mental_health_code")


@dataclass(frozen=True)
class Found:
    """The entry of this number. `names` has every name it goes by, `credential_types` what it says that the holder is, both as the register words them.

    `expires_on` None: this register tells no such date. `alarms` are codes of `ALARMS`; `source` is the address that was asked.
    """

    status: str
    names: tuple[str, ...]
    credential_types: tuple[str, ...]
    expires_on: date | None
    restrictions: tuple[str, ...]
    source: str
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotFound:
    """The register was asked and has no such entry, as far as it shows."""

    source: str


@dataclass(frozen=True)
class Unavailable:
    """The register could not be asked: a code of `REASONS`."""

    reason: str
    source: str


Answer = Found | NotFound | Unavailable


class RegisterConnector(Protocol):
    """Asks one register. Never inside a transaction; never raises for what the other side does."""

    def look_up(self, number: str, name: str) -> Answer:
        """The entry of this number. A register that is searched by name as well is given `name`, as the therapist claims it."""
        ...
