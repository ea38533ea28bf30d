"""Changes of when a therapist works are watched by those who know what is booked: connected by the assembly, they may refuse a change.

    @changes_hours()
    def set_hours(body): ...

takes the therapist's lock first, so that nothing is booked meanwhile, and the member `affected` out of the body: what shall become of what is booked at
times that are not worked any more. Whoever watches looks before the change and judges after it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, TypeAlias

from core.access import caller
from core.clock import now
from core.db import db, lock_persons

CHOICES = ("offer_new_times", "cancel_free", "keep")
Judge: TypeAlias = Callable[[], None]
# Of a therapist, with what they chose (None: nothing), at an instant.
Watch: TypeAlias = Callable[[int, str | None, datetime], Judge]
View: TypeAlias = Callable[..., Any]
_watches: list[Watch] = []


def when_hours_change(watch: Watch) -> None:
    """`watch` looks before a change and returns what judges it. Connecting twice changes nothing."""
    if watch not in _watches:
        _watches.append(watch)


@contextmanager
def hours_changing(therapist_id: int, *, affected: str | None, now: datetime) -> Iterator[None]:
    """A change of when this therapist works happens in the block. Whatever a watch raises refuses it."""
    lock_persons(therapist_id)
    judges = [watch(therapist_id, affected, now) for watch in _watches]
    yield
    db.session.flush()
    for judge in judges:
        judge()


def choice_sent(form: Mapping[str, str]) -> str | None:
    """The choice of a form; None where none was made."""
    return next((choice for choice in CHOICES if form.get("affected") == choice), None)


def changes_hours(when: Callable[[Mapping[str, Any]], bool] = lambda body: True) -> Callable[[View], View]:  # noqa: ARG005 every body
    """Declare that a route changes the caller's hours; with `when`, only for such bodies."""

    def declare(view: View) -> View:
        @wraps(view)
        def watched(body: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
            affected = body.pop("affected", None)
            if not when(body):
                return view(body, *args, **kwargs)
            with hours_changing(caller().require_person(), affected=affected, now=now()):
                return view(body, *args, **kwargs)

        return watched

    return declare
