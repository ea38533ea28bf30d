"""Weekly times that read differently on somebody else's clock: where two zones change their clocks in different weeks. Pure."""

from collections.abc import Sequence

from core.zones import utc_offset


def clock_shifts(starts: Sequence[int], zone: str) -> list[bool]:
    """For each start (UTC seconds): does the wall clock of `zone` read another time of day than it does at the first one?"""
    readings = [(start + utc_offset(zone, start)) % 86_400 for start in starts]
    return [reading != readings[0] for reading in readings]
