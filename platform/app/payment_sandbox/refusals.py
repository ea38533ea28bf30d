"""Answers that are no success, in the shape of Stripe's error object."""

from typing import Any


class Refused(Exception):
    """An error answer. `executed`: the endpoint had begun, so the answer is kept under the idempotency key (parameter errors are not)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        executed: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.executed = executed
        told = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.body = {"error": {name: value for name, value in told.items() if value is not None}}


def missing(param: str) -> Refused:
    return Refused(f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such(kind: str, identifier: str, param: str = "id") -> Refused:
    return Refused(f"No such {kind}: '{identifier}'", status=404 if param == "id" else 400, code="resource_missing", param=param)


def wrong_state(message: str, code: str | None = None, **more: Any) -> Refused:
    """The object is not where it would have to be."""
    return Refused(message, code=code, executed=True, **more)


def card_error(message: str, code: str, decline_code: str | None = None, **more: Any) -> Refused:
    return Refused(message, status=402, kind="card_error", code=code, decline_code=decline_code, executed=True, **more)
