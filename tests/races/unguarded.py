"""The same application with the guards of the write path off: no lock, and (in the test) no constraint. Shows that the races are real."""

import importlib
import os

assert os.environ.get("ATTUNE_ENV") == "test"

app = importlib.import_module("wsgi").app


def no_lock(*person_ids: int) -> None:
    """Everybody may pass at once."""


# Only after wsgi has put platform/ on the path.
importlib.import_module("booking.place").lock_persons = no_lock  # type: ignore[attr-defined]
