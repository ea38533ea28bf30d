"""One lapse closes every door at once, and a new look opens them as they were: list, shortlist, direct page, request, confirmation.

A door that is built later joins `Doors`; the other doors of booking (hold, proposal, move, series, waitlist, the way in) are asked by
`tests/booking/test_every_booking_door.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import FixedClock, now
from core.db import db, transaction
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person
from tests.factories.care import a_client
from tests.factories.therapists import verify
from tests.matching.personas import P01
from tests.matching.visits import Visit
from therapists.check_models import PracticeCheck
from therapists.credentials import amend_credential, withdraw_credential
from therapists.leaving import announce_leave
from therapists.models import Credential, Therapist
from therapists.platform_hold import lift_hold, put_on_hold
from therapists.profile import own_profile, profile_for_edit
from therapists.stop_at_once import lift_stop, stop_at_once

API = "/api/v1"
TUESDAY_SIX, WEDNESDAY_SIX = "2026-11-24T18:00:00Z", "2026-11-25T18:00:00Z"


@dataclass
class Doors:
    """What a guest sees of one therapist, what a client can ask of them, and whether they can say yes to what was asked before."""

    therapist: Therapist
    guest: Visit
    client: Browser
    own: Browser
    service: str
    asked: str
    email: str

    def seen(self) -> dict[str, Any]:
        """Everything that names the therapist; None where they are not to be found."""
        public_id = str(self.therapist.public_id)
        listed, cursor = [], None
        while True:
            page = self.client.get(f"{API}/therapists", query_string={"cursor": cursor} if cursor else {}).get_json()
            listed += [item for item in page["items"] if item["id"] == public_id]
            if (cursor := page["next"]) is None:
                break
        shortlist = self.guest.shortlist()
        cards = [card for card in shortlist["cards"] if card["display_name"] == self.therapist.display_name]
        page = self.client.get(f"{API}/therapists/{public_id}")
        return {"list": listed, "cards": cards, "page": page.get_json() if page.status_code == 200 else None}

    def request(self) -> str:
        return _said(self.client.post(f"{API}/bookings", json={"service_id": self.service, "start": WEDNESDAY_SIX}))

    def again(self, client: Callable[[], Browser]) -> Browser:
        """The client signs in anew."""
        browser = client()
        browser.sign_in(self.email, PASSWORD)
        return browser

    def confirm(self) -> str:
        return _said(self.own.post(f"{API}/bookings/{self.asked}/confirm"))


def _said(answer: Any) -> str:
    return "yes" if answer.status_code < 300 else str(answer.get_json()["code"])


NOTHING: dict[str, Any] = {"list": [], "cards": [], "page": None}


@pytest.fixture
def doors(therapists: dict[str, Therapist], client: Callable[[], Browser], visit: Callable[[], Visit]) -> Doors:
    with transaction():
        pia = own_profile(therapists["T16"].person_id)
        service = next(each for each in pia.services if each.kind == "consultation")
        service.booking_mode = "request"
        email = a_client().email
    asking = client()
    asking.sign_in(email, PASSWORD)
    own = signed_in(client, pia.person_id)  # the cast has no passwords here
    asked = asking.post(f"{API}/bookings", json={"service_id": str(service.public_id), "start": TUESDAY_SIX})
    assert asked.status_code == 201, asked.text
    return Doors(pia, visit().answer(P01), asking, own, str(service.public_id), asked.get_json()["id"], email)


def credential_of(doors: Doors) -> Credential:
    return own_profile(doors.therapist.person_id).credentials[0]


def look_again(doors: Doors) -> None:
    """The register says what it said before, on the day on which it was read before."""
    credential = credential_of(doors)
    before = next(record for record in credential.records if record.decision == "active")
    verify(
        credential,
        checked_at=before.checked_at,
        expires_on=before.expires_on,
        jurisdictions=before.jurisdictions,
        register_address=before.register_address,
        number=credential.number,
    )


def suspended(doors: Doors) -> None:
    verify(credential_of(doors), decision="suspended", reason="register_says_suspended")


def lapsed(doors: Doors) -> None:
    verify(credential_of(doors), decision="lapsed", reason="register_says_lapsed")


def restricted(doors: Doors) -> None:
    verify(credential_of(doors), restricted=True)


def claim_changed(doors: Doors) -> None:
    credential = credential_of(doors)
    amend_credential(profile_for_edit(doors.therapist.person_id), credential.public_id, {"name_on_register": "Pia Otherwise"}, now=now())


def date_passed(doors: Doors) -> None:
    credential_of(doors).expires_on = date(2026, 11, 21)
    db.session.flush()


def looked_at_too_long_ago(doors: Doors) -> None:
    credential_of(doors).checked_at = now() - timedelta(days=31 + 46)
    db.session.flush()


WAYS = [suspended, lapsed, restricted, claim_changed, date_passed, looked_at_too_long_ago]


@pytest.mark.parametrize("close", WAYS, ids=lambda way: way.__name__)
def test_M07_M09_R18_a_lapse_closes_every_door_and_a_new_look_opens_them_as_they_were(close: Callable[[Doors], None], doors: Doors) -> None:
    before = doors.seen()
    assert all(before.values()), "every door is open"
    with transaction():
        close(doors)
    assert doors.seen() == NOTHING
    assert (doors.request(), doors.confirm()) == ("may_not_treat", "may_not_treat")
    with transaction():
        look_again(doors)
    assert doors.seen() == before
    assert (doors.confirm(), doors.request()) == ("yes", "yes")


CHECKS = ["identity", "insurance", "sanctions", "agreement", "supervision"]


def row_of(doors: Doors, kind: str) -> PracticeCheck:
    wanted = select(PracticeCheck).where(PracticeCheck.therapist_id == doors.therapist.person_id, PracticeCheck.kind == kind)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


@pytest.mark.parametrize("kind", CHECKS)
def test_M07_M09_a_required_check_that_ends_by_the_clock_closes_every_door_and_a_new_one_opens_them_as_they_were(
    doors: Doors, clock: FixedClock, client: Callable[[], Browser], visit: Callable[[], Visit], kind: str
) -> None:
    with transaction():
        row = row_of(doors, kind)
        held = {name: getattr(row, name) for name in ("checked_at", "valid_until", "version")}
        if kind == "sanctions":
            row.checked_at = now() - timedelta(days=31 + 45) + timedelta(hours=9)
        elif kind == "agreement":
            row.version = "of old"
        else:
            row.valid_until = date(2026, 11, 22)
        db.session.flush()
    clock.advance(hours=9, seconds=1)
    doors.guest, doors.own, doors.client = visit().answer(P01), signed_in(client, doors.therapist.person_id), doors.again(client)
    assert doors.seen() == NOTHING
    assert (doors.request(), doors.confirm()) == ("may_not_treat", "may_not_treat")
    with transaction():
        row = row_of(doors, kind)
        for name, value in held.items():
            setattr(row, name, value)
        db.session.flush()
    assert all(doors.seen().values())
    assert (doors.confirm(), doors.request()) == ("yes", "yes")


@pytest.mark.parametrize("kind", CHECKS)
def test_M07_M09_a_required_check_that_fails_closes_every_door_and_one_that_passes_opens_them_as_they_were(doors: Doors, kind: str) -> None:
    before = doors.seen()
    assert all(before.values()), "every door is open"
    for passed, seen in ((False, NOTHING), (True, before)):
        with transaction():
            row_of(doors, kind).passed = passed
            db.session.flush()
        assert doors.seen() == seen
    assert (doors.confirm(), doors.request()) == ("yes", "yes")


def test_M07_a_platform_hold_closes_every_door_until_it_is_lifted(doors: Doors) -> None:
    before = doors.seen()
    with transaction():
        put_on_hold(doors.therapist.public_id, reason="complaint", by=a_person().id, now=now())
    assert doors.seen() == NOTHING
    assert (doors.request(), doors.confirm()) == ("not_found", "may_not_treat")
    with transaction():
        lift_hold(doors.therapist.public_id, by=a_person().id, now=now())
    assert doors.seen() == before
    assert doors.confirm() == "yes"


def test_a_sudden_stop_closes_every_door_and_lifting_it_opens_them_as_they_were(doors: Doors) -> None:
    before = doors.seen()
    with transaction():
        stop = stop_at_once(doors.therapist.public_id, kind="incapacity", source="family", by=a_person().id, now=now())
    assert doors.seen() == NOTHING
    assert (doors.request(), doors.confirm()) == ("not_found", "may_not_treat")
    with transaction():
        lift_stop(stop.public_id, by=a_person().id, now=now())
    assert doors.seen() == before
    assert (doors.confirm(), doors.request()) == ("yes", "yes")


def test_an_announced_last_day_turns_new_clients_away_and_its_midnight_alone_closes_every_door(
    doors: Doors, clock: FixedClock, client: Callable[[], Browser], visit: Callable[[], Visit]
) -> None:
    with transaction():
        therapist = profile_for_edit(doors.therapist.person_id)
        leave = announce_leave(therapist, last_day=date(2026, 12, 22), reason="retiring", now=now())
    seen = doors.seen()
    assert (seen["cards"], seen["page"]["accepting"], doors.request()) == ([], False, "yes"), "whoever has asked before goes on"
    stranger = client()
    with transaction():
        email = a_client().email
    stranger.sign_in(email, PASSWORD)
    refused = stranger.post(f"{API}/bookings", json={"service_id": doors.service, "start": "2026-11-26T18:00:00Z"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_accepting")
    clock.instant = leave.ends_at - timedelta(minutes=1)
    with transaction():
        credential_of(doors).checked_at = now()
        db.session.flush()
    # A guest's answers are closed after an hour.
    doors.guest = visit().answer(P01)
    assert doors.seen()["page"] is not None
    clock.advance(minutes=1)
    assert doors.seen() == NOTHING
    assert therapist.published_at is not None, "the job is late"


def test_R51_a_claim_taken_back_closes_every_door(doors: Doors) -> None:
    with transaction():
        withdraw_credential(profile_for_edit(doors.therapist.person_id), credential_of(doors).public_id, now=now())
    assert doors.seen() == NOTHING
    assert (doors.request(), doors.confirm()) == ("may_not_treat", "may_not_treat")


def test_M08_the_clock_alone_closes_every_door_without_any_write(
    doors: Doors, clock: FixedClock, client: Callable[[], Browser], visit: Callable[[], Visit]
) -> None:
    with transaction():
        credential_of(doors).expires_on = date(2026, 11, 22)
        db.session.flush()
    seen = doors.seen()
    assert (bool(seen["list"]), seen["cards"], bool(seen["page"])) == (True, [], True), "without a day on which a session could be"
    assert doors.request() == "may_not_treat", "a session after the last day is no longer taken"
    clock.advance(hours=8, minutes=59)
    # A guest's answers are closed after an hour, and a session ends over night.
    doors.guest, doors.own = visit().answer(P01), signed_in(client, doors.therapist.person_id)
    assert doors.seen()["page"] is not None
    clock.advance(minutes=1)
    assert doors.seen() == NOTHING
    assert doors.confirm() == "may_not_treat"
    assert credential_of(doors).state == "active", "nobody wrote anything"


def test_a_late_look_of_ours_turns_new_clients_away_and_keeps_the_page_for_those_in_care(doors: Doors) -> None:
    assert doors.confirm() == "yes"
    with transaction():
        credential_of(doors).checked_at = now() - timedelta(days=31 + 15)
        db.session.flush()
    seen = doors.seen()
    assert (seen["list"], seen["cards"]) == ([], [])
    assert seen["page"]["badges"][0]["next_check_on"] is None
    assert doors.request() == "yes", "whoever is in care goes on"
