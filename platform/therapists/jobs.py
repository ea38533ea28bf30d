"""The jobs of therapists, so that one import makes all of them known to the worker."""

from core.clock import now
from core.jobs import periodic
from therapists.check_freshness import prepare_screens, warn_of_last_days
from therapists.freshness import follow_dates, prepare_looks
from therapists.late_readings import follow_readings
from therapists.overdue_alarm import tell_overdue
from therapists.still_accepting import ask_whether_accepting


@periodic("7 * * * *", "therapists.follow_dates")
def follow_dates_hourly() -> None:
    """Every hour, because midnight comes at another time in every zone."""
    follow_dates(now=now())
    warn_of_last_days(now=now())


@periodic("17 * * * *", "therapists.prepare_looks")
def prepare_looks_hourly() -> None:
    """Cases for the looks that come due."""
    prepare_looks(now=now())
    prepare_screens(now=now())


@periodic("27 * * * *", "therapists.tell_overdue")
def tell_overdue_hourly() -> None:
    """Every hour, so that a look is told on the day on which it becomes late; each verifier hears at most once a day."""
    tell_overdue(now=now())


@periodic("47 * * * *", "therapists.follow_readings")
def follow_readings_hourly() -> None:
    """Profiles that wait for a reader without a case, or for too long."""
    follow_readings(now=now())


@periodic("37 * * * *", "therapists.ask_whether_accepting")
def ask_whether_accepting_hourly() -> None:
    """Whether therapists still take new clients."""
    ask_whether_accepting(now=now())
