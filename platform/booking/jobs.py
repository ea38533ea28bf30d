"""The jobs of booking, so that one import makes all of them known to the worker."""

from booking.expire import chase, expire, sweep_lapsed
from booking.letters import tell

__all__ = ["chase", "expire", "sweep_lapsed", "tell"]
