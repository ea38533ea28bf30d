"""The stage of a whole story: the application on a database of its own with the invented cast, a clock that the story moves, and the mails it sent."""

import pytest
from flask import Flask

from app.demo.load import load_demo
from core.clock import FixedClock
from core.db import transaction
from tests.fakes.outbox import Outbox
from tests.journeys.stage import Stage


@pytest.fixture
def stage(committed_app: Flask, clock: FixedClock) -> Stage:
    """Every commit is real; nothing is patched."""
    committed_app.extensions["mail_transport"] = outbox = Outbox()
    with committed_app.app_context(), transaction():
        load_demo(environment="test", now=clock.now())
    return Stage(committed_app, clock, outbox)
