"""A guest who answers screens over HTTP, as the pages do."""

from typing import Any

from werkzeug.test import TestResponse

from accounts.consent import current_text
from matching.questionnaire import SCREENS
from tests.browser import Browser

API = "/api/v1"


class Visit:
    """One browser and its intake."""

    def __init__(self, browser: Browser) -> None:
        self.browser, self.id = browser, ""

    def begin(self) -> "Visit":
        answer = self.browser.post(f"{API}/intakes", json={"consent_text_version": current_text("matching").version})
        assert answer.status_code == 201, answer.text
        self.id = answer.get_json()["id"]
        return self

    @property
    def path(self) -> str:
        return f"{API}/intakes/{self.id}"

    def put(self, screen: str, **answers: Any) -> TestResponse:
        return self.browser.put(f"{self.path}/screens/{screen}", json={"answers": answers})

    def answer(self, answers: dict[str, Any]) -> "Visit":
        """Every screen that has an answer, in order."""
        for screen in SCREENS:
            mine = {field.name: answers[field.name] for field in screen.fields if field.name in answers}
            if mine:
                done = self.put(screen.name, **mine)
                assert done.status_code == 200, done.text
        return self

    def shortlist(self) -> dict[str, Any]:
        answer = self.browser.post(f"{self.path}/shortlist")
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.get_json()
        return shown

    def read(self) -> TestResponse:
        return self.browser.get(f"{self.path}/shortlist")

    def intake(self) -> dict[str, Any]:
        answer = self.browser.get(self.path)
        assert answer.status_code == 200, answer.text
        held: dict[str, Any] = answer.get_json()
        return held


def names(shortlist: dict[str, Any]) -> list[str]:
    return [card["display_name"] for card in shortlist["cards"]]
