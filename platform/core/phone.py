"""Telephone numbers as ITU-T E.164 writes them: a plus, the country code, at most fifteen digits. Pure; whether somebody answers there is not asked."""

import re

AS_WRITTEN = re.compile(r"[0-9+ ().\-/\u00a0]{7,40}")
SEPARATORS = re.compile(r"[ ().\-/\u00a0]")
# ``+44 (0)20 ...``: the zero is dialled inside the country only.
INSIDE_ONLY = re.compile(r"\(0\)")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


def e164(text: str) -> str:
    """``+442079460000`` for a number as people write it, with its country code (``+`` or ``00`` in front). ValueError for anything else."""
    if not AS_WRITTEN.fullmatch(text):
        raise ValueError("no telephone number")
    plain = SEPARATORS.sub("", INSIDE_ONLY.sub("", text))
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if not NUMBER.fullmatch(plain):
        raise ValueError("no number with a country code")
    return plain
