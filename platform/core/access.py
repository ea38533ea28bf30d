"""Who is calling, and who may. Every route declares a rule; one without a declaration stops the start of the application.

A rule is a function of the caller that raises when it says no: 401 for somebody who is not signed in, 403 for somebody who is. Whether an *object*
belongs to the caller is the act's question, and another person's object is answered like a missing one (404).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, current_app, g, has_request_context

from core.errors import Forbidden, Unauthenticated

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Caller:
    """`person_id` is None for somebody who is not signed in. `session_id` names the server-side session row."""

    person_id: int | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    email_confirmed: bool = False
    session_id: int | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.person_id is not None

    def require_person(self) -> int:
        if self.person_id is None:
            raise Unauthenticated
        return self.person_id


NOBODY = Caller()
Rule = Callable[[Caller], None]


class EmailNotConfirmed(Forbidden):
    code, detail = "email_not_confirmed", "Please confirm your e-mail address first: open the link in the mail we sent you."


def anyone(caller: Caller) -> None:
    """Guests too."""


def signed_in(caller: Caller) -> None:
    if not caller.is_signed_in:
        raise Unauthenticated


def confirmed(caller: Caller) -> None:
    """Signed in, with an address that is confirmed."""
    signed_in(caller)
    if not caller.email_confirmed:
        raise EmailNotConfirmed


def role(*names: str) -> Rule:
    """Signed in and confirmed, with at least one of these roles."""

    def rule(caller: Caller) -> None:
        confirmed(caller)
        if not caller.roles & set(names):
            raise Forbidden

    rule.__doc__ = f"Roles: {', '.join(names)}."
    rule.__name__ = "role_" + "_".join(names)
    return rule


@dataclass(frozen=True)
class Declaration:
    """`outside`: the view opens its own transactions because it speaks to the outside. `records_reads`: a GET that writes
    an audit row, or a count of the looks.
    """

    rule: Rule
    outside: bool = False
    records_reads: bool = False


def allow(rule: Rule, *, outside: bool = False, records_reads: bool = False) -> Callable[[View], View]:
    """Declare who may call a view. Goes directly under the route decorator."""

    def declare(view: View) -> View:
        view.__access__ = Declaration(rule, outside, records_reads)  # type: ignore[attr-defined]
        return view

    return declare


def declaration_of(view: Callable[..., Any]) -> Declaration | None:
    return getattr(view, "__access__", None)


def undeclared(app: Flask) -> list[str]:
    """Endpoints without a declaration; static files have none and need none."""
    return sorted(name for name, view in app.view_functions.items() if declaration_of(view) is None and not name.endswith("static"))


CallerLoader = Callable[[], Caller]


def load_callers_with(app: Flask, loader: CallerLoader) -> None:
    app.extensions["caller_loader"] = loader


def caller() -> Caller:
    """The caller of this request; NOBODY outside a request."""
    if not has_request_context():
        return NOBODY
    if "caller" not in g:
        loader: CallerLoader = current_app.extensions.get("caller_loader", lambda: NOBODY)
        g.caller = loader()
    return g.caller  # type: ignore[no-any-return]


def forget_caller() -> None:
    """After sign-in or sign-out the next question is answered anew."""
    g.pop("caller", None)
