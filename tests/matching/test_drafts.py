"""What people who are no clinicians wrote down is dated and called a draft wherever somebody reads it, and evidence weighs from the signature on."""

import json
import shutil
from collections.abc import Callable, Iterator
from math import isclose
from pathlib import Path

import pytest

import taxonomy.vocabulary
from accounts.consent import current_text
from core.db import transaction
from taxonomy.reading import DATA
from taxonomy.vocabulary import load, vocabulary
from tests.browser import Browser
from tests.factories.accounts import PASSWORD
from tests.factories.care import a_client
from tests.matching import personas
from tests.matching.visits import Visit

DRAFT = "a draft that no clinician has signed yet"


@pytest.fixture
def sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sign a file of the vocabulary, as an operator would who puts the signed version in its place."""
    folder, before = tmp_path / "data", vocabulary()
    shutil.copytree(DATA, folder)

    def signed(name: str) -> None:
        path = folder / f"{name}.json"
        document = json.loads(path.read_text())
        document["signed_by"] = "A clinician of this test"
        for row in document["items"] if name == "evidence" else ():
            row["draft"] = False
        path.write_text(json.dumps(document))
        read = load(folder)
        monkeypatch.setattr(taxonomy.vocabulary, "load", lambda: read)
        vocabulary.cache_clear()

    yield signed
    # The same one again, not one that is equal: it is read once.
    monkeypatch.setattr(taxonomy.vocabulary, "load", lambda: before)
    vocabulary.cache_clear()
    assert vocabulary() is before


def evidence_of(policy: dict[str, object]) -> dict[str, object]:
    return next(each for each in policy["dimensions"] if each["name"] == "evidence")  # type: ignore[attr-defined, no-any-return]


@pytest.mark.usefixtures("therapists")
def test_P12_evidence_weighs_in_lists_policy_and_page_from_the_signed_version_on(client: Callable[[], Browser], sign: Callable[[str], None]) -> None:
    def seen() -> tuple[dict[str, object], dict[str, object]]:
        shown = Visit(client()).begin().answer(personas.P12).shortlist()
        card = next(each for each in shown["cards"] if each["display_name"] == "Ema")
        assert isclose(sum(reason["contribution"] for reason in card["reasons"]), card["score"], abs_tol=1e-9)
        return card, evidence_of(client().get("/api/v1/ranking-policy").get_json())

    before, dimension = seen()
    assert "evidence" not in {reason["dimension"] for reason in before["reasons"]}  # type: ignore[attr-defined]
    assert dimension["weight_now"] == 0
    assert f"It counts nothing until there is {dimension['waits_for']}" in client().get("/ranking").text
    sign("evidence")
    after, dimension = seen()
    reason = next(each for each in after["reasons"] if each["dimension"] == "evidence")  # type: ignore[attr-defined]
    assert dimension["weight_now"] == dimension["weight"] == 8
    assert reason["contribution"] > 0
    assert reason["sentences"]
    assert "It counts nothing until there is a table" not in client().get("/ranking").text


def test_whoever_looks_for_help_reads_of_which_month_the_number_is_and_that_it_is_a_draft(client: Callable[[], Browser], sign: Callable[[str], None]) -> None:
    found = client().get("/api/v1/crisis-help?country=GB").get_json()
    assert (found["as_of"], found["draft"]) == ("2026-11", True)
    assert client().get("/api/v1/crisis-help?country=XX").get_json()["as_of"] is None
    assert DRAFT in client().get("/help-now").text
    visit = Visit(client()).begin().answer({name: personas.P01[name] for name in ("for_whom", "place", "age_band")})
    text = visit.browser.get("/find/safety").text
    assert f"Emergency number as of 2026-11; {DRAFT}" in text
    sign("crisis_lines")
    assert client().get("/api/v1/crisis-help?country=GB").get_json()["draft"] is False
    text = visit.browser.get("/find/safety").text
    assert DRAFT not in text
    assert "Emergency number as of 2026-11" in text


def test_a_questionnaire_says_of_which_day_and_from_where_its_words_are_and_that_they_are_a_draft(client: Callable[[], Browser]) -> None:
    with transaction():
        email = a_client().email
    browser = client()
    browser.sign_in(email, PASSWORD)
    told = browser.get("/api/v1/questionnaires").get_json()
    assert told["draft"] is True
    assert told["version"]
    assert told["sources"]
    given = browser.post("/api/v1/consents", json={"purpose": "progress", "text_version": current_text("progress").version})
    assert given.status_code < 300, given.text
    for page in ("/how-i-am", "/how-i-am/gad-7", "/how-i-am/phq-2"):
        text = browser.get(page).text
        assert f"Words, bands and cut-offs of {told['version']}, {DRAFT}" in text, page
