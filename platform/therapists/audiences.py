"""Who may learn what a therapist says about themselves. Pure.

Each statement has one audience, chosen by the therapist; without a choice it is nobody's. No audience contains another by accident: what is for those who
ask is shown on no page, and what is for signed-in people serves no guest, not even in matching.
"""

# nobody: kept for oneself. asked: helps people who look for exactly this to find the therapist, and is shown nowhere. clients: signed-in people. public: all.
AUDIENCES = ("nobody", "asked", "clients", "public")
# Nobody can look for a text that no wish names.
TEXT_AUDIENCES = ("nobody", "clients", "public")


def is_shown(audience: str, *, signed_in: bool) -> bool:
    """Whether a page may show it to this reader."""
    return audience == "public" or (audience == "clients" and signed_in)


def helps_to_find(audience: str) -> bool:
    """Whether it may count for somebody who looks for exactly this, and for nothing else: it never tells apart those who do not."""
    return audience == "asked"
