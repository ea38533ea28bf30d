"""Which help may be shown in a crisis. Pure.

A line is shown only when a person has checked it within 180 days; otherwise the panel shows the emergency number and an international directory.
A wrong number at this moment is worse than none, and withdrawn numbers circulate in lists for years.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from taxonomy.terms import CrisisLine, Directory, EmergencyNumber

FRESH_DAYS = 180


@dataclass(frozen=True)
class CrisisHelp:
    """What a panel shows. `emergency_number` is None where we know none: the panel then says "your local emergency number". `as_of` is the month of that
    number; `is_draft` until a named clinician has signed the version.
    """

    country: str
    emergency_number: str | None
    also: tuple[str, ...]
    lines: tuple[CrisisLine, ...]
    directory: Directory
    as_of: str | None = None
    is_draft: bool = True


def is_fresh(line: CrisisLine, on: date) -> bool:
    """Checked by a named person, not in the future and at most 180 days before."""
    if line.checked_on is None or not line.checked_by:
        return False
    return 0 <= (on - date.fromisoformat(line.checked_on)).days <= FRESH_DAYS


def stale_lines(lines: Iterable[CrisisLine], *, on: date) -> tuple[CrisisLine, ...]:
    """The lines that a person has to check before they can be shown."""
    return tuple(line for line in lines if not is_fresh(line, on))


def crisis_help(
    country: str, *, on: date, lines: Iterable[CrisisLine], emergency: Mapping[str, EmergencyNumber], directory: Directory, signed_by: str | None = None
) -> CrisisHelp:
    """Help in a country (``GB``) or a jurisdiction of it (``GB-ENG``). Any text is answered, at the least with the directory."""
    code = country.strip().split("-")[0].upper()
    known = emergency.get(code)
    return CrisisHelp(
        code,
        known.number if known else None,
        known.also if known else (),
        tuple(line for line in lines if line.country == code and is_fresh(line, on)),
        directory,
        known.as_of if known else None,
        signed_by is None,
    )
