"""The sandbox as a process of its own: what `make run` starts."""

import json
import os
import secrets
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask

from app.processes import Processes, start_payment_sandbox
from payments import processor
from payments.processor_facts import at
from payments.processor_sdk import read_webhook
from tests.app.payment_sandbox.conftest import open_session

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def test_it_refuses_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "ENVIRONMENT", "production")
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["payment-sandbox", "--port", "0"])
    assert done.exit_code == 1
    assert "production" in done.output


def test_it_needs_a_secret_to_sign_with(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "STRIPE_WEBHOOK_SECRETS", "")
    with app.app_context():
        done = app.test_cli_runner().invoke(args=["payment-sandbox", "--port", "0", "--deliver-to", "http://127.0.0.1:9/webhooks/stripe"])
    assert done.exit_code == 1
    assert "STRIPE_WEBHOOK_SECRETS" in done.output


class Inbox(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    got: list[tuple[str, bytes, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).got.append((self.path, body, self.headers["Stripe-Signature"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name is the library's
        """Nothing."""


def wait_until(condition: object, *, seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        with OPENER.open(f"http://127.0.0.1:{port}/_knobs", timeout=2) as answer:
            return bool(json.loads(answer.read())["now"])
    except OSError:
        return False


def turn(port: int, knob: str, **said: object) -> None:
    OPENER.open(urllib.request.Request(f"http://127.0.0.1:{port}/_knobs/{knob}", json.dumps(said).encode(), method="POST"), timeout=5).close()


def test_it_serves_delivers_and_goes_on_after_a_restart(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = f"whsec_{secrets.token_hex(12)}"
    inbox = type("OwnInbox", (Inbox,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), inbox)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "ATTUNE_ENV": "test",
        "SECRET_KEY": app.config["SECRET_KEY"],
        "FIELD_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "DATABASE_URL": "postgresql://nobody@/nothing",
        "BASE_URL": f"http://127.0.0.1:{server.server_port}",
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRETS": secret,
    }
    monkeypatch.setitem(app.config, "STRIPE_API_BASE", f"http://127.0.0.1:{port}")
    monkeypatch.setitem(app.config, "STRIPE_WEBHOOK_SECRETS", secret)
    with listening, app.app_context():
        with Processes() as processes:
            start_payment_sandbox(processes, listening, environment, state=tmp_path / "state.sqlite3")
            wait_until(lambda: answers(port))
            turn(port, "clock", advance=int(1_795_359_600 - time.time()))  # near the day of these tests
            session = open_session()
            turn(port, "pay", session=session.id)
            wait_until(lambda: any(b"checkout.session.completed" in body for _, body, _ in inbox.got))
        path, body, signature = inbox.got[-1]
        assert path == "/webhooks/stripe"
        assert read_webhook(body, signature, now=at(int(signature[2:].split(",")[0]))).kind == "checkout.session.completed"
        with Processes() as processes:
            start_payment_sandbox(processes, listening, environment, state=tmp_path / "state.sqlite3")
            wait_until(lambda: answers(port))
            assert processor.retrieve_checkout_session(session.id).payment_status == "paid"
    server.shutdown()
    server.server_close()


def test_it_starts_within_a_test_quickly(app: Flask) -> None:
    from tests.fakes.payment_sandbox import sandbox_of

    began = time.monotonic()
    with app.app_context(), sandbox_of(app, time.time) as sandbox:
        processor.create_customer(reference="x", idempotency_key="k")
        took = time.monotonic() - began
        assert len(list(sandbox.world.each("customer"))) == 1
    assert took < 0.3, f"{took:.2f} s"
    assert "stripe" in sys.modules
