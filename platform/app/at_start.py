"""What a web process does before anybody asks: it reads whom lists are made of, and the calendars of holidays, so that nobody waits for them."""

import threading

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from core.clock import now
from core.db import transaction
from matching.live.held import live
from therapists.holiday_calendars import calendars

log = structlog.get_logger()


def begin_reading(application: Flask) -> threading.Thread:
    """In a thread that nothing waits for, beside other requests. Where the database does not answer, the first list reads."""
    thread = threading.Thread(target=_read, args=(application,), name="columns", daemon=True)
    thread.start()
    return thread


def _read(application: Flask) -> None:
    try:
        with application.app_context(), transaction(read_only=True):
            live().as_new_as_the_database(now=now())
    except SQLAlchemyError as error:
        log.warning("columns_not_read", kind=type(error).__name__)
    calendars()  # a tenth of a second that the first page of somebody's hours would wait
