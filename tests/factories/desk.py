"""Cases. Call inside `transaction()`."""

from datetime import timedelta
from typing import Any

from core.clock import now
from desk.cases import open_case
from desk.models import Case


def a_case(kind: str = "support", *, due_in: timedelta = timedelta(days=1), subject: tuple[str, str] = ("person", "x"), **facts: Any) -> Case:
    return open_case(kind, subject=subject, due_in=due_in, now=now(), **facts)
