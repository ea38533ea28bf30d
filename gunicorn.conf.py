"""How the web process is served. The Procfile names no options: they are all here."""

import json
import logging
import os
import time

from gunicorn.workers.base import Worker

_in_production = os.environ.get("ATTUNE_ENV") == "production"

# In production a router stands in front and tells the port; on a developer's machine nobody else should reach us.
bind = f"{'0.0.0.0' if _in_production else '127.0.0.1'}:{os.environ.get('PORT', '8000')}"  # noqa: S104 see above
worker_class = "gthread"
# As many as cores, and never one alone: a kept connection stays with the process that accepted it, and one process computes one answer at a time.
workers = int(os.environ.get("WEB_CONCURRENCY") or min(8, max(2, os.cpu_count() or 1)))
threads = int(os.environ.get("WEB_THREADS", "8"))
# Loaded once: workers are copies that start in no time and share what is loaded. Making the application opens no connection and starts no thread.
preload_app = True

timeout = 30
graceful_timeout = 30
# Longer than the idle time of common routers, which otherwise reuse a connection that we have just closed.
keepalive = 75

# The request line may carry a token of a mailed link: no access log, the application logs what is needed by id.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "warning")


class JsonLine(logging.Formatter):
    """What the arbiter says; each web process brings the formatter of core/logs.py with the application. No text of an exception."""

    converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({"event": record.getMessage(), "level": record.levelname.lower(), "logger": record.name, "timestamp": at})


if _in_production:
    logconfig_dict = {
        "root": {"level": "WARNING", "handlers": ["error_console"]},
        "loggers": {"gunicorn.error": {"level": loglevel.upper(), "handlers": ["error_console"], "propagate": False}},
        "handlers": {"error_console": {"class": "logging.StreamHandler", "formatter": "generic", "stream": "ext://sys.stderr"}},
        "formatters": {"generic": {"()": JsonLine}},
    }

# Opens a file in the home folder otherwise.
control_socket_disable = True
# A worker's heartbeat is a file it touches; on some machines /tmp is a disk that can stall.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190


def post_worker_init(worker: Worker) -> None:
    """The application begins what it does before anybody asks (`extensions["at_start"]`)."""
    for begin in worker.wsgi.extensions.get("at_start", ()):
        begin()
