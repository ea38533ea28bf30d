"""A therapist's introduction in moving pictures: a plain link to one of a few known sites, never part of our page. Pure."""

from urllib.parse import urlsplit

from core.errors import Invalid

HOSTS = frozenset({"youtube.com", "www.youtube.com", "youtu.be", "vimeo.com", "player.vimeo.com", "www.vimeo.com"})
LONGEST = 300


class VideoLinkRefused(Invalid):
    code = "video_link_refused"
    detail = "Give a link that begins with https:// and leads to YouTube or Vimeo, without a name, a password or a port in it."


def require_video_link(address: str) -> str:
    """The address as it was given; VideoLinkRefused for every other scheme or host. The path must name something."""
    try:
        parts = urlsplit(address)
        is_plain = parts.username is None and parts.password is None and parts.port is None and "\\" not in address and address.isascii()
    except ValueError as error:
        raise _refused() from error
    if parts.scheme != "https" or not is_plain or parts.netloc.lower() not in HOSTS or len(parts.path) < len("/x") or len(address) > LONGEST:
        raise _refused()
    if any(letter.isspace() or ord(letter) < ord("!") for letter in address):
        raise _refused()
    return address


def host_of(address: str) -> str:
    """Named beside the link, so that people know where it leads."""
    return urlsplit(address).netloc.lower()


def _refused() -> VideoLinkRefused:
    return VideoLinkRefused(errors={"video_url": [VideoLinkRefused.detail]})
