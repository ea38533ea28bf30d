"""Which openings suit somebody who waits. Pure; instants are integer UTC seconds, minutes are those of a local day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.zones import DAY, EPOCH_ORDINAL, utc_offset

DAY_MINUTES = DAY // 60


@dataclass(frozen=True, slots=True)
class Span:
    """[from_minute, to_minute) of a weekday, Monday 0."""

    weekday: int
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class TimeWishes:
    """On the wall clock of `zone`: the whole session lies in one of the spans (none given: at any time) and starts on a date from `earliest` to `latest`."""

    zone: str
    spans: tuple[Span, ...] = ()
    earliest: date | None = None
    latest: date | None = None

    def suit(self, start: int, minutes: int) -> bool:
        """Whether a session of `minutes` that starts at `start` suits."""
        day, second = divmod(start + utc_offset(self.zone, start), DAY)
        on = date.fromordinal(day + EPOCH_ORDINAL)
        if (self.earliest is not None and on < self.earliest) or (self.latest is not None and on > self.latest):
            return False
        begins, ends = second / 60, second / 60 + minutes
        return not self.spans or any(span.weekday == on.weekday() and span.from_minute <= begins and ends <= span.to_minute for span in self.spans)


def first_flaw(spans: Iterable[Span]) -> int | None:
    """The position of the first span that is empty, leaves its day, or overlaps an earlier one."""
    seen: list[Span] = []
    for position, span in enumerate(spans):
        clash = any(other.weekday == span.weekday and other.from_minute < span.to_minute and span.from_minute < other.to_minute for other in seen)
        if clash or not 0 <= span.from_minute < span.to_minute <= DAY_MINUTES:
            return position
        seen.append(span)
    return None
