"""Mail addresses as we accept them. Pure."""

import re

LONGEST = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets
LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
DOMAIN_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def normal_address(written: str) -> str | None:
    """The address in lower case, or None when it is none that mail servers everywhere take.

    ASCII only, a dot-atom before the @ and at least two labels behind it (RFC 5322, 3.4.1, without quoted local parts). Each pattern takes linear time.
    """
    address = written.strip().lower()
    local, at, domain = address.rpartition("@")
    if not at or len(address) > LONGEST or not LOCAL_PART.fullmatch(local) or ".." in local or local[0] == "." or local[-1] == ".":
        return None
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(DOMAIN_LABEL.fullmatch(label) for label in labels):
        return None
    return address
