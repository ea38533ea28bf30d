"""Words of a crisis raise the plain question whatever text of a client's they stand in, also where the request is refused; and they go nowhere.

The doors are those of the OpenAPI document: each text without a closed form that a client can send. A new one is either heard, or named here.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from prometheus_client import generate_latest
from sqlalchemy import text

from care.pause import is_paused
from core.db import db, transaction
from tests.app.test_canary import db_audit, leaks, logged, tables
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.fakes.outbox import Outbox

__all__ = ["logged"]
MARK = "zqxcrisis"
CRISIS = {"en": f"{MARK} I want to kill myself", "es": f"{MARK} me quiero morir", "de": f"{MARK} ich will mich umbringen"}
# Written by nobody: secrets and words of ours that are sent back, codes of the vocabulary, names of zones; and numbers, whose form is checked.
NOT_WRITTEN = frozenset(
    {"token", "code", "gift", "purpose", "text_version", "consent_text_version", "share_text_version", "jurisdiction", "age_band", "zone", "phone", "password"}
)
# Asked of everybody, and answered with the question itself.
ANSWERED = frozenset({"/api/v1/taxonomy/suggestions"})
NOWHERE = str(UUID(int=1))
METHODS = ("post", "put", "patch")


@dataclass(frozen=True)
class TextField:
    """A text that a request may carry: where, and the way to it in the body."""

    method: str
    path: str
    way: tuple[str, ...]

    def body(self, words: str) -> Any:
        """A body with nothing else in it."""
        body: Any = words
        for step in reversed(self.way):
            body = [body] if step == "[]" else {step: body}
        return body

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path} {'.'.join(self.way)}"


def texts_of(document: dict[str, Any]) -> list[TextField]:
    found = []
    for path, operations in document["paths"].items():
        for method in METHODS:
            content = operations.get(method, {}).get("requestBody", {}).get("content", {})
            if "application/json" in content:
                ways = _ways(document, content["application/json"]["schema"], ())
                found += [TextField(method, path, way) for way in ways if way and not NOT_WRITTEN & set(way)]
    return [each for each in found if each.path not in ANSWERED]


def _ways(document: dict[str, Any], schema: dict[str, Any], way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    kinds = schema.get("type", "object" if "properties" in schema else "")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _ways(document, each, way)
    if "string" in kinds and not {"enum", "const", "format", "pattern"} & set(schema):
        yield way
    for name, inner in schema.get("properties", {}).items():
        yield from _ways(document, inner, (*way, name))
    if "array" in kinds:
        yield from _ways(document, schema.get("items", {}), (*way, "[]"))


@pytest.fixture(scope="module")
def texts(app: Flask) -> list[TextField]:
    return texts_of(app.test_client().get("/api/openapi.json").get_json())


def a_client_writes(client: Callable[[], Browser], field: TextField, words: str) -> tuple[int, int]:
    """The status of the answer, and who wrote."""
    with transaction():
        person_id = an_account(roles=("client",)).person_id
    path = field.path
    while "{" in path:
        path = path[: path.index("{")] + NOWHERE + path[path.index("}") + 1 :]
    answer = signed_in(client, person_id).open(path, method=field.method.upper(), json=field.body(words), headers={"Idempotency-Key": "k"})
    assert answer.status_code < 500, (field, answer.text)
    return answer.status_code, person_id


@pytest.mark.parametrize("note", [CRISIS["en"], CRISIS["de"] + " ." * 400], ids=["short", "too long"])
def test_words_on_a_page_that_speaks_to_the_outside_raise_the_question_too(client: Callable[[], Browser], database: None, note: str) -> None:
    with transaction():
        person_id = an_account(roles=("client",)).person_id
    browser = signed_in(client, person_id)
    browser.post("/gift", data={"press": "buy", "amount": "no amount", "currency": "GBP", "note": note, "csrf_token": str(browser.csrf_token)})
    assert is_paused(person_id)


@pytest.mark.parametrize("language", CRISIS)
def test_every_text_that_a_client_can_send_raises_the_question_and_goes_nowhere(
    texts: list[TextField],
    language: str,
    client: Callable[[], Browser],
    run_jobs: Callable[[], list[str]],
    outbox: Outbox,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    unheard, heard = [], set()
    for field in texts:
        status, person_id = a_client_writes(client, field, CRISIS[language])
        if status == 403:
            continue
        heard.add(field.way[-1])
        if not is_paused(person_id):
            unheard.append(f"{field}: {status}")
    assert unheard == []
    assert heard >= {"title", "note", "words", "contact", "name", "address", "concession"}, "the control: texts were found and clients may send them"
    with transaction():
        jobs = "\n".join(db.session.execute(text("SELECT task_name || args::text FROM procrastinate_jobs")).scalars())
    run_jobs()
    said = capfd.readouterr()
    mails = "\n".join(mail.as_string() for mail in outbox.sent)
    for place in (logged.getvalue(), said.out, said.err, jobs, mails, db_audit(), generate_latest().decode()):
        assert not leaks(place, MARK)
    assert {name: hits for name, dump in tables().items() if name != "persons" and (hits := leaks(dump, MARK))} == {}
