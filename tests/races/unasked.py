"""The same application, which believes the diaries that it keeps without asking whether they are still right. Shows that the race is real."""

import importlib
import os

from sqlalchemy import false, select

assert os.environ.get("ATTUNE_ENV") == "test"

app = importlib.import_module("wsgi").app

# Only after wsgi has put platform/ on the path.
glance = importlib.import_module("core.reading").Glance
importlib.import_module("booking.openings.diary")._CHANGED = glance(select(false().label("changed")))
