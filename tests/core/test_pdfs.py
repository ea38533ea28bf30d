"""Paper stays paper."""

import time

import pytest

from core import pdfs
from core.pdfs import NotAPdf, PdfEncrypted, PdfNotPlain, PdfTooLarge, require_plain_pdf
from tests.factories.files import a_pdf, hostile_files

HOSTILE = hostile_files()


def test_pages_are_counted_and_a_link_to_click_is_harmless() -> None:
    assert require_plain_pdf(a_pdf(pages=3, link=True)) == 3


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("script.pdf", PdfNotPlain),
        ("script-by-another-name.pdf", PdfNotPlain),
        ("launch-in-object-stream.pdf", PdfNotPlain),
        ("calls-home-on-opening.pdf", PdfNotPlain),
        ("attachment.pdf", PdfNotPlain),
        ("stream-elsewhere.pdf", PdfNotPlain),
        ("locked.pdf", PdfEncrypted),
        ("locked-without-password.pdf", PdfEncrypted),
        ("many-pages.pdf", PdfTooLarge),
        ("truncated.pdf", NotAPdf),
        ("zip-behind.pdf", NotAPdf),
    ],
)
def test_R65_a_refusal_says_what_to_do_about_it(name: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        require_plain_pdf(HOSTILE[name])


def test_looking_into_a_document_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "MOST_VALUES", 20)
    with pytest.raises(PdfTooLarge):
        require_plain_pdf(a_pdf(pages=30))


def test_nested_brackets_end_in_a_refusal_and_soon() -> None:
    deep = b"%PDF-1.4\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    begun = time.monotonic()
    with pytest.raises((NotAPdf, PdfTooLarge)):
        require_plain_pdf(deep)
    assert time.monotonic() - begun < 10
