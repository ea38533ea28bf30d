"""Services by page: offered, changed and retired by a therapist with forms alone; a refusal stands at its field and loses nothing."""

import re
from collections.abc import Callable
from typing import Any

from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import an_account
from tests.factories.therapists import a_therapist
from tests.form_fields import filled_in
from tests.therapists.test_practice_pages import EMAIL, MINE, at_work, press
from therapists.models import Service
from therapists.profile import own_profile

NewBrowser = Callable[[], Browser]
PAGE = f"{MINE}/services"


def stands(page: str) -> dict[str, str]:
    return filled_in(page, having="fee")


def the_services(person_id: int) -> list[Service]:
    with transaction():
        return [each for each in own_profile(person_id).services if each.active]


def a_practice() -> int:
    with transaction():
        therapist = a_therapist(name="Nova Ash", email=EMAIL)
        therapist.units = ["individual", "group"]
        for each in own_profile(therapist.person_id).services:
            each.active = False
        return therapist.person_id


def test_a_service_is_offered_with_every_term_changed_and_retired(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    assert "Nothing can be booked yet." in nova.get(PAGE).text
    usual = stands(nova.get(f"{PAGE}/new").text)
    assert (usual["window_days"], usual["lead_minutes"], usual["lead_unit"], usual["cancel_free_hours"]) == ("60", "12", "hours", "24")
    terms = {"kind": "session", "unit": "individual", "mode": "video", "minutes": "50", "fee": "70.50", "currency": "GBP", "booking_mode": "instant"}
    terms |= {"buffer_before": "5", "buffer_after": "10", "lead_minutes": "2", "lead_unit": "days", "window_days": "30", "step_minutes": "15", "align": "hour"}
    terms |= {"series_most": "12", "late_fee_percent": "50", "day_sessions": "4", "lengths.2.minutes": "90", "lengths.2.fee": "120"}
    terms |= {"concessions.0.name": "Students", "concessions.0.fee": "40", "concessions.0.evidence": "none", "bookable_until": "2027-12-31"}
    assert press(nova, f"{PAGE}/new", **usual | terms).status_code == 303
    [made] = the_services(me)
    assert (made.fee_amount, made.lead_minutes, made.buffer_after, made.step_minutes, made.align, made.series_most) == (7050, 2880, 10, 15, "hour", 12)
    assert ([(each.minutes, each.fee_amount) for each in made.lengths], made.concessions[0].name, made.day_sessions) == ([(90, 12000)], "Students", 4)
    listed = nova.get(PAGE).text
    assert ("A session, 50, 90 minutes" in listed, "GBP 70.50" in listed) == (True, True)
    own = f"{PAGE}/{made.public_id}"
    held = stands(nova.get(own).text)
    assert {name: held[name] for name in ("lead_minutes", "lead_unit", "lengths.0.fee", "concessions.0.fee")} == {
        "lead_minutes": "2",
        "lead_unit": "days",
        "lengths.0.fee": "120.00",
        "concessions.0.fee": "40.00",
    }
    assert press(nova, own, act="save", **held).status_code == 303
    [same] = the_services(me)
    assert (same.lead_minutes, same.bookable_until, len(same.lengths), len(same.concessions)) == (2880, made.bookable_until, 1, 1), "nothing was typed"
    assert press(nova, own, act="save", **held).status_code == 412, "somebody has changed it meanwhile"
    held = stands(nova.get(own).text)
    gone = {"bookable_until": "", "day_sessions": "", "step_minutes": "", "lengths.0.minutes": "", "lengths.0.fee": "", "concessions.0.name": ""}
    gone |= {"concessions.0.fee": "", "minutes": "45"}
    refused = press(nova, own, act="save", **held | gone)
    assert (refused.status_code, "45 minutes are neither" in refused.text) == (422, True), "a grid from the full hour cannot go by its length"
    assert press(nova, own, act="save", **held | gone | {"align": "window"}).status_code == 303
    [changed] = the_services(me)
    assert (changed.bookable_until, changed.day_sessions, changed.step_minutes, changed.lengths, changed.concessions, changed.minutes) == (
        None,
        None,
        None,
        [],
        [],
        45,
    )
    assert press(nova, own, act="link", address="http://meet.example").status_code == 422
    assert press(nova, own, act="link", address="https://meet.example/nova").status_code == 303
    assert 'value="https://meet.example/nova"' in nova.get(own).text
    assert press(nova, own, act="retire").status_code == 303
    assert the_services(me) == []
    assert nova.get(own).status_code == 404


def test_a_refusal_stands_at_its_field_and_nothing_is_lost(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    usual = stands(nova.get(f"{PAGE}/new").text) | {"fee": "70", "currency": "GBP", "mode": "video", "minutes": "50"}
    wrong: list[tuple[dict[str, str], str]] = [
        ({"fee": "free of charge"}, "fee"),
        ({"fee": "70", "currency": ""}, "fee"),
        ({"minutes": "soon"}, "minutes"),
        ({"minutes": "9" * 400}, "minutes"),
        ({"window_days": ""}, "window_days"),
        ({"mode": "in_person"}, "place"),
        ({"seats": "8"}, "seats"),
        ({"unit": "family"}, "unit"),
        ({"kind": "consultation"}, "fee"),
        ({"kind": "consultation", "fee": "0"}, "minutes"),
        ({"late_fee_percent": "150"}, "late_fee_percent"),
        ({"lengths.4.minutes": "50", "lengths.4.fee": "60"}, "lengths.4.minutes"),
        ({"concessions.3.name": "Students", "concessions.3.fee": "80"}, "concessions.3.fee"),
        ({"bookable_from": "2027-05-01", "bookable_until": "2027-04-01"}, "bookable_until"),
        ({"schedule": "b1f7b8c8-64f5-4f0c-9d27-6a2f7d5b8e5a"}, "schedule"),
    ]
    for given, field in wrong:
        refused = press(nova, f"{PAGE}/new", **usual | {"series_most": "7"} | given)
        assert (refused.status_code, f'id="{field}"' in refused.text, f'aria-describedby="{field}-told"' in refused.text) == (422, True, True), given
        assert re.search(rf'id="{re.escape(field)}-told">[^<]*<strong class="wrong">', refused.text), given
        kept = stands(refused.text)
        typed = {name: text for name, text in given.items() if name not in ("kind", "unit", "schedule")}  # no page offers those that are wrong
        assert {name: kept[name] for name in typed} == typed, "what was typed stays"
        assert kept["series_most"] == "7"
    assert the_services(me) == []
    group = usual | {"unit": "group", "seats": "8", "booking_mode": "request"}
    assert "each client takes one seat" in press(nova, f"{PAGE}/new", **group).text
    assert press(nova, f"{PAGE}/new", **group | {"booking_mode": "instant"}).status_code == 303
    [made] = the_services(me)
    own = f"{PAGE}/{made.public_id}"
    held = stands(nova.get(own).text)
    refused = press(nova, own, act="save", **held | {"seats": "", "minutes": "77"})
    assert (refused.status_code, 'value="77"' in refused.text) == (422, True)
    assert (the_services(me)[0].seats, the_services(me)[0].minutes) == (8, 50), "a refused change leaves nothing behind"
    assert press(nova, own, act="dance").status_code == 422


def test_services_are_a_therapists_own_and_their_forms_need_the_token(client: NewBrowser) -> None:
    me, nova = a_practice(), at_work(client)
    usual = stands(nova.get(f"{PAGE}/new").text) | {"fee": "70", "currency": "GBP"}
    assert press(nova, f"{PAGE}/new", **usual).status_code == 303
    own = f"{PAGE}/{the_services(me)[0].public_id}"
    with transaction():
        a_therapist(name="Otis Birch", email="otis@example.org")
        an_account(email="client@example.org")
    stranger, otis = at_work(client, "client@example.org"), at_work(client, "otis@example.org")
    assert [client().get(path).status_code for path in (PAGE, f"{PAGE}/new", own)] == [303] * 3
    assert [stranger.get(path).status_code for path in (PAGE, f"{PAGE}/new", own)] == [403] * 3
    assert (otis.get(own).status_code, press(otis, own, act="retire").status_code) == (404, 404), "somebody else's service is not there"
    form: dict[str, Any] = {"act": "retire", "csrf_token": nova.csrf_token}
    assert nova.post(own, data=form, headers={"Origin": "https://evil.example"}, bare=True).status_code == 403
    assert nova.post(own, data={"act": "retire"}, headers={"Origin": "http://localhost"}, bare=True).status_code == 403
    assert len(the_services(me)) == 1
    assert db.session.get_one(Service, the_services(me)[0].id).active
