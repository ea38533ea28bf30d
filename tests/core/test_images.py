"""Only pixels survive."""

from io import BytesIO

import pytest
from PIL import Image

from core.images import ImageTooLarge, NotAnImage, clean_image, clean_square
from tests.factories.files import CANARY, a_photo_with_places, a_picture, a_png_with_words, png_of


@pytest.mark.parametrize("content", [a_photo_with_places(), a_png_with_words(), a_picture() + CANARY.encode()], ids=["exif", "text chunks", "behind"])
def test_R66_nothing_but_pixels_is_left(content: bytes) -> None:
    assert CANARY.encode() in content, "the file says something to begin with"
    clean = clean_image(content, longest=4000)
    assert CANARY.encode() not in clean.content
    with Image.open(BytesIO(clean.content)) as picture:
        assert dict(picture.getexif()) == {}
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_that_lay_on_its_side_is_turned_upright_before_the_note_goes() -> None:
    clean = clean_image(a_photo_with_places(orientation=6, size=(64, 48)), longest=4000)
    assert (clean.width, clean.height) == (48, 64)


def test_a_large_picture_becomes_smaller_and_keeps_its_shape() -> None:
    clean = clean_image(a_picture(size=(3000, 1500)), longest=400)
    assert (clean.width, clean.height, clean.media_type) == (400, 200, "image/jpeg")


def test_a_square_is_exact_and_a_jpeg() -> None:
    clean = clean_square(a_picture("PNG", size=(300, 90), mode="RGBA"), side=128)
    assert (clean.width, clean.height, clean.media_type) == (128, 128, "image/jpeg")


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (12_001, 1), (8_000, 8_000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(width: int, height: int) -> None:
    with pytest.raises(ImageTooLarge):
        clean_image(png_of(width, height), longest=100)


def test_the_largest_that_is_allowed_is_taken() -> None:
    clean = clean_image(png_of(8_000, 5_000), longest=160)
    assert (clean.width, clean.height) == (160, 100)


def test_text_is_no_picture() -> None:
    with pytest.raises(NotAnImage):
        clean_image(b"hello", longest=100)
