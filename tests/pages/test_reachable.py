"""Every page can be reached by links from the first page, and each of them is a whole page: named, labelled, for a phone, with nothing of anybody else's."""

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask

from core import access
from core.db import db, transaction
from core.errors import DomainError
from tests.booking.conftest import Practice, practice
from tests.booking.practice import a_service, signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from therapists.models import Therapist

__all__ = ("practice",)  # the fixture

# A page whose link comes by mail alone: it carries the code that the page asks for.
BY_MAIL = {
    "/appointment-changed",
    "/appointment/change",
    "/appointment/coming",
    "/client-invitation",
    "/come-back",
    "/confirm-address",
    "/new-password",
    "/proposal",
    "/still-accepting",
    "/still-looking",
    "/waitlist-offer",
}
OTHERWISE = {
    "/health": "for programs that watch us",
    "/payments/account": "where the card processor sends a payee back to",
    "/keep-my-answers": "linked where a guest's answers lie open on the device (test_home)",
    "/mailbox": "of development alone",
    "/find/list": "the questions lead to it (test_finding)",
    "/find/everybody": "the list leads to it (test_finding)",
}


class Page(HTMLParser):
    """What a page says of itself, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.tags: list[str] = []
        self.named: set[str] = set()
        self.labelled: set[str] = set()
        self.fields: list[str] = []
        self.inside_label = False
        self.wrong: list[str] = []
        self.feed(text)
        self.wrong += [f"no label for {each}" for each in self.fields if each not in self.labelled]
        self.wrong += [f"{self.tags.count(tag)} {tag}" for tag in ("h1", "main", "title") if self.tags.count(tag) != 1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.tags.append(tag)
        if tag == "html" and not facts.get("lang"):
            self.wrong.append("no language")
        if (name := facts.get("id")) is not None:
            if name in self.named:
                self.wrong.append(f"two ids {name}")
            self.named.add(name)
        if tag == "label":
            self.inside_label = True
            self.labelled.add(facts.get("for") or "")
        if tag in ("input", "select", "textarea") and facts.get("type") != "hidden" and not self.inside_label and not facts.get("aria-label"):
            self.fields.append(facts.get("id") or "a field without an id")
        if tag == "img" and facts.get("alt") is None:
            self.wrong.append("a picture without words")
        for attribute in ("src", "href", "action"):
            address = facts.get(attribute) or ""
            if urlsplit(address).netloc and not (tag == "a" and facts.get("rel")):
                self.wrong.append(f"{attribute} of {tag} leads elsewhere")
        if any(each.startswith("on") for each in facts) or "style" in facts:
            self.wrong.append("a script or a style within a tag, which our policy refuses")
        if tag == "a" and (address := facts.get("href") or "").startswith("/"):
            self.links.add(address)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside_label = False


def crawl(browser: Browser) -> dict[str, Page]:
    """Every page that links lead to from the first one, by path."""
    found: dict[str, Page] = {}
    todo = ["/"]
    while todo:
        address = todo.pop()
        path = urlsplit(address).path
        if path in found or path.startswith(("/api/", "/static/")):
            continue
        answer = browser.get(address)
        for _ in range(3):
            if answer.status_code in (302, 303):
                answer = browser.get(answer.headers["Location"])
        assert answer.status_code == 200, (address, answer.status_code, answer.text[-600:])
        found[path] = Page(answer.text)
        todo += sorted(found[path].links)
    return found


def pages_of(app: Flask, caller: access.Caller) -> set[str]:
    """Paths of all pages without parameters that this caller may look at."""
    paths = set()
    for rule in app.url_map.iter_rules():
        declared = access.declaration_of(app.view_functions[rule.endpoint])
        if declared is None or rule.arguments or "GET" not in (rule.methods or ()) or rule.rule.startswith("/api/"):
            continue
        try:
            declared.rule(caller)
        except DomainError:
            continue
        paths.add(rule.rule)
    return paths


@pytest.mark.parametrize("role", ["guest", "client", "therapist", "matchmaker", "safety_responder", "verifier", "admin"])
def test_every_page_without_parameters_is_reached_from_the_first_page(app: Flask, practice: Practice, role: str) -> None:
    with transaction():
        staff = an_account(roles=("client", role)).person_id if role not in ("guest", "client", "therapist") else practice.client_id
        a_service(db.session.get_one(Therapist, practice.therapist_id), instant=False)
    assert practice.book().status_code == 201
    assert practice.ask().status_code == 201
    browser = practice.new_browser()
    if role != "guest":
        browser = signed_in(practice.new_browser, practice.therapist_id if role == "therapist" else staff)
    found = crawl(browser)
    wrong = {path: page.wrong for path, page in found.items() if page.wrong}
    assert wrong == {}
    caller = access.NOBODY if role == "guest" else access.Caller(1, frozenset({"client", role}), email_confirmed=True, session_id=1)
    missing = pages_of(app, caller) - set(found) - BY_MAIL - set(OTHERWISE)
    if role == "guest":
        missing -= {path for path in missing if browser.get(path).status_code == 303}  # they lead to signing in
    if role != "therapist":
        missing -= {"/shared-with-me"}  # asks for the role by itself
    else:
        missing -= {"/become-a-therapist"}  # they are one
    if role != "guest":
        missing -= {"/sign-in", "/sign-up", "/forgot-password", "/confirm-address/again"}  # whoever is signed in goes on at once, and has no need
    assert missing == set()


def test_pages_of_mailed_links_are_whole_pages_too(client: Callable[[], Browser]) -> None:
    browser = client()
    assert {path: wrong for path in sorted(BY_MAIL) if (wrong := Page(browser.get(path).text).wrong)} == {}
