"""A test client that behaves like a browser on our own pages: keeps cookies, asks for HTML at pages, sends Origin, and the CSRF token once signed in."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

BASE_URL = "http://attune.test"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Browser(FlaskClient):
    """`csrf_token` is set by `sign_in`; pass `headers` to override, or `bare=True` to send nothing by itself."""

    csrf_token: str | None = None

    def open(self, *args: Any, bare: bool = False, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", BASE_URL)
        if not bare and args and isinstance(args[0], str) and not args[0].startswith("/api/"):
            kwargs["headers"] = {"Accept": "text/html,*/*;q=0.8", **dict(kwargs.get("headers") or {})}
        if not bare and str(kwargs.get("method", "GET")).upper() in UNSAFE:
            headers = {"Origin": BASE_URL, **({"X-CSRF-Token": self.csrf_token} if self.csrf_token else {})}
            kwargs["headers"] = {**headers, **dict(kwargs.get("headers") or {})}
        return super().open(*args, **kwargs)

    def sign_in(self, email: str, password: str) -> TestResponse:
        answer = self.post("/api/v1/session", json={"email": email, "password": password})
        assert answer.status_code in (200, 201), answer.text
        self.csrf_token = answer.get_json()["csrf_token"]
        return answer
