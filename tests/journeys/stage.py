"""People in a story: each has a browser, knows only what answers and mails told them, and never looks behind the scenes."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask

from app.demo.load import DOMAIN
from app.demo.load import PASSWORD as STAFF_PASSWORD
from core.clock import FixedClock
from tests.browser import Browser
from tests.conftest import run_due
from tests.fakes.outbox import Outbox

API = "/api/v1"
PASSWORD = "four lanterns over the weir"
Json = dict[str, Any]


class Somebody:
    """One person at one browser. Every call says which status the story needs."""

    def __init__(self, browser: Browser, email: str = "") -> None:
        self.browser, self.email = browser, email

    def ask(self, method: str, path: str, body: object = None, *, expect: int = 200, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.browser.open(API + path, method=method, json=body, headers=named)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.get_json(silent=True)

    def get(self, path: str, *, expect: int = 200) -> Any:
        return self.ask("GET", path, expect=expect)

    def post(self, path: str, body: object = None, *, expect: int = 200, **headers: str) -> Any:
        return self.ask("POST", path, body, expect=expect, **headers)

    def answer_questions(self, answers: Json) -> str:
        """An intake from consent to the last screen that these answers reach; its id."""
        questions = self.get("/intakes/questions")
        intake = self.post("/intakes", {"consent_text_version": questions["consent_text_version"]}, expect=201)["id"]
        for screen in questions["screens"]:
            mine = {one["name"]: answers[one["name"]] for one in screen["fields"] if one["name"] in answers}
            if mine:
                self.ask("PUT", f"/intakes/{intake}/screens/{screen['name']}", {"answers": mine})
        return str(intake)

    def edit_profile(self, path: str, body: Json, *, method: str = "PUT") -> Any:
        """A therapist changes what they just read."""
        etag = self.browser.get(f"{API}/therapist/profile").headers["ETag"]
        return self.ask(method, f"/therapist/{path}", body, If_Match=etag)


@dataclass
class Stage:
    app: Flask
    clock: FixedClock
    outbox: Outbox
    worked: list[str] = field(default_factory=list)

    def guest(self) -> Somebody:
        return Somebody(self.app.test_client())  # type: ignore[arg-type]  # the application makes browsers

    def sign_up(self, email: str, name: str, *, at: Somebody | None = None) -> Somebody:
        """Sign up, confirm by the mailed link, sign in; `at` is the browser of a guest who stays at it."""
        person = at or self.guest()
        texts = {each["purpose"]: each["version"] for each in person.get("/consent-texts")["items"]}
        consents = [{"purpose": purpose, "text_version": texts[purpose]} for purpose in ("terms", "privacy")]
        person.post("/accounts", {"email": email, "password": PASSWORD, "name": name, "zone": "Europe/London", "consents": consents}, expect=202)
        self.work()
        person.post("/accounts/confirm", {"token": self.outbox.token_to(email), "password": PASSWORD}, expect=204)
        person.browser.sign_in(email, PASSWORD)
        person.email = email
        return person

    def one_of_the_cast(self, name: str) -> Somebody:
        """A therapist or a member of staff of the demonstration."""
        person = self.guest()
        person.email = f"{name}@{DOMAIN}"
        person.browser.sign_in(person.email, STAFF_PASSWORD)
        return person

    def openings(self, service_id: str, *, days: int = 20) -> list[str]:
        start, end = self.clock.now(), self.clock.now() + timedelta(days=days)
        window = f"start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}"
        return [each["start"] for each in self.guest().get(f"/services/{service_id}/openings?{window}")["items"]]

    def work(self) -> list[str]:
        """The worker does everything that is due by now."""
        with self.app.app_context():
            done = run_due(self.clock)
        self.worked += done
        return done

    def later(self, **duration: float) -> list[str]:
        self.clock.advance(**duration)
        return self.work()
