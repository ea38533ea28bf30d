"""Where what a case is about can be seen to: a page for each kind of subject, connected by the assembly."""

_pages: dict[str, str] = {}


def lead_to(subject_kind: str, page: str) -> None:
    """`page` ends in a slash, and the subject's id follows. Connecting twice changes nothing."""
    _pages[subject_kind] = page


def lead_of(subject_kind: str, subject_id: str) -> str | None:
    """The page about this subject. Subjects of money say their cause behind a colon."""
    page = _pages.get(subject_kind.partition(":")[0])
    return f"{page}{subject_id}" if page is not None else None
