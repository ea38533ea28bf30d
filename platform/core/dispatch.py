"""How a request runs: one transaction around the view, one problem document for every refusal.

Safe methods (GET, HEAD) run in a READ ONLY transaction, so that they cannot change state whatever their code says. An answer of 400 or more always
rolls back. A view declared `outside` runs without a transaction and opens its own.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from core import access, audit
from core.crypto import CannotOpen
from core.db import after_refusal, db, sqlstate_of, transaction
from core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooLarge, Unavailable, Unsupported
from core.words import tell_of_words, were_brought

log = structlog.get_logger()
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# The one table of kinds.
STATUS_OF_KIND = {
    "malformed": 400,
    "unauthenticated": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "precondition_failed": 412,
    "too_large": 413,
    "unsupported": 415,
    "invalid": 422,
    "precondition_required": 428,
    "too_many": 429,
    "unavailable": 503,
}
RETRY_AFTER_UNAVAILABLE = 5

# What PostgreSQL refuses is somebody's clash or bad input, not our failure. https://www.postgresql.org/docs/current/errcodes-appendix.html
TAKEN = ("23P01", "40P01", "40001")
BUSY = ("55P03",)
DUPLICATE = ("23505",)
OUT_OF_RANGE = ("22003", "22008", "22021", "22P05")


class _RefusedResponse(Exception):
    """A view answered 400 or more: roll back, then send its answer."""

    def __init__(self, response: Response) -> None:
        self.response = response


class Application(Flask):
    """Flask with the rules above. `guards` run before every view, inside its transaction."""

    def dispatch_request(self) -> ResponseReturnValue:
        if request.routing_exception is not None or request.endpoint is None:
            return super().dispatch_request()
        declared = access.declaration_of(self.view_functions[request.endpoint])
        if declared is None:
            return super().dispatch_request()  # static files
        if declared.outside:
            return self._dispatch_outside(declared)
        read_only = request.method in SAFE_METHODS and not declared.records_reads
        try:
            with transaction(read_only=read_only):
                self._admit(declared)
                if not read_only:
                    after_refusal(tell_of_words)
                response = self.make_response(super().dispatch_request())
                if response.status_code >= HTTPStatus.BAD_REQUEST:
                    raise _RefusedResponse(response)
                if not read_only:
                    tell_of_words()
        except _RefusedResponse as refused:
            return refused.response
        return response

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing here is a coroutine; Flask would look at each function of each request to find that out."""
        return func

    def _dispatch_outside(self, declared: access.Declaration) -> ResponseReturnValue:
        with transaction():
            self._admit(declared)
        try:
            return super().dispatch_request()
        finally:
            if were_brought():
                with transaction():
                    tell_of_words()

    def _admit(self, declared: access.Declaration) -> None:
        for guard in self.extensions.get("guards", ()):
            guard()
        if request.method == "OPTIONS":
            return
        try:
            declared.rule(access.caller())
        except Forbidden as refused:
            code, endpoint = refused.code, str(request.endpoint)
            after_refusal(lambda: audit.record("core.access_refused", subject=("endpoint", endpoint), reason=code))
            raise


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a page about a refusal may say."""

    status: int
    code: str
    detail: str
    errors: Mapping[str, Sequence[str]]
    extra: Mapping[str, Any]


def asks_for_page() -> bool:
    """Whether a person's browser is at one of our pages: it names HTML, and the address is not the API's."""
    return not request.path.startswith("/api/") and any(each == "text/html" and weight > 0 for each, weight in request.accept_mimetypes)


def problem(error: DomainError) -> Response:
    """The answer to a refusal: application/problem+json (RFC 9457) with our stable `code` and `errors` by field; for a browser at a page, a page."""
    status = STATUS_OF_KIND[error.kind]
    return _document(status, error.code, error.detail, errors=error.errors, extra=error.extra, retry_after=error.retry_after)


def _document(
    status: int,
    code: str,
    detail: str,
    *,
    errors: dict[str, list[str]] | None = None,
    extra: dict[str, Any] | None = None,
    retry_after: int | None = None,
) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail}
    if errors:
        body["errors"] = errors
    page = current_app.extensions.get("refusal_page") if asks_for_page() else None
    if page is not None:
        response = make_response(page(Refusal(status, code, detail, errors or {}, extra or {})))
    else:
        response = jsonify({**(extra or {}), **body})
        response.content_type = "application/problem+json"
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def handle_errors(app: Flask, page: Callable[[Refusal], str] | None = None) -> None:
    """Every refusal and failure in one shape; `page` writes it for people."""
    app.extensions["refusal_page"] = page
    app.register_error_handler(DomainError, problem)
    app.register_error_handler(DBAPIError, _database_refused)
    app.register_error_handler(PoolTimeout, lambda _: problem(_unavailable()))
    app.register_error_handler(HTTPException, _http_refused)
    app.register_error_handler(Exception, _failed)


def _unavailable() -> Unavailable:
    return Unavailable(retry_after=RETRY_AFTER_UNAVAILABLE)


def _database_refused(error: DBAPIError) -> Response:
    state = sqlstate_of(error)
    if state in TAKEN:
        return problem(Conflict("Somebody was faster. Choose another opening.", code="taken"))
    if state in BUSY:
        return problem(Conflict("Somebody is changing this at the same moment. Please try again.", code="busy", retry_after=1))
    if state in DUPLICATE:
        return problem(Conflict("This exists already.", code="already_exists"))
    if state in OUT_OF_RANGE:
        return problem(Invalid("A value is outside of what can be stored."))
    if error.connection_invalidated or isinstance(error, OperationalError):
        log.error("database_unavailable", sqlstate=state)
        return problem(_unavailable())
    return _failed(error)


# What Werkzeug and Flask refuse by themselves, in our words.
_CODE_OF_STATUS: dict[int, type[DomainError]] = {404: NotFound, 413: TooLarge, 415: Unsupported, 422: Invalid}


def _http_refused(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if status in _CODE_OF_STATUS:
        return problem(_CODE_OF_STATUS[status]())
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _failed(error)
    phrase = HTTPStatus(status).phrase
    response = _document(status, phrase.lower().replace(" ", "_"), error.description or phrase)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _failed(error: Exception) -> Response:
    """Ours to mend. The log carries where it happened, never a value: exception texts can quote what people wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"
    level = "sealed_value_refused" if isinstance(error, CannotOpen) else "request_failed"
    log.error(level, error=type(error).__name__, where=where, endpoint=request.endpoint, request_id=g.get("request_id"))
    if db.session.registry.has():
        db.session.rollback()
    return _document(500, "failed", "Something went wrong on our side. Nothing was changed.")


def name_request() -> None:
    """Every request has an id for the log."""
    g.request_id = uuid.uuid4().hex
