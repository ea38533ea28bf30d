"""Hot answers, encoded directly: a view that returns plain values of its schema's shape skips the schema's dump.

The schema stays declared beside it (`gives`), and a test holds the two equal.
"""

from typing import Any

import orjson
from flask import Response


def encoded(body: dict[str, Any], *, status: int = 200) -> Response:
    """JSON of dicts, lists, dataclasses, public ids, dates and aware instants; UTC ends in Z, as `core.http.Instant` writes it."""
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), status=status, content_type="application/json")
