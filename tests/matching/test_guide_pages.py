"""The guides' pages, from a case that waits to a suggestion and a code, by presses of buttons alone."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.db import db
from matching.guide_pages.words import in_words
from payments.codes.models import DiscountCode
from tests.browser import Browser
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.test_assisted import PERSON, a_signed_in_visit
from tests.matching.test_call_back import a_caller, signed_in
from tests.matching.test_code_after_call import called
from tests.matching.visits import Visit, names
from therapists.models import Therapist

NewBrowser = Callable[[], Browser]
PAGE = "/desk/people"


def press(who: Browser, path: str, **form: Any) -> Any:
    return who.post(path, data=form | {"csrf_token": who.csrf_token})


@pytest.mark.usefixtures("therapists")
def test_a_guide_takes_a_case_on_and_suggests_by_ticking(client: NewBrowser, therapists: dict[str, Therapist]) -> None:
    here, _ = a_signed_in_visit(client)
    here.browser.post(f"{here.path}/person", json=PERSON)
    guide, other = signed_in(client, "matchmaker"), signed_in(client, "matchmaker")
    case = f"{PAGE}/{cases('matchmaking')[0].public_id}"
    assert "I take it on" in guide.get(PAGE).text
    assert guide.get(f"{case}/suggest").status_code == 409, "not theirs yet"
    assert "Suggest therapists" in press(guide, case, act="claim").text
    assert "Somebody else has it" in other.get(PAGE).text
    assert press(other, case, act="claim").status_code == 409
    assert press(guide, case, act="dance").status_code == 422
    page = guide.get(f"{case}/suggest")
    assert (page.status_code, "Suggest Pia" in page.text, "has not agreed" in page.text) == (200, True, True)
    assert "emotional" not in page.text
    pia = str(therapists["T16"].public_id)
    for wrong in (
        {},
        {"therapist": pia},
        {"therapist": "pia", "reasons-pia": "soon"},
        {"therapist": pia, f"reasons-{pia}": "soon", f"note-{pia}": "A sure cure."},
    ):
        assert press(guide, f"{case}/suggest", **wrong).status_code == 422
    assert here.browser.get(f"{here.path}/assisted-shortlist").status_code == 404
    done = press(guide, f"{case}/suggest", therapist=pia, **{f"reasons-{pia}": ["soon", "price"], f"note-{pia}": "She has evenings."})
    assert (done.status_code, "It is suggested" in done.text) == (200, True)
    shown = here.browser.get(f"{here.path}/assisted-shortlist").get_json()
    assert names(shown) == ["Pia"]
    assert [each["code"] for each in shown["cards"][0]["guide"]["reasons"]] == ["soon", "price"]
    assert "Nobody has it yet" in press(guide, case, act="release").text
    assert db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "matching.guide_looked")) >= 1


@pytest.mark.usefixtures("database")
def test_a_code_follows_a_call_by_one_press(client: NewBrowser) -> None:
    browser, _ = a_caller(client)
    guide, path = called(client, browser)
    code = f"{PAGE}/calls/{path.split('/')[4]}/code"
    assert "With whom you spoke" in guide.get(PAGE).text
    assert press(guide, code, percent="11").status_code == 422
    assert press(signed_in(client, "matchmaker"), code, percent="10").status_code == 409
    done = press(guide, code, percent="10")
    assert (done.status_code, "It ends in" in done.text, "A code has followed" in done.text) == (200, True, True)
    assert press(guide, code, percent="10").status_code == 409
    assert db.session.scalar(select(func.count()).select_from(DiscountCode)) == 1


@pytest.mark.usefixtures("database")
def test_only_guides_meet_these_pages_and_a_form_needs_its_token(client: NewBrowser) -> None:
    here = Visit(client()).begin().answer(personas.P22)
    here.browser.post(f"{here.path}/person", json=PERSON)
    case = f"{PAGE}/{cases('matchmaking')[0].public_id}"
    for roles, status in (((), 403), (("admin",), 403), (("safety_responder",), 403)):
        who = signed_in(client, *roles)
        assert [who.get(PAGE).status_code, who.get(f"{case}/suggest").status_code, press(who, case, act="claim").status_code] == [status] * 3
    assert client().get(PAGE).headers["Location"] == f"/sign-in?next={PAGE}"
    guide = signed_in(client, "matchmaker")
    assert guide.post(case, data={"act": "claim"}, headers={"X-CSRF-Token": ""}).status_code == 403


MONDAY = "Monday 17:00 to 22:00"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"),
        (None, "not stated"),
        ("emotional_unavailability", "emotional unavailability"),
        (
            [{"weekday": 0, "from_minute": 1020, "to_minute": 1320}, {"weekday": 6, "from_minute": 0, "to_minute": 545}],
            f"{MONDAY}; Sunday 00:00 to 09:05",
        ),
        ({"amount": 7000, "currency": "GBP"}, "GBP 70.00"),
        ({"kind": "gender", "any_of": ["woman", "non_binary"], "relation": "shares", "strength": "nice"}, "gender: woman or non binary (nice)"),
        ({"other": ["a_b"], "more": 2}, "other a b, more 2"),
    ],
)
def test_answers_are_read_in_words(value: Any, words: str) -> None:
    assert in_words(value) == words
