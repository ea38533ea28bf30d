"""What a route is made of: declarations of what comes in and what goes out, in one vocabulary.

    @blueprint.post("")
    @allow(confirmed)
    @blueprint.takes(RequestBookingSchema)
    @blueprint.gives(201, BookingSchema)
    def request_booking(body: dict[str, Any]) -> Booking: ...

`allow` may stand anywhere below the route line. Unknown fields and query parameters, repeated parameters, NUL characters, bodies that are not JSON and
times without an offset are refused with a code and a field. A route that takes ``UploadSchema`` from ``location="files"`` is given one file instead; a page
that takes ``file_form`` one in a form of its own (`sent_file`); one that takes ``raw`` looks at the bytes of its body by itself.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import flask_smorest
import marshmallow as ma
from flask import Request, Response, current_app, request
from flask_smorest.fields import Upload
from marshmallow import fields, validate
from webargs.flaskparser import FlaskParser, is_json_request

from core.errors import Invalid, Malformed, Unsupported
from core.money import Money
from core.words import note_words
from core.zones import known_zone

View = TypeVar("View", bound=Callable[..., Any])
MAX_PAGE = 100
DEFAULT_PAGE = 20
LARGEST_FILE = 10 * 1024 * 1024  # bytes
ROOM_FOR_PARTS = 16 * 1024  # what multipart/form-data writes around a file


def flat_errors(messages: Any, path: str = "") -> dict[str, list[str]]:
    """marshmallow's nested messages as ``{"services.0.fee": ["..."]}``."""
    if isinstance(messages, Mapping):
        flat: dict[str, list[str]] = {}
        for name, inner in messages.items():
            here = str(name) if name not in ("_schema", "json", "query") else ""
            flat.update(flat_errors(inner, ".".join(filter(None, (path, here)))))
        return flat
    return {path or "body": [str(message) for message in messages] if isinstance(messages, list) else [str(messages)]}


