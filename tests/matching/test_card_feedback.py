"""What people say of cards: kept sealed with the slate that was shown, read by nobody else, gone with the answers."""

import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from core.audit import AuditEntry
from core.clock import now
from core.db import db, transaction
from matching.card_feedback.counting import Said, counted
from matching.card_feedback.evaluate import evaluation
from matching.card_feedback.models import CardFeedback
from matching.card_feedback.reasons import REASONS
from matching.kept_facts import facts_named
from matching.models import Shortlist
from matching.replay import replay
from taxonomy.vocabulary import vocabulary
from tests.matching import personas
from tests.matching.test_own_safety import Visiting
from tests.matching.test_rematch import Client, NewBrowser
from tests.matching.visits import Visit
from therapists.models import Therapist

NOT_FOR_ME = {"verdict": "not_for_me", "reasons": ["price", "words"]}
pytestmark = pytest.mark.usefixtures("therapists")


def path(visit: Visit, shortlist: dict[str, Any], card: int = 0) -> str:
    return f"{visit.path}/shortlists/{shortlist['id']}/cards/{shortlist['cards'][card]['therapist_id']}/feedback"


def given(visit: Visit, shortlist: dict[str, Any]) -> list[tuple[str, list[str]]]:
    told = visit.browser.get(f"{visit.path}/shortlists/{shortlist['id']}/feedback")
    assert told.status_code == 200, told.text
    return [(each["verdict"], each["reasons"]) for each in told.get_json()["items"]]


def rows() -> list[CardFeedback]:
    with transaction():
        return list(db.session.scalars(select(CardFeedback)))


def test_a_guest_says_of_several_cards_and_changes_their_mind(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    shown = here.shortlist()
    assert here.browser.put(path(here, shown), json=NOT_FOR_ME).get_json()["reasons"] == ["price", "words"]
    assert here.browser.put(path(here, shown, 1), json={"verdict": "for_me"}).status_code == 200
    assert here.browser.put(path(here, shown, 2), json={"verdict": "not_for_me"}).get_json()["reasons"] == [], "nobody has to say why"
    here.browser.put(path(here, shown), json={"verdict": "not_for_me", "reasons": ["times", "times"]})
    assert sorted(given(here, shown)) == [("for_me", []), ("not_for_me", []), ("not_for_me", ["times"])]
    assert here.browser.delete(path(here, shown)).status_code == 204
    assert here.browser.delete(path(here, shown)).status_code == 404
    assert len(given(here, shown)) == 2
    told = here.browser.get(f"{here.path}/shortlists/{shown['id']}/feedback").get_json()["reasons"]
    assert [each["code"] for each in told] == list(REASONS)


def test_it_stands_beside_the_slate_that_was_shown_and_moves_neither_it_nor_the_next_list(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    shown = here.shortlist()
    for card in range(len(shown["cards"])):
        here.browser.put(path(here, shown, card), json=NOT_FOR_ME)
    with transaction():
        (shortlist,) = db.session.scalars(select(Shortlist))
        kept = {each["key"]: each for each in shortlist.shown["cards"]}
        keys = dict(db.session.execute(select(Therapist.person_id, Therapist.public_id)).all())
        for row in db.session.scalars(select(CardFeedback)):
            assert row.shortlist_id == shortlist.id
            assert 0 < kept[str(keys[row.therapist_id])]["propensity"] <= 1, "what a measurement needs is beside it"
        assert replay(shortlist.shown, facts_named(shortlist.shown), vocabulary=vocabulary()).is_identical
    assert [card["therapist_id"] for card in here.shortlist()["cards"]] == [card["therapist_id"] for card in shown["cards"]]


def test_only_of_cards_that_were_shown_and_only_on_ones_own_list(visit: Visiting, therapists: dict[str, Therapist]) -> None:
    here, other = visit().answer(personas.P01), visit().answer(personas.P01)
    shown, theirs = here.shortlist(), other.shortlist()
    elsewhere = f"{here.path}/shortlists/{shown['id']}/cards/{therapists['T14'].public_id}/feedback"
    assert here.browser.put(elsewhere, json=NOT_FOR_ME).status_code == 404
    assert other.browser.put(path(here, shown), json=NOT_FOR_ME).status_code == 404
    assert other.browser.get(f"{here.path}/shortlists/{shown['id']}/feedback").status_code == 404
    mixed = path(here, shown).replace(str(shown["id"]), str(theirs["id"]))
    assert here.browser.put(mixed, json=NOT_FOR_ME).status_code == 404
    assert rows() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "verdict"),
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": "not_for_me", "reasons": ["ugly"]}, "reasons.0"),
        ({"verdict": "not_for_me", "reasons": "price"}, "reasons"),
        ({"verdict": "for_me", "reasons": ["price"]}, "reasons"),
        ({"verdict": "for_me", "words": "x"}, "words"),
    ],
)
def test_what_is_not_one_of_the_answers_is_422_with_its_field(visit: Visiting, body: dict[str, Any], field: str) -> None:
    here = visit().answer(personas.P01)
    told = here.browser.put(path(here, here.shortlist()), json=body)
    assert (told.status_code, list(told.get_json()["errors"])) == (422, [field])


