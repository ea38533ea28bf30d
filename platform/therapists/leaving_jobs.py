"""The clocks of leaving: ends that have come, words that nobody has read, executors to be confirmed."""

from core.clock import now
from core.jobs import periodic
from therapists.executor import ask_for_confirmation
from therapists.leaving import carry_out_ends
from therapists.leaving_words import settle_unread


@periodic("3 * * * *", "therapists.carry_out_ends")
def carry_out_ends_hourly() -> None:
    """Every hour, because midnight comes at another time in every zone."""
    carry_out_ends(now=now())


@periodic("23 * * * *", "therapists.settle_unread_words")
def settle_unread_hourly() -> None:
    """Clients are told in time, whoever is away."""
    settle_unread(now=now())


@periodic("33 5 * * *", "therapists.ask_for_executors")
def ask_for_executors_daily() -> None:
    """Each therapist once a year."""
    ask_for_confirmation(now=now())
