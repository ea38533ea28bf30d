"""Who a notice goes to, and nothing more about them. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipient:
    """`address` is a mail address, `locale` a language tag, `zone` the IANA zone in which times are written for them."""

    address: str
    locale: str = "en"
    zone: str = "UTC"
