"""Strangers' images, made anew: only pixels survive. Pure; the only file that imports Pillow.

A JPEG or PNG is decoded under limits and encoded again from a fresh canvas, so that places (EXIF GPS), names, thumbnails, colour profiles, comments, and
anything that was hung behind the picture are gone. What cannot be decoded whole is refused.
"""

from dataclasses import dataclass
from io import BytesIO
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from core.errors import Invalid

JPEG_MAGIC, PNG_MAGIC = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
# A page scanned at 600 dpi is 35 million pixels; more is a decompression bomb to us.
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 12_000
JPEG_QUALITY = 88
# Decoded pictures are large: no process decodes more than two at once.
_at_once = BoundedSemaphore(2)

# Our own limit stands before every decoding; Pillow's would only warn, and would count the same pixels again.
Image.MAX_IMAGE_PIXELS = None


class NotAnImage(Invalid):
    code, detail = "not_an_image", "This is not a JPEG or PNG picture that can be read to its end."


class ImageTooLarge(Invalid):
    code, detail = "image_too_large", "This picture has too many pixels. Save it smaller and send it again."


@dataclass(frozen=True)
class CleanImage:
    """`content` holds pixels and nothing else. `media_type` is image/jpeg or image/png; sides in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


def image_type_of(content: bytes) -> str | None:
    """The media type that the first bytes promise; None when they promise no image of ours."""
    if content.startswith(JPEG_MAGIC):
        return "image/jpeg"
    return "image/png" if content.startswith(PNG_MAGIC) else None


def clean_image(content: bytes, *, longest: int) -> CleanImage:
    """The same picture as new, upright, with no side longer than `longest` pixels. Refusals: NotAnImage, ImageTooLarge."""
    media_type = image_type_of(content)
    if media_type is None:
        raise NotAnImage
    with _at_once:
        picture = _decoded(content, media_type, longest)
        picture.thumbnail((longest, longest))
        return _encoded(picture, media_type)


def clean_square(content: bytes, *, side: int) -> CleanImage:
    """The middle of the picture as a new JPEG of exactly `side` x `side` pixels. Refusals: NotAnImage, ImageTooLarge."""
    media_type = image_type_of(content)
    if media_type is None:
        raise NotAnImage
    with _at_once:
        return _encoded(ImageOps.fit(_decoded(content, media_type, side * 2), (side, side)), "image/jpeg")


def _decoded(content: bytes, media_type: str, longest: int) -> Image.Image:
    """Upright RGB on a canvas of our own. A parser that stumbles over a stranger's file refuses the file, whatever it raised."""
    try:
        opened = Image.open(BytesIO(content), formats=[FORMATS[media_type]])
        if opened.width * opened.height > MOST_PIXELS or max(opened.size) > LONGEST_SIDE:
            raise ImageTooLarge
        opened.draft("RGB", (longest, longest))  # lets a large JPEG be decoded at a fraction of its size
        opened.load()
        upright = ImageOps.exif_transpose(opened)
        if upright.has_transparency_data:
            upright = upright.convert("RGBA")
            canvas = Image.new("RGB", upright.size, "white")
            canvas.paste(upright, mask=upright.getchannel("A"))
        else:
            canvas = Image.new("RGB", upright.size)
            canvas.paste(upright.convert("RGB"))
        return canvas
    except ImageTooLarge:
        raise
    except Exception as error:
        raise NotAnImage from error


def _encoded(picture: Image.Image, media_type: str) -> CleanImage:
    made = BytesIO()
    if media_type == "image/jpeg":
        picture.save(made, "JPEG", quality=JPEG_QUALITY)
    else:
        picture.save(made, "PNG")
    return CleanImage(made.getvalue(), media_type, picture.width, picture.height)
