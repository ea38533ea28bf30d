"""A therapist's clients by page: a session or a series proposed to one in care and taken back, somebody invited; and the client's answer, signed in."""

import re
from typing import Any

from sqlalchemy import text

from core.db import db, transaction
from tests.booking.conftest import Practice, overlaps, states
from tests.booking.practice import a_therapist, signed_in
from tests.booking.test_proposals import Work, person
from tests.browser import BASE_URL, Browser
from tests.fakes.outbox import Outbox

__all__ = ("person",)  # the fixture
CLIENTS, RECEIVED = "/my-clients", "/proposed-to-me"


def press(who: Browser, path: str, **form: Any) -> Any:
    return who.post(path, data=form | {"csrf_token": who.csrf_token}, headers={"Origin": BASE_URL}, bare=True)


def test_a_time_is_proposed_seen_taken_back_and_accepted(practice: Practice, person: str, run_jobs: Work, outbox: Outbox) -> None:
    alex, sam, path = practice.therapist, practice.client, f"{CLIENTS}/{person}/propose"
    assert f'href="{path}"' in alex.get(CLIENTS).text
    form = {"service_id": practice.service, "start": "2026-11-26T19:30"}
    for wrong, field in (({"start": "tonight"}, "start"), ({"minutes": "77"}, "minutes"), ({"again": "yes", "count": "1", "every_weeks": "1"}, "count")):
        refused = press(alex, path, **form | wrong)
        assert (refused.status_code, f'id="{field}-told"' in refused.text) == (422, True), wrong
        assert f'value="{wrong.get("start", form["start"])}"' in refused.text
    assert "too near for that" in press(alex, path, **form | {"start": "2026-11-22T16:00"}).text
    assert press(alex, path, **form).status_code == 303
    assert states() == ["held"]
    own = sam.get("/appointments").text
    assert ("Proposed to you by your therapist. It is kept for you until" in own, f'<a class="button" href="{RECEIVED}">' in own) == (True, True)
    assert "Held, not booked yet" in alex.get("/week?day=2026-11-26").text
    run_jobs()
    page = sam.get(RECEIVED).text
    assert ("Thursday 26 November 2026, 19:30 (Europe/London)" in page, "GBP 60.00." in page) == (True, True)
    assert sam.get(re.findall(r'href="(/appointment/price/[^"]*)"', page)[0]).status_code == 200
    taken_back = re.findall(r'action="(/my-clients/proposal/[^"]*)"', alex.get(CLIENTS).text)[0]
    assert press(sam, taken_back).status_code == 403
    assert press(alex, taken_back).status_code == 303
    assert ("Taken back." in sam.get(RECEIVED).text, states()) == (True, ["released"])
    assert press(alex, path, **form).status_code == 303
    answer = re.findall(rf'action="({RECEIVED}/[^"]*)"', sam.get(RECEIVED).text)[0]
    assert press(practice.another_client(), answer, answer="yes").status_code == 404
    assert press(sam, answer, answer="maybe").status_code == 422
    assert press(sam, answer, answer="yes").status_code == 303
    assert (states(), press(sam, answer, answer="no").status_code) == (["released", "confirmed"], 410)
    outbox.clear()


def test_a_series_is_proposed_with_its_conflicts_said_first(practice: Practice, person: str) -> None:
    assert practice.book("2026-11-30T09:00:00Z", by=practice.another_client()).status_code == 201
    path = f"{CLIENTS}/{person}/propose"
    form = {"service_id": practice.service, "start": "2026-11-23T09:00", "again": "yes", "every_weeks": "1", "count": "3", "on_conflict": "refuse"}
    refused = press(practice.therapist, path, **form)
    assert (refused.status_code, "2026-11-30, 09:00:" in refused.text) == (409, True)
    assert press(practice.therapist, path, **form | {"on_conflict": "extend"}).status_code == 303
    assert (states().count("held"), overlaps()) == (3, 0)
    answer = re.findall(rf'action="({RECEIVED}/[^"]*)"', practice.client.get(RECEIVED).text)[0]
    assert press(practice.client, answer, answer="yes").status_code == 303
    assert states().count("confirmed") == 4


def test_nothing_is_proposed_to_whom_one_does_not_see(practice: Practice, person: str) -> None:
    with transaction():
        other = a_therapist(name="Kit Moss").person_id
    kit = signed_in(practice.new_browser, other)
    path = f"{CLIENTS}/{person}/propose"
    assert (kit.get(path).status_code, press(kit, path, start="2026-11-26T19:30").status_code) == (404, 404)
    assert (practice.client.get(CLIENTS).status_code, practice.client.get(path).status_code) == (403, 403)
    assert practice.new_browser().get(RECEIVED).headers["Location"] == f"/sign-in?next={RECEIVED}"


def test_somebody_is_invited_by_mail(practice: Practice, run_jobs: Work, outbox: Outbox) -> None:
    alex = practice.therapist
    refused = press(alex, CLIENTS, email="not an address", unit="individual")
    assert (refused.status_code, 'id="email-told"' in refused.text, 'value="not an address"' in refused.text) == (422, True, True)
    assert press(alex, CLIENTS, email="own@client.example", unit="individual").status_code == 303
    twice = press(alex, CLIENTS, email="own@client.example", unit="individual")
    assert (twice.status_code, "Send that one again" in twice.text) == (409, True)
    run_jobs()
    assert len(outbox.to("own@client.example")) == 1
    page = alex.get(CLIENTS).text
    own = re.findall(rf'action="({CLIENTS}/invitation/[^"]*)"', page)[0]
    assert "own@client.example: Waits for an answer" in page
    assert [press(alex, own, act=act).status_code for act in ("dance", "again", "withdraw", "again")] == [422, 303, 303, 410]
    assert ("own@client.example" in alex.get(CLIENTS).text, "Taken back" in alex.get(CLIENTS).text) == (False, True)
    assert db.session.execute(text("SELECT count(*) FROM client_invitations")).scalar_one() == 1
    run_jobs()
    outbox.clear()
