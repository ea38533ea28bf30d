"""The page "Why is this time not offered?": the therapist and staff read every rule that removed a start, and nobody else has the page."""

from typing import Any

from core.db import transaction
from tests.booking.conftest import MONDAY_NINE, Practice
from tests.booking.practice import a_therapist, signed_in
from tests.browser import Browser
from tests.factories.accounts import an_account
from therapists.profile import own_profile

PAGE = "/why-not"


def ask(who: Browser, at: str, service: str, **more: Any) -> Any:
    return who.get(PAGE, query_string={"service": service, "at": at, **more})


def staff(practice: Practice, role: str) -> Browser:
    with transaction():
        person_id = an_account(roles=("client", role)).person_id
    return signed_in(practice.new_browser, person_id)


def test_a_therapist_reads_which_rules_removed_a_start(practice: Practice) -> None:
    assert practice.book().status_code == 201
    taken = ask(practice.therapist, "2026-11-23T09:00", practice.service)
    assert (taken.status_code, "A booking, with its buffers, takes this time." in taken.text, "(busy)" in taken.text) == (200, True, True)
    assert 'href="/week?day=2026-11-23"' in taken.text
    closed = ask(practice.therapist, "2026-11-23T07:30", practice.service)
    assert ("(out_of_hours)" in closed.text, "Schedule: Working hours." in closed.text) == (True, True)
    assert 'value="2026-11-23T07:30"' in closed.text, "the question stays in the form"
    free = ask(practice.therapist, "2026-11-23T11:00", practice.service)
    assert "It is offered, and can be booked now." in free.text
    for wrong, field in (({"at": "soon"}, "at"), ({"minutes": "long"}, "minutes"), ({"service": "x"}, "service")):
        refused = practice.therapist.get(PAGE, query_string={"service": practice.service, "at": "2026-11-23T11:00", **wrong})
        assert (refused.status_code, f'id="{field}-told"' in refused.text) == (422, True), wrong


def test_staff_look_for_the_therapist_and_others_have_no_such_page(practice: Practice) -> None:
    assert practice.book(MONDAY_NINE).status_code == 201
    with transaction():
        whose = str(own_profile(practice.therapist_id).public_id)
    for role in ("admin", "matchmaker"):
        desk = staff(practice, role)
        assert f'href="{PAGE}?therapist={whose}"' in desk.get(PAGE, query_string={"name": "alex"}).text
        assert "Nobody of this name." in desk.get(PAGE, query_string={"name": "%"}).text
        answer = ask(desk, "2026-11-23T09:00", practice.service, therapist=whose)
        assert "A booking, with its buffers, takes this time." in answer.text
        assert desk.get(PAGE, query_string={"therapist": "nobody"}).status_code == 404
    assert practice.client.get(PAGE).status_code == 403
    assert staff(practice, "verifier").get(PAGE).status_code == 403
    assert practice.new_browser().get(PAGE).headers["Location"] == f"/sign-in?next={PAGE}"
    with transaction():
        kit = a_therapist(name="Kit Moss").person_id
    other = signed_in(practice.new_browser, kit)
    assert "Choose one of the services." in ask(other, "2026-11-23T09:00", practice.service).text, "not about somebody else's services"
