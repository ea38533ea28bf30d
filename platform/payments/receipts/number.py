"""The number of a receipt: the same for a payment each time, and telling nothing of how many there are. Pure."""

import hashlib
import uuid

# Crockford's letters: none can be taken for another when somebody reads it over the telephone. https://www.crockford.com/base32.html
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP = 3, 4


def receipt_number(payment: uuid.UUID) -> str:
    """``R-7K3F-9QWM-2HXD``: 60 bits of a digest of the payment's public id, which is random itself."""
    digest = int.from_bytes(hashlib.sha256(b"receipt:" + payment.bytes).digest()[:8]) >> 4
    letters = "".join(LETTERS[digest >> shift & 31] for shift in range(55, -1, -5))
    return "R-" + "-".join(letters[start : start + GROUP] for start in range(0, GROUPS * GROUP, GROUP))
