"""Addresses that strangers give us to fetch from: which may be asked at all, and which machines they may lead to. Pure.

Only https, only names, never a number in any spelling (RFC 1123 names end in letters; 2130706433, 0x7f.1 and 127.1 all mean a machine by number), and in
the end only machines of the public internet: whatever a name resolves to is judged by number again.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urlsplit

LONGEST = 2000
NAME = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
SECURE = ("https", "webcal", "webcals")  # webcal is how calendar programs write an address to subscribe
# Global unicast, and what of it carries another address inside or belongs to nobody.
GLOBAL_IPV6 = IPv6Network("2000::/3")
NOT_GLOBAL_IPV6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
PRIVILEGED = 1024
IN_TARGET = "/%:@!$&'()*+,;=~-._"


class AddressRefused(ValueError):
    """May not be fetched. `reason`: unreadable, not_https, credentials, not_a_name, port, inward."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FetchAddress:
    """An address taken apart. `target` is path and query, ready for a request line."""

    secure: bool
    host: str
    port: int
    target: str

    @property
    def text(self) -> str:
        usual = 443 if self.secure else 80
        return f"http{'s' * self.secure}://{self.host}{'' if self.port == usual else f':{self.port}'}{self.target}"


def read_address(text: str, *, loopback: Collection[str] = ()) -> FetchAddress:
    """AddressRefused unless it is https to a name, on port 443 or an unprivileged one.

    `loopback` names exceptions for development and tests, such as ``127.0.0.1:4711``; for these, http and the number are taken.
    """
    if len(text) > LONGEST or any(letter in '\\"<>^`{|}' or ord(letter) <= 32 or 127 <= ord(letter) < 160 for letter in text):
        raise AddressRefused("unreadable")
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode().lower().rstrip(".")
        port = parts.port
    except ValueError as error:
        raise AddressRefused("unreadable") from error
    target = quote(parts.path or "/", safe=IN_TARGET)
    if parts.query:
        target = f"{target}?{quote(parts.query, safe=IN_TARGET + '?')}"
    if parts.scheme == "http" and f"{host}:{port}" in loopback:
        return FetchAddress(secure=False, host=host, port=port or 80, target=target)
    if parts.scheme not in SECURE:
        raise AddressRefused("not_https")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("credentials")
    if not NAME.fullmatch(host):
        raise AddressRefused("not_a_name")
    if port is not None and port != 443 and port < PRIVILEGED:
        raise AddressRefused("port")
    return FetchAddress(secure=True, host=host, port=port or 443, target=target)


def is_public(number: str) -> bool:
    """Whether an IP address belongs to the public internet: not private, loopback, link-local, shared, multicast or reserved, and not another in disguise."""
    try:
        address = ip_address(number)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        return address in GLOBAL_IPV6 and not any(address in network for network in NOT_GLOBAL_IPV6)
    return address.is_global and not address.is_multicast and not address.is_reserved
