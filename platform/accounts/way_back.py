"""Where somebody was going when they were asked to sign in: a path of ours, or nothing. Pure.

A browser takes more for another site than a program would: `//evil.example`, `/\\evil.example`, a tab between the slashes, a scheme. So nothing is looked for
that would be bad; only what is known to be good passes (OWASP, Unvalidated Redirects and Forwards).
"""

import re

LONGEST = 500
# Letters of a path and a query as RFC 3986 has them, so no backslash, no control character, and no fragment.
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")


def safe_path(text: str | None) -> str | None:
    """The same text if it is a path of this site, with or without a query; else None."""
    if text is None or len(text) > LONGEST or not _PATH.fullmatch(text) or "//" in text:
        return None
    return text
