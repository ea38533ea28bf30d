"""Strangers' PDFs, looked into and refused when they are more than paper. Pure; the only file that imports pypdf.

Kept are documents that only show pages. Refused: encryption (nobody could look inside), scripts, whatever happens by itself when the file is opened,
embedded and attached files, forms in XFA, sound, film and 3D, references to files elsewhere, and files that are something else besides.
A jump inside the document and a web address that a reader must click are harmless (ISO 32000-1, 12.6) and stay.
"""

import re
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from core.errors import Invalid

MAGIC = b"%PDF-"
END = b"%%EOF"
MOST_PAGES = 100
MOST_OBJECTS = 20_000
MOST_VALUES = 500_000
DEEPEST = 60
SECONDS = 8.0

# Keys that make a document act, or carry another file (ISO 32000-1: 12.6, 7.11.4, 12.3.5; 12.7.8 for XFA).
ACTING_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/Launch", "/EmbeddedFiles", "/EF", "/XFA", "/Collection", "/RichMediaContent"})
ACTING_TYPES = frozenset({"/EmbeddedFile", "/Filespec", "/F", "/Rendition", "/3D", "/3DRef", "/Sound"})
ACTING_SUBTYPES = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Screen", "/Sound", "/3D"})
HARMLESS_ACTIONS = frozenset({"/GoTo", "/URI"})
# Long names, so that compressed bytes do not spell them by chance. Found also in objects that no table mentions.
IN_THE_RAW = re.compile(
    rb"/(?:JavaScript|EmbeddedFiles?|RichMedia|FileAttachment|ImportData|SubmitForm)\b|<script\b|<html\b|<!doctype\s+html|<svg\b", re.IGNORECASE
)
ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")


class NotAPdf(Invalid):
    code, detail = "not_a_pdf", "This is not a PDF that can be read to its end."


class PdfNotPlain(Invalid):
    code, detail = (
        "pdf_not_plain",
        "This PDF holds more than pages, such as a script or an attachment. Print it to a new PDF and send that.",
    )


class PdfEncrypted(Invalid):
    code, detail = "pdf_encrypted", "This PDF is locked, so nobody can check it. Save it without a password and send that."


class PdfTooLarge(Invalid):
    code, detail = "pdf_too_large", "This PDF has too many pages or parts. Send only the pages that matter."


def is_pdf(content: bytes) -> bool:
    """Whether the first bytes promise a PDF. Nothing may stand before them: what does is a second file in one."""
    return content.startswith(MAGIC)


def require_plain_pdf(content: bytes) -> int:
    """The number of pages of a document that only shows pages. Refusals: NotAPdf, PdfEncrypted, PdfNotPlain, PdfTooLarge."""
    if not is_pdf(content):
        raise NotAPdf
    end = content.rstrip(b"\r\n \t\0")
    if not end.endswith(END):
        raise NotAPdf
    if IN_THE_RAW.search(ESCAPED.sub(_unescaped, content)):
        raise PdfNotPlain
    try:
        return _read(content, until=time.monotonic() + SECONDS)
    except (NotAPdf, PdfNotPlain, PdfEncrypted, PdfTooLarge):
        raise
    except Exception as error:  # a parser that stumbles over a stranger's file refuses the file, whatever it raised
        raise NotAPdf from error


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _read(content: bytes, *, until: float) -> int:
    reader = PdfReader(BytesIO(content), strict=False, root_object_recovery_limit=1000, xref_stream_maximum_entries=MOST_OBJECTS)
    if reader.is_encrypted or "/Encrypt" in reader.trailer:
        raise PdfEncrypted
    numbers = {(number, generation) for generation, entries in reader.xref.items() for number in entries}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise PdfTooLarge
    budget = _Budget(until)
    _inspect(reader.trailer, budget)
    for number, generation in sorted(numbers):
        if number and generation != 65535:
            _inspect(reader.get_object(IndirectObject(number, generation, reader)), budget)
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise PdfTooLarge
    if pages == 0:
        raise NotAPdf
    return pages


class _Budget:
    """So many values and so much time, and no more."""

    def __init__(self, until: float) -> None:
        self.until, self.left = until, MOST_VALUES

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0 or time.monotonic() > self.until:
            raise PdfTooLarge


def _inspect(top: Any, budget: _Budget) -> None:
    """Look at one object and all that it holds directly; what it refers to is an object of its own."""
    waiting: list[tuple[Any, int]] = [(top, 0)]
    while waiting:
        value, depth = waiting.pop()
        budget.spend()
        if depth > DEEPEST:
            raise PdfTooLarge
        if isinstance(value, DictionaryObject):
            _require_harmless(value)
        waiting.extend((inner, depth + 1) for inner in _held(value))


def _held(value: Any) -> Iterator[Any]:
    inside = value.values() if isinstance(value, DictionaryObject) else value if isinstance(value, ArrayObject) else ()
    return (each for each in inside if isinstance(each, DictionaryObject | ArrayObject))


def _require_harmless(found: DictionaryObject) -> None:
    keys = frozenset(found)
    if keys & ACTING_KEYS or _name(found, "/Type") in ACTING_TYPES or _name(found, "/Subtype") in ACTING_SUBTYPES:
        raise PdfNotPlain
    if isinstance(found, StreamObject) and "/F" in found:
        raise PdfNotPlain  # the stream's bytes lie in another file
    if "/S" in found and _is_action(found) and _name(found, "/S") not in HARMLESS_ACTIONS:
        raise PdfNotPlain
    if "/OpenAction" in found:
        opening = found["/OpenAction"]
        if isinstance(opening, DictionaryObject) and _name(opening, "/S") != "/GoTo":
            raise PdfNotPlain


# What an action may be besides the harmless ones (ISO 32000-1, table 198). `/S` names other things too, such as the kind of a page's transition.
ACTIONS = frozenset(
    {"/GoToR", "/GoToE", "/Launch", "/Thread", "/Sound", "/Movie", "/Hide", "/SubmitForm", "/ResetForm", "/ImportData", "/JavaScript"}
    | {"/Rendition", "/Trans", "/GoTo3DView", "/RichMediaExecute", "/SetOCGState"}
)


def _is_action(found: DictionaryObject) -> bool:
    return _name(found, "/Type") == "/Action" or _name(found, "/S") in ACTIONS


def _name(found: DictionaryObject, key: str) -> str:
    value = found.get(key)
    if isinstance(value, IndirectObject):
        value = value.get_object()
    return str(value) if isinstance(value, str) else ""
