"""What can be refused, as exceptions that know nothing of HTTP. `http.STATUS_OF_KIND` maps a kind to its status, in one table.

A package states its facts as subclasses: ``class OpeningTaken(Conflict): code = "taken"; detail = "Somebody was faster."``
Every refusal has a stable `code` for programs and a `detail` that tells a person what to do.
"""

from typing import Any


class DomainError(Exception):
    """A refusal. `errors` maps field paths to messages; `extra` joins the problem document; `retry_after` is in seconds."""

    kind = "invalid"
    code = "invalid"
    detail = "This cannot be done."

    def __init__(
        self,
        detail: str | None = None,
        *,
        code: str | None = None,
        errors: dict[str, list[str]] | None = None,
        extra: dict[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.detail = detail or type(self).detail
        self.code = code or type(self).code
        self.errors = errors or {}
        self.extra = extra or {}
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.detail}")

    @property
    def in_words(self) -> str:
        """The detail, and what is said of each field."""
        return " ".join([self.detail, *(message for messages in self.errors.values() for message in messages)])


class Malformed(DomainError):
    kind, code, detail = "malformed", "malformed", "The request could not be read."


class Unauthenticated(DomainError):
    kind, code, detail = "unauthenticated", "sign_in_required", "Please sign in first."


class Forbidden(DomainError):
    kind, code, detail = "forbidden", "forbidden", "Your account may not do this."


class NotFound(DomainError):
    kind, code, detail = "not_found", "not_found", "There is nothing here under this address."


class Conflict(DomainError):
    kind, code, detail = "conflict", "conflict", "This clashes with something that happened meanwhile."


class Gone(DomainError):
    kind, code, detail = "gone", "gone", "This is no longer available."


class PreconditionFailed(DomainError):
    kind, code, detail = "precondition_failed", "changed_meanwhile", "This was changed meanwhile. Load it again and repeat your change."


class PreconditionRequired(DomainError):
    kind, code, detail = "precondition_required", "if_match_required", "Send the ETag you read in an If-Match header."


class TooLarge(DomainError):
    kind, code, detail = "too_large", "too_large", "This is larger than what is accepted here."


class Unsupported(DomainError):
    kind, code, detail = "unsupported", "unsupported_media_type", "Send JSON with the content type application/json."


class Invalid(DomainError):
    kind, code, detail = "invalid", "invalid", "Some of what was sent cannot be used."


class TooMany(DomainError):
    kind, code, detail = "too_many", "too_many", "Too many attempts. Please wait a little and try again."


class Unavailable(DomainError):
    kind, code, detail = "unavailable", "unavailable", "This is not available for the moment. Please try again shortly."
