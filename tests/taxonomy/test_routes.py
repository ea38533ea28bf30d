"""The vocabulary over HTTP: for everybody, cacheable, and without a trace of what people type."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask

from taxonomy import routes
from taxonomy.vocabulary import vocabulary
from tests.browser import Browser

Client = Callable[[], Browser]
V = vocabulary()


@pytest.mark.parametrize("name", ["goals", "concerns", "modalities", "evidence", "languages", "jurisdictions", "registers"])
def test_a_list_is_public_whole_and_cacheable(client: Client, name: str) -> None:
    answer = client().get(f"/api/v1/taxonomy/{name}")
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert len(body["items"]) == len(getattr(V, name))
    assert body["next"] is None
    assert body["version"] == V.version
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    again = client().get(f"/api/v1/taxonomy/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert client().get(f"/api/v1/taxonomy/{name}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_index_names_the_lists_and_holds_the_facets(client: Client) -> None:
    browser = client()
    body = browser.get("/api/v1/taxonomy").get_json()
    assert {each["name"] for each in body["lists"]} == set(routes.LISTS)
    assert all(browser.get(each["address"]).status_code == 200 for each in body["lists"])
    facets = {each["slug"]: each for each in body["facets"]}
    assert [value["slug"] for value in facets["style_dimensions"]["values"]] == ["led", "intensity", "past", "warmth"]
    assert next(value for value in facets["age_bands"]["values"] if value["slug"] == "age_13_17")["to_age"] == 17


def test_sources_that_are_cited_are_told(client: Client) -> None:
    body = client().get("/api/v1/taxonomy/registers").get_json()
    assert {each["source"] for each in body["items"]} <= body["sources"].keys()


def test_one_modality_in_plain_words(client: Client) -> None:
    body = client().get("/api/v1/taxonomy/modalities/eft_couple").get_json()
    assert body["plain"]
    assert set(body["not_same_as"]) == {"emotion_focused", "eft_tapping"}
    assert "erp" in client().get("/api/v1/taxonomy/modalities/cbt").get_json()["narrower"]


@pytest.mark.parametrize("slug", ["nothing", "CBT", "cbt%00", "..%2f"])
def test_an_unknown_modality_is_not_found(client: Client, slug: str) -> None:
    answer = client().get(f"/api/v1/taxonomy/modalities/{slug}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_evidence_is_shown_as_draft_and_withheld_in_production(client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    body = client().get("/api/v1/taxonomy/evidence").get_json()
    assert (body["signed_by"], body["withheld"]) == (None, False)
    assert all(row["draft"] for row in body["items"])
    monkeypatch.setitem(app.config, "ENVIRONMENT", "production")
    body = client().get("/api/v1/taxonomy/evidence").get_json()
    assert (body["items"], body["withheld"]) == ([], True)
    assert body["cautions"]


@pytest.mark.parametrize(("country", "number"), [("GB", "999"), ("GB-ENG", "999"), ("US-CA", "911"), ("QQ", None)])
def test_P11_crisis_help_of_a_country(client: Client, country: str, number: str | None) -> None:
    body = client().get(f"/api/v1/crisis-help?country={country}").get_json()
    assert (body["emergency_number"], body["lines"]) == (number, [])
    assert body["directory"]["url"] == "https://findahelpline.com"


@pytest.mark.parametrize(
    "query", ["", "?country=", "?country=gb", "?country=GBR", "?country=GB&x=1", "?country=GB&country=US", "?country=GB%00", "?country=%0AGB"]
)
def test_crisis_help_names_the_wrong_field(client: Client, query: str) -> None:
    answer = client().get(f"/api/v1/crisis-help{query}")
    assert answer.status_code == 422
    assert answer.get_json()["errors"]


def test_P03_suggestions_ask_which_eft(client: Client) -> None:
    answer = client().post("/api/v1/taxonomy/suggestions", json={"text": "EFT"})
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert body["items"] == []
    assert [set(each["meanings"]) for each in body["clarify"]] == [{"eft_couple", "emotion_focused", "eft_tapping"}]
    assert answer.headers["Cache-Control"] == "no-store"


def test_suggestions_of_free_text(client: Client) -> None:
    body = client().post("/api/v1/taxonomy/suggestions", json={"text": "I can't open up\nand I don't sleep", "kinds": ["concern"], "limit": 2}).get_json()
    assert {each["slug"] for each in body["items"]} == {"emotional_unavailability", "insomnia"}
    body = client().post("/api/v1/taxonomy/suggestions", json={"text": "BSL", "kinds": ["language"]}).get_json()
    assert [each["slug"] for each in body["items"]] == ["bfi"]
    body = client().post("/api/v1/taxonomy/suggestions", json={"text": "conversion therapy"}).get_json()
    assert [each["slug"] for each in body["not_offered"]] == ["conversion_practice"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 3}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": "a" * 10_001}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "a\u0007"}, "text"),
        ({"text": "a", "kinds": []}, "kinds"),
        ({"text": "a", "kinds": ["person"]}, "kinds.0"),
        ({"text": "a", "limit": 0}, "limit"),
        ({"text": "a", "limit": 21}, "limit"),
        ({"text": "a", "limit": "5"}, "limit"),
        ({"text": "a", "limit": True}, "limit"),
        ({"text": "a", "more": 1}, "more"),
    ],
)
def test_bad_input_for_suggestions_names_the_field(client: Client, body: dict[str, object], field: str) -> None:
    answer = client().post("/api/v1/taxonomy/suggestions", json=body)
    assert answer.status_code == 422
    assert field in answer.get_json()["errors"]


def test_free_text_never_stands_in_an_address(client: Client) -> None:
    assert client().get("/api/v1/taxonomy/suggestions?text=grief").status_code == 405
    assert client().post("/api/v1/taxonomy/suggestions?text=grief", json={"text": "grief"}).status_code == 422


def test_free_text_is_not_logged(client: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with caplog.at_level(logging.DEBUG):
        client().post("/api/v1/taxonomy/suggestions", json={"text": "quokkaish grief"})
        client().post("/api/v1/taxonomy/suggestions", json={"text": "quokkaish", "limit": "x"})
    told = capfd.readouterr()
    assert "quokkaish" not in caplog.text + told.out + told.err


def test_help_and_vocabulary_do_not_ask_the_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.engine import Connection

    browser, asked = client(), []
    really = Connection.execute

    def counted(self: Connection, *args: object, **kwargs: object) -> object:
        asked.append(args)
        return really(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "execute", counted)
    for address in ("/api/v1/crisis-help?country=GB", "/api/v1/taxonomy", "/api/v1/taxonomy/goals", "/api/v1/taxonomy/modalities/cbt"):
        assert browser.get(address).status_code == 200
    assert asked == []