def strict_json(body: bytes) -> Any:
    """The value of a JSON text. Malformed also for what Python would let pass or fail at: a member given twice (readers disagree on which one counts),
    NaN and Infinity (RFC 8259, 6), numbers of thousands of digits, and nesting without end.
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_once_each, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not valid JSON.", code="malformed_json") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("a member is given twice")
    return held


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


class _Parser(FlaskParser):
    """webargs, refusing what it would overlook."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE, "json": ma.RAISE, "form": ma.RAISE, "files": ma.RAISE}

    def load_files(self, req: Request, schema: ma.Schema) -> Any:
        """Exactly the files that were asked for, each once, and no field beside them."""
        if req.mimetype != "multipart/form-data":
            raise Unsupported("Send the file as multipart/form-data, in the field `file`.")
        repeated = {name: ["Given more than once."] for name, values in req.files.lists() if len(values) > 1}
        beside = {name: ["Send it as a file, or not at all."] for name in req.form}
        if repeated or beside:
            raise Invalid(errors={**repeated, **beside})
        return super().load_files(req, schema)

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_: Any) -> NoReturn:  # noqa: ARG002 the signature is webargs'
        raise Invalid(errors=flat_errors(error.messages)) from error

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True) if is_json_request(req) else b""
        return strict_json(body) if body else ma.missing

    def _handle_invalid_json_error(self, error: Exception, req: Request, *_: Any, **__: Any) -> NoReturn:  # noqa: ARG002 the signature is webargs'
        raise Malformed("The body is not valid JSON.", code="malformed_json") from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A package's routes. `takes` and `gives` are flask-smorest's `arguments` and `response`, under our names."""

    ARGUMENTS_PARSER = _Parser()

    if TYPE_CHECKING:  # Flask's own decorators, with the types that an untyped parent hides

        def get(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def post(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def put(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def patch(self, rule: str, **options: Any) -> Callable[[View], View]: ...
        def delete(self, rule: str, **options: Any) -> Callable[[View], View]: ...

    def takes(self, schema: type[ma.Schema] | ma.Schema, location: str = "json", **options: Any) -> Callable[[View], View]:
        # Made once: to make a schema for each request costs more than reading one with it.
        declare = self.arguments(schema() if isinstance(schema, type) else schema, location=location, **options)

        def decorate(view: View) -> View:
            declared = declare(view)
            declared.__takes__ = getattr(view, "__takes__", frozenset()) | {location}
            return declared  # type: ignore[no-any-return]

        return decorate

    def gives(self, status: int, schema: type[ma.Schema] | ma.Schema | None = None, **options: Any) -> Callable[[View], View]:
        return self.response(status, schema, **options)  # type: ignore[no-any-return]

    def hears(self, header: str, description: str, *, required: bool = False) -> Callable[[View], View]:
        """Tell readers of the API of a header that the view looks at by itself; without it the page to try the API could not send it."""
        told = {"in": "header", "name": header, "description": description, "required": required, "schema": {"type": "string"}}
        return self.doc(parameters=[told])  # type: ignore[no-any-return]

    def gives_file(self, status: int, content_type: str) -> Callable[[View], View]:
        """The view answers with bytes of this type: see `attachment`."""
        return self.response(status, {"type": "string", "format": "binary"}, content_type=content_type)  # type: ignore[no-any-return]


def refuse_unexpected(view: Callable[..., Any]) -> None:
    """Refuse parameters and bodies that the view never asked for, repeated parameters, NUL characters, and bodies that are not JSON."""
    takes: frozenset[str] = getattr(view, "__takes__", frozenset())
    if given := request.args:
        repeated = {name: ["Given more than once."] for name, values in given.lists() if len(values) > 1}
        nul = {name: ["Contains a NUL character."] for name, value in given.items() if "\0" in value or "\0" in name}
        if repeated or nul:
            raise Invalid(errors={**repeated, **nul})
        # The form of a page without an action of its own repeats the page's address, with whatever had been asked there.
        if not takes & {"query", "form", "file_form"}:
            raise Invalid(errors={name: ["Unknown parameter."] for name in given})
    if not request.content_length and not request.headers.get("Transfer-Encoding"):
        return
    if takes & {"files", "file_form"}:
        _admit_one_upload()
        return
    if "form" in takes:
        if any("\0" in name or "\0" in value for name, values in request.form.lists() for value in values):
            raise Invalid("The form contains a NUL character.", code="nul_character")
        return
    if "raw" in takes:
        return
    if not request.is_json:
        raise Unsupported
    if "json" not in takes and request.get_data(cache=True).strip() not in (b"", b"{}"):
        raise Invalid("This takes no body.", code="unexpected_body")
    if b"\\u0000" in request.get_data(cache=True):
        raise Invalid("The body contains a NUL character.", code="nul_character")


def _admit_one_upload() -> None:
    """Only here is a body larger than elsewhere accepted. Its shape is looked at when the view takes it: who may call comes first."""
    request.max_content_length = LARGEST_FILE + ROOM_FOR_PARTS
    request.max_form_parts = 4


def takes_file_form() -> bool:
    """Whether this request goes to a page that takes a form with one file in it, and is such a form."""
    view = current_app.view_functions[request.endpoint] if request.endpoint else None
    return "file_form" in getattr(view, "__takes__", ()) and request.mimetype == "multipart/form-data"


def sent_file() -> bytes:
    """The bytes of the field `file` of such a form, at most one more than may be sent; none where no file was chosen."""
    if not takes_file_form():
        raise Unsupported("Send the file as multipart/form-data, in the field `file`.")
    files = request.files.getlist("file")
    if len(files) > 1 or set(request.files) - {"file"}:
        raise Invalid("One file at a time, please.")
    return files[0].read(LARGEST_FILE + 1) if files else b""


def attachment(content: bytes, name: str, *, content_type: str = "application/octet-stream") -> Response:
    """A private file to be saved, never shown in place: of a type that no browser interprets, kept by no cache. `name` is one of ours."""
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


A_YEAR = 365 * 24 * 3600


def picture(content: bytes, *, content_type: str, digest: str | None = None) -> Response:
    """A picture of our own making, to be shown on our own pages and nowhere else. With the digest of its content it may be kept for good (304 for whoever
    has it); without one no cache keeps it.
    """
    response = Response(content, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store" if digest is None else f"public, max-age={A_YEAR}, immutable"
    if digest is None:
        return response
    response.set_etag(digest)
    response.make_conditional(request)
    return response


def feed(etag: str, render: Callable[[], bytes]) -> Response:
    """A calendar that a program fetches again and again: 304, and nothing rendered, for whoever has this version. Kept by nobody but the reader, shown by
    no search.
    """
    response = Response(content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(etag)
    if request.if_none_match.contains_weak(etag):
        response.status_code = 304
    else:
        response.set_data(render())
    return response


class Schema(ma.Schema):
    """Unknown fields are refused."""

    class Meta:
        unknown = ma.RAISE


class Instant(fields.Field[datetime]):
    """RFC 3339 with an offset, in and out; UTC inside. 2026-11-23T18:00:00Z goes out."""

    default_error_messages = {"invalid": "Give a time with its offset, such as 2026-11-23T18:00:00Z."}

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 the signature is marshmallow's
        return None if value is None else as_text(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002 the signature is marshmallow's
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None or "T" not in value.upper():
                raise ValueError(value)
            return instant.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise self.make_error("invalid") from error


def as_text(instant: datetime) -> str:
    """RFC 3339 in UTC, without fractions where there are none."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class ZoneName(fields.String):
    """An IANA zone of the pinned data."""

    default_error_messages = {"zone": "Give a time zone such as Europe/London."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name is None or not known_zone(name):
            raise self.make_error("zone")
        return name


class UploadSchema(Schema):
    """One file, in the field `file` of multipart/form-data, at most 10 MB. Its name is not looked at."""

    file = Upload(required=True, metadata={"description": "At most 10 MB."})


class PublicId(fields.UUID):
    """A public id, as canonical UUID text."""


# Overrides and isolates of the writing direction, line separators, and marks that say nothing: with them a name can be made to read as another one.
# The plain marks of right-to-left writing, and joiners, stay: people's names need them.
DISGUISES = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b\u2060")


def _is_control(letter: str) -> bool:
    return ord(letter) < 32 or 127 <= ord(letter) < 160 or letter in DISGUISES


class Text(fields.String):
    """Text that people write: trimmed, without control characters or disguises, 1 to `longest` characters unless `empty`. `heard`: see `core.words`; not
    where the answer itself says what would be asked.
    """

    def __init__(self, *, longest: int = 200, empty: bool = False, lines: bool = False, heard: bool = True, **kwargs: Any) -> None:
        self.lines, self.heard = lines, heard
        rules = [validate.Length(min=0 if empty else 1, max=longest), *([kwargs.pop("validate")] if "validate" in kwargs else [])]
        super().__init__(validate=rules, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = (super()._deserialize(value, attr, data, **kwargs) or "").strip()
        # Before anything is refused: what somebody writes in danger may well be no tidy text.
        if self.heard:
            note_words(text)
        allowed = "\n\t\r" if self.lines else ""
        if any(_is_control(letter) and letter not in allowed for letter in text):
            raise ma.ValidationError("Contains a control character.")
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            # JSON can carry half of a surrogate pair, which is no text and cannot be stored.
            raise ma.ValidationError("Contains half a character.")
        return text


class MoneyField(fields.Field[Money]):
    """``{"amount": 6000, "currency": "GBP"}``: integer minor units."""

    default_error_messages = {"invalid": "Give an object of amount (minor units, such as 6000) and currency (such as GBP)."}

    def _serialize(self, value: Money | None, attr: str | None, obj: Any, **kwargs: Any) -> dict[str, Any] | None:  # noqa: ARG002 the signature is marshmallow's
        return None if value is None else {"amount": value.amount, "currency": value.currency}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Money:  # noqa: ARG002 the signature is marshmallow's
        if not isinstance(value, dict) or set(value) != {"amount", "currency"} or type(value["amount"]) is not int:
            raise self.make_error("invalid")
        if value["amount"] > 100_000_000:
            raise self.make_error("invalid")
        try:
            return Money(value["amount"], value["currency"])
        except (TypeError, ValueError, AttributeError) as error:
            raise self.make_error("invalid") from error


class ProblemSchema(ma.Schema):
    """A refusal, RFC 9457, with a stable `code` for programs. A refusal may say more, in members of its own (RFC 9457, 3.2)."""

    class Meta:
        unknown = ma.INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "Stable, for programs."})
    detail = fields.String(required=True, metadata={"description": "What happened and what to do, for people."})
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class PageQuery(Schema):
    """`cursor` is opaque: send back the `next` of the page before."""

    cursor = fields.String(validate=validate.Length(max=400))
    limit = fields.Integer(strict=False, validate=validate.Range(1, MAX_PAGE), load_default=DEFAULT_PAGE)


def page_schema(item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of one page of items: ``{"items": [...], "next": cursor or null}``."""
    name = item.__name__.removesuffix("Schema") + "Page"
    return Schema.from_dict({"items": fields.List(fields.Nested(item), required=True), "next": fields.String(required=True, allow_none=True)}, name=name)


def cursor_of(*key: int | str) -> str:
    """An opaque cursor of the last item's sort key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def key_of(cursor: str, *types: type) -> Sequence[Any]:
    """The sort key in a cursor; Invalid when it is not one of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(key, list) and [type(part) for part in key] == list(types):
            return key
    except (binascii.Error, ValueError):
        pass
    raise Invalid(errors={"cursor": ["Not a cursor of this list."]})


def etag_of(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def not_modified(etag: str) -> Response | None:
    """304 when the reader already has this version; otherwise None, and the caller answers with the ETag set by `with_etag`."""
    if request.if_none_match.contains(etag):
        response = Response(status=304)
        response.set_etag(etag)
        return response
    return None
