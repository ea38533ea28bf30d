"""What has to be done before a case may be closed, as those know it who did the work: connected by the assembly, asked of every case."""

from collections.abc import Callable

from desk.models import Case

Check = Callable[[Case, str], None]
_checks: list[Check] = []


def before_closing(check: Check) -> None:
    """`check(case, outcome)` raises when there is something left to do. Connecting twice changes nothing."""
    if check not in _checks:
        _checks.append(check)


def refuse_unfinished(case: Case, outcome: str) -> None:
    """Whatever a check raises."""
    for check in _checks:
        check(case, outcome)
