"""Somebody with a browser, as far as the API can tell: keeps cookies, says where a request comes from, repeats the CSRF token."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any

SECONDS = 15


class Unexpected(Exception):
    """An answer with another status than the one that was expected."""


@dataclass(frozen=True)
class Answer:
    """What came back. `json` is None for an empty body."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Visitor:
    """One person at `address`. Paths are below it; `expect` is the status without which the story cannot go on."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.csrf_token: str | None = None
        # No proxy of the environment stands between us and our own machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str, *, expect: int = 200) -> Answer:
        return self.ask("GET", path, expect=expect)

    def post(self, path: str, body: object = None, *, expect: int = 200, **headers: str) -> Answer:
        return self.ask("POST", path, body, expect=expect, **headers)

    def put(self, path: str, body: object, *, expect: int = 200) -> Answer:
        return self.ask("PUT", path, body, expect=expect)

    def sign_in(self, email: str, password: str) -> Answer:
        answer = self.post("/api/v1/session", {"email": email, "password": password}, expect=201)
        self.csrf_token = answer.json["csrf_token"]
        return answer

    def ask(self, method: str, path: str, body: object = None, *, expect: int, **headers: str) -> Answer:
        """Send one request. Refuses with Unexpected, which quotes the answer. Underscores in header names become hyphens."""
        request = urllib.request.Request(self.address + path, method=method)  # noqa: S310 the address is our own
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if method != "GET":
            request.add_header("Origin", self.address)
            if self.csrf_token:
                request.add_header("X-CSRF-Token", self.csrf_token)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                answer = Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.headers, error.read())
        if answer.status != expect:
            said = answer.body.decode(errors="replace")[:2000]
            raise Unexpected(f"{method} {path} was answered with {answer.status} instead of {expect}: {said}")
        return answer
