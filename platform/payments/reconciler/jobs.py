"""By the clock: once a night, when little moves."""

from core.clock import now
from core.jobs import periodic
from payments.reconciler.ask import ask_for_comparison


@periodic("20 3 * * *", "payments.compare_nightly")
def compare_nightly() -> None:
    ask_for_comparison(by=None, now=now())
