"""How a process logs: in production one JSON object a line on stderr, with its instant in UTC; elsewhere short lines for people.

Nothing that people wrote belongs in a log. Texts of exceptions quote it (a database names the value that clashed), so of an exception only the type
and the way to it are kept. The loggers of libraries go the same way, from warnings on: below that, some repeat what they handle.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor

FRAMES = 8
# gunicorn quotes the line it could not read, and the address it came from.
UNREADABLE = "Invalid request from"


def configure(*, as_json: bool, stream: TextIO | None = None) -> None:
    """Once per process, before anything is logged."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    shown: Processor = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown])
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.WARNING
    logging.captureWarnings(capture=True)
    server = logging.getLogger("gunicorn.error")  # has a handler of its own in a web process
    server.handlers, server.propagate = [], True


def without_words(logger: object, method: str, event: EventDict) -> EventDict:  # noqa: ARG001 the signature is structlog's
    """Keep the type of an exception and where it happened; drop its text, and that of its causes."""
    raised = event.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised[1] if isinstance(raised, tuple) else raised
    event.pop("stack_info", None)
    if isinstance(error, BaseException):
        event["error"], event["where"] = type(error).__name__, way_to(error.__traceback__)
    if str(event.get("event", "")).startswith(UNREADABLE):
        event["event"] = "unreadable_request"
    return event


def way_to(trace: TracebackType | None) -> str:
    """``dispatch.py:71 request.py:40``, the innermost last."""
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return " ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