def test_M42_it_goes_with_the_answers(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    here.browser.put(path(here, here.shortlist()), json=NOT_FOR_ME)
    assert len(rows()) == 1
    assert here.browser.delete(here.path).status_code == 204
    assert rows() == []


def test_M42_it_goes_with_the_consent(client: NewBrowser) -> None:
    her = Client(client)
    her.browser.put(path(her.visit, her.visit.shortlist()), json=NOT_FOR_ME)
    assert len(rows()) == 1
    her.browser.delete("/api/v1/consents/matching")
    assert rows() == []


def test_nothing_of_it_stands_in_an_audit_row_a_log_or_in_the_clear(visit: Visiting, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    here = visit().answer(personas.P01)
    shown = here.shortlist()
    here.browser.put(path(here, shown), json={"verdict": "not_for_me", "reasons": ["background"]})
    with transaction():
        assert "background" not in str(db.session.execute(text("SELECT * FROM card_feedback")).all())
        row = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "matching.feedback_given")).one()
        assert (row.subject_id, row.facts) == (str(shown["id"]), {})
    assert "background" not in caplog.text


def test_the_page_takes_it(client: NewBrowser) -> None:
    her = Client(client)
    shown = her.visit.shortlist()
    page = her.browser.get("/look-again").text
    assert "Not for me, because" in page
    form = {"act": "say", "intake_id": her.visit.id, "shortlist_id": shown["id"], "therapist_id": shown["cards"][1]["therapist_id"]}

    def press(**more: str) -> TestResponse:
        return her.browser.post("/look-again", data={"csrf_token": her.browser.csrf_token, **form, **more})

    assert press(verdict="not_for_me", reasons="price").status_code == 303
    assert "You said: not for me. It costs too much." in her.browser.get("/look-again").text
    assert press(verdict="for_me", reasons="price").status_code == 303
    assert "You said: for me." in her.browser.get("/look-again").text
    assert press(verdict="never").status_code == 422
    assert press(verdict="not_for_me", reasons="ugly").status_code == 422
    assert press(verdict="for_me", shortlist_id="x").status_code == 404


def said(person: int, verdict: str, *reasons: str, **states: str) -> Said:
    return Said(person, verdict, reasons, states)


def test_counts_are_of_people_and_none_of_fewer_than_ten() -> None:
    ten = [said(person, "not_for_me", "price", price="not_met", times="met") for person in range(10)]
    nine = [said(person, "not_for_me", "words", price="met", times="met") for person in range(9)]
    twice = [said(3, "for_me", price="met", times="met")] * 20
    found = counted([*ten, *nine, *twice])
    assert found["reasons"] == {"price": {"price": 10}, "words": {"none": None}}
    assert found["dimensions"] == {
        "price": {"for_me/met": None, "not_for_me/met": None, "not_for_me/not_met": 10},
        "times": {"for_me/met": None, "not_for_me/met": 10},
    }, "one who says much is one, and small cells have no number"
    assert counted([]) == {"reasons": {}, "dimensions": {}}


def test_the_operator_reads_counts_and_nothing_that_anybody_asked_for(visit: Visiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.card_feedback.counting.FEWEST", 2)
    for _ in range(2):
        here = visit().answer(personas.P01)
        shown = here.shortlist()
        assert here.browser.put(path(here, shown), json=NOT_FOR_ME).status_code == 200
    found = evaluation(since=now() - timedelta(days=1), until=now() + timedelta(seconds=1))
    assert set(found["reasons"]) == {"price", "words"}
    assert found["dimensions"]["concern"] == {f"not_for_me/{next(state for name, state, _ in slate_of(0) if name == 'concern')}": 2}
    assert not {"emotional_unavailability", "psychodynamic", "Pia"} & set(re.findall(r"\w+", json.dumps(found)))
    assert evaluation(since=now() - timedelta(days=3), until=now() - timedelta(days=2))["reasons"] == {}


def slate_of(place: int) -> list[list[Any]]:
    """The reasons of a card as they are kept."""
    with transaction():
        kept = db.session.scalars(select(Shortlist).order_by(Shortlist.id).limit(1)).one().shown
    assert kept is not None
    found: list[list[Any]] = kept["cards"][place]["reasons"]
    return found
