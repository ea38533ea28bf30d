"""The real worker: a job that enqueues another, down to the mail."""

from flask import Flask
from sqlalchemy import make_url, text

from core import jobs
from core.db import db
from tests.factories.accounts import PASSWORD
from tests.fakes.outbox import Outbox


def test_a_sign_up_becomes_a_mail(committed_app: Flask) -> None:
    committed_app.extensions["mail_transport"] = outbox = Outbox()
    assert committed_app.test_client().post("/api/v1/accounts", json={"email": "robin@example.org", "password": PASSWORD}).status_code == 202
    conninfo = make_url(committed_app.config["DIRECT_DATABASE_URL"]).set(drivername="postgresql").render_as_string(hide_password=False)
    for _ in range(5):  # each round ends when nothing waits; what the last job enqueued may be left for the next
        if not outbox.sent:
            jobs.work(conninfo, concurrency=2, forever=False)
    assert outbox.subjects() == ["Please confirm your address"]
    with committed_app.app_context():
        done = db.session.execute(text("SELECT task_name FROM procrastinate_jobs WHERE status = 'succeeded' AND task_name NOT LIKE 'core.%' ORDER BY id"))
        assert {"accounts.answer_sign_up", "notices.deliver"} <= set(done.scalars())
