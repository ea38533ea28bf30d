"""R72 over every list that there is, and R74: what nobody on the staff can open."""

from collections.abc import Callable
from time import perf_counter
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from core import access
from core.audit import AuditEntry
from core.db import db, transaction
from desk.kinds import STAFF_ROLES
from matching.models import Intake
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.visits import Visit

NewBrowser = Callable[[], Browser]
HOSTILE = ({"sort": "name;drop"}, {"filter[x]": "1"}, {"text": "a" * 10_000}, {"page": "-1"}, {"limit": "1e9"}, {"limit": "1000000000"}, {"limit": "-1"})
# Longer than the machine may stutter in the middle of a suite, short enough to see a list that reads everything first.
AT_MOST = 0.2


def lists_of(app: Flask) -> list[str]:
    """Every GET of the API that is addressed without an id and takes a page of something."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1") and not rule.arguments and "GET" in (rule.methods or ())]
    document = app.extensions["openapi"].to_dict()["paths"]
    return sorted(rule.rule for rule in rules if any(each["name"] == "cursor" for each in document[rule.rule]["get"].get("parameters", ())))


def with_role(client: NewBrowser, *roles: str) -> Browser:
    with transaction():
        email = an_account(roles=roles).email
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


@pytest.mark.usefixtures("database")
def test_R72_what_no_list_can_mean_is_refused_at_once(app: Flask, client: NewBrowser) -> None:
    browser = with_role(client, "client", "therapist", *STAFF_ROLES)
    lists = lists_of(app)
    assert len(lists) > 15
    for path in lists:
        for query in HOSTILE:
            times = []
            for _ in range(2):
                begun = perf_counter()
                answer = browser.get(f"{path}?{urlencode(query)}")
                times.append(perf_counter() - begun)
                assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid"), f"{path} {query}"
            assert min(times) < AT_MOST, f"{path} {query}"


@pytest.mark.usefixtures("database")
def test_R74_no_role_of_the_staff_opens_the_answers_of_somebody_else(app: Flask, client: NewBrowser) -> None:
    """Nothing breaks this glass: there is no door for it, so every address of an intake is answered like one of nothing, whoever asks."""
    mine = Visit(client()).begin().answer(personas.P01)
    mine.browser.post(f"{mine.path}/person", json={"reason": "talk_first"})
    with transaction():
        nothing = str(db.session.scalars(select(Intake)).one().public_id)[:-4] + "0000"
    staff = with_role(client, *STAFF_ROLES)
    reading = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/intakes/<uuid:intake_id>") and "GET" in (rule.methods or ())]
    assert len(reading) >= 2
    for rule in [each for each in reading if each.count("<") == 1]:
        asked = [staff.get(rule.replace("<uuid:intake_id>", each)) for each in (mine.id, nothing)]
        assert asked[0].status_code == 404
        assert asked[0].get_json() == asked[1].get_json(), rule
    admin = with_role(client, "admin")
    for case in cases("matchmaking"):
        assert admin.get(f"/api/v1/cases/{case.public_id}/eligible-therapists").status_code == 403
    refused = select(AuditEntry.subject_id).where(AuditEntry.action == "core.access_refused")
    assert bool(cases("matchmaking")) == bool(db.session.scalars(refused).all()), "a refusal is recorded"
    declared = [access.declaration_of(app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules() if rule.rule in reading]
    assert not any("role_" in each.rule.__name__ for each in declared if each), "no role is asked for: only whose the answers are"
