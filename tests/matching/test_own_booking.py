"""What keeps somebody from a list keeps them from booking by themselves too, at every door: a person who has to look first, questions about safety, and the
answers of a guest that lie open in the same browser. Whoever is in care already is not asked; wishes refuse nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, select, text, update

from booking.models import Booking
from care.attendance import attendances_of
from care.doors import attendees_of
from care.pause import lift_pause
from care.relation import begin_care
from care.safety_record import Said, record_for_change
from core.clock import FixedClock, now
from core.db import db, transaction
from desk.cases import dismiss_case
from matching.models import Intake
from tests.booking.practice import a_consultation, a_service, a_therapist, signed_in
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import an_account
from tests.factories.care import a_client
from tests.factories.checks import pass_checks
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.visits import Visit
from tests.pages.test_reachable import Page
from therapists.models import Service, Therapist

NewBrowser = Callable[[], Browser]
NINE, SECOND = "2026-11-24T09:00:00Z", 1795510800
NO_INTENT = {"thoughts": "yes", "others": "no", "home": "no", "intent": "no", "plan": "no", "safe_now": "yes"}
# Whatever a partner who reads along must not learn.
TELLING = {"home", "fear", "unsafe", "danger", "violence", "afraid", "partner"}


@dataclass
class Office:
    """A therapist who sees grown-ups and young people, alone and in couples; services by unit, and first talks."""

    therapist_id: int
    therapist: str
    services: dict[str, str]
    talks: tuple[str, str]
    new_browser: NewBrowser

    def somebody(self) -> tuple[Browser, int]:
        with transaction():
            person_id = a_client().person_id
        return signed_in(self.new_browser, person_id), person_id


@pytest.fixture
def office(client: NewBrowser) -> Office:
    with transaction():
        therapist = a_therapist()
        therapist.units, therapist.age_bands = ["individual", "couple"], ["adult", "age_13_17"]
        pass_checks(therapist, ["child_protection"])
        services = {unit: str(a_service(therapist, unit=unit, series_most=8).public_id) for unit in ("individual", "couple")}
        talks = str(a_consultation(therapist).public_id), str(a_consultation(therapist, instant=True).public_id)
        ids = therapist.person_id, str(therapist.public_id)
    return Office(*ids, services, talks, client)


def book(browser: Browser, service: str, _: Office) -> Any:
    return browser.post("/api/v1/bookings", json={"service_id": service, "start": NINE})


def first_free(browser: Browser, service: str, _: Office) -> Any:
    return browser.post("/api/v1/bookings/first-free", json={"service_ids": [service], "start": NINE})


def hold(browser: Browser, service: str, _: Office) -> Any:
    return browser.post("/api/v1/holds", json={"service_id": service, "start": NINE})


def series(browser: Browser, service: str, _: Office) -> Any:
    return browser.post("/api/v1/series", json={"service_id": service, "start": NINE, "count": 2})


def held_series(browser: Browser, service: str, _: Office) -> Any:
    return browser.post("/api/v1/series/holds", json={"service_id": service, "start": NINE, "count": 2})


def waitlist(browser: Browser, service: str, office: Office) -> Any:
    with transaction():
        db.session.execute(update(Therapist).where(Therapist.person_id == office.therapist_id).values(waitlist_open=True))
    return browser.post("/api/v1/waitlist", json={"service_id": service})


def cart(browser: Browser, service: str, office: Office) -> Any:
    with transaction():
        unit = db.session.scalar(select(Service.unit).where(Service.public_id == service))
        db.session.execute(update(Service).where(Service.public_id.in_(office.talks)).values(unit=unit))
    items = [{"service_id": talk, "start": start} for talk, start in zip(office.talks, (NINE, "2026-11-24T10:00:00Z"), strict=True)]
    return browser.post("/api/v1/carts", json={"items": items})


def book_page(browser: Browser, service: str, _: Office) -> Any:
    return _pressed(browser, f"/book/{service}/{SECOND}")


def take_page(browser: Browser, service: str, _: Office) -> Any:
    return _pressed(browser, f"/find/take/{service}/{SECOND}")


def _pressed(browser: Browser, path: str, **form: str) -> Any:
    return browser.post(path, data=form | {"csrf_token": str(browser.csrf_token)}, headers={"Origin": BASE_URL})


Door = Callable[[Browser, str, Office], Any]
API: list[Door] = [book, first_free, hold, series, held_series, waitlist, cart]
PAGES: list[Door] = [book_page, take_page]
every_door = pytest.mark.parametrize("door", [*API, *PAGES], ids=lambda door: door.__name__)
every_book_door = pytest.mark.parametrize("door", [*API, book_page], ids=lambda door: door.__name__)


def is_refused(answer: Any, code: str) -> bool:
    """409, with the code where there is one, and nothing booked."""
    assert answer.status_code == 409, answer.text
    assert nothing_booked()
    return not answer.is_json or answer.get_json()["code"] == code


def nothing_booked() -> bool:
    return [db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in ("bookings", "waitlist_entries")] == [0, 0]


def is_open(answer: Any) -> bool:
    return answer.status_code in (201, 302, 303) and not nothing_booked()


@every_door
def test_the_control_an_adult_with_ordinary_answers_meets_an_open_door(office: Office, door: Door) -> None:
    browser, _ = office.somebody()
    Visit(browser).begin().answer(personas.P01)
    assert is_open(door(browser, office.services["individual"], office))


@every_door
def test_the_control_a_couple_without_anything_to_fear_meets_an_open_door(office: Office, door: Door) -> None:
    browser, _ = office.somebody()
    Visit(browser).begin().answer(personas.P02)
    assert is_open(door(browser, office.services["couple"], office))


class TestWhereAListWouldBeWrong:
    @every_door
    @pytest.mark.parametrize(("changes", "reason"), [({"for_whom": "child"}, "child"), ({"for_whom": "someone_else"}, "someone_else")])
    def test_P17_a_person_helps_at_every_door_and_learns_of_it(self, office: Office, door: Door, changes: dict[str, str], reason: str) -> None:
        browser, person_id = office.somebody()
        here = Visit(browser).begin().answer(personas.P01 | changes)
        for _ in range(2):
            assert is_refused(door(browser, office.services["individual"], office), "somebody_helps")
        assert [(each.facts, each.person_id) for each in cases("matchmaking")] == [({"reason": reason}, person_id)], "one case, however often they press"
        here.put("for_whom", for_whom="self")
        assert is_open(door(browser, office.services["individual"], office))

    @every_book_door
    def test_direct_questions_that_are_open_come_first(self, office: Office, door: Door, clock: FixedClock) -> None:
        browser, person_id = office.somebody()
        here = Visit(browser).begin().answer(personas.P01)
        here.put("safety", **personas.SAFE | {"thoughts": "yes"})
        with transaction():
            lift_pause(person_id, by=an_account(roles=("safety_responder",)).person_id, outcome="safe_to_continue", now=clock.now())
        assert is_refused(door(browser, office.services["individual"], office), "direct_questions")

    @every_door
    def test_whoever_is_in_care_with_this_therapist_is_not_asked(self, office: Office, door: Door) -> None:
        browser, person_id = office.somebody()
        Visit(browser).begin().answer(personas.P01 | {"for_whom": "child"})
        with transaction():
            begin_care(office.therapist_id, [person_id], unit="individual", origin="invited", accepted=True, now=now())
        assert is_open(door(browser, office.services["individual"], office))

    def test_a_hold_is_asked_about_again_when_it_is_confirmed_and_then_let_go(self, office: Office) -> None:
        browser, _ = office.somebody()
        held = hold(browser, office.services["individual"], office).get_json()["id"]
        Visit(browser).begin().answer(personas.P01 | {"for_whom": "child"})
        refused = browser.post(f"/api/v1/holds/{held}/confirm", json={})
        assert (refused.status_code, refused.get_json()["code"]) == (409, "somebody_helps")
        assert db.session.scalars(select(Booking.state)).all() == ["released"]

    def test_answers_that_were_begun_and_left_keep_no_adult_from_choosing(self, office: Office) -> None:
        """Only what was said counts: an age that was not asked yet is no age under 18."""
        browser, _ = office.somebody()
        here = Visit(browser).begin()
        path = f"/find/take/{office.services['individual']}/{SECOND}"
        assert browser.get(path).status_code == 200
        here.put("for_whom", for_whom="couple")
        assert browser.get(path).status_code == 200
        assert is_open(take_page(browser, office.services["individual"], office))

    def test_P16_answers_that_were_begun_and_say_an_age_under_18_do(self, office: Office) -> None:
        browser, _ = office.somebody()
        Visit(browser).begin().put("place", place="GB-ENG", age_band="age_13_17")
        path = f"/find/take/{office.services['individual']}/{SECOND}"
        assert browser.get(path).status_code == 409
        assert is_refused(take_page(browser, office.services["individual"], office), "somebody_helps")


def test_whoever_comes_too_late_is_told_so_before_anything_of_this_is_asked(office: Office) -> None:
    """In a rush for one opening all but one lose: they cost nothing more. Whoever wins costs two statements more."""
    seen: list[str] = []
    (first, _), (late, _) = office.somebody(), office.somebody()
    listening = (db.engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: seen.append(statement))
    event.listen(*listening)
    try:
        assert book(first, office.services["individual"], office).status_code == 201
        asked = [each for each in seen if "safety_pauses" in each and "EXISTS" in each]
        seen.clear()
        assert book(late, office.services["individual"], office).get_json()["code"] == "taken"
    finally:
        event.remove(*listening)
    assert len(asked) == 2
    assert not [each for each in seen if "safety_pauses" in each or "intakes" in each]


class TestTogether:
    """P26, P39: nobody is sent to a session beside somebody whom they may have to fear, whoever they said that it is for."""

    @every_door
    def test_P26_P39_a_couples_session_is_not_for_whoever_spoke_of_violence_at_home(self, office: Office, door: Door) -> None:
        browser, person_id = office.somebody()
        Visit(browser).begin().answer(personas.P01 | {"main_concern": "domestic_violence"})
        answer = door(browser, office.services["couple"], office)
        assert is_refused(answer, "somebody_helps")
        said = answer.get_json()["detail"] if answer.is_json else answer.text.split('role="alert"')[-1].split("</p>")[0]
        if door is not take_page:
            assert "speaks with each person alone" in said
            assert not TELLING & set(said.lower().replace(".", " ").replace(",", " ").split()), said
        (case,) = cases("safety")
        assert (case.person_id, (case.facts or {})["reasons"]) == (person_id, ["asked_for_list_together"])
        assert cases("matchmaking") == [], "it stays with those who are trained for it"

    @every_door
    def test_P26_what_the_account_ever_said_counts_without_any_answers(self, office: Office, door: Door) -> None:
        browser, person_id = office.somebody()
        with transaction():
            Said(record_for_change(person_id)).change(told=["unsafe_at_home"])
        assert is_refused(door(browser, office.services["couple"], office), "somebody_helps")
        assert [each.person_id for each in cases("safety")] == [person_id]

    @pytest.mark.parametrize("door", [*API, *PAGES], ids=lambda door: door.__name__)
    def test_P26_a_session_alone_stays_open(self, office: Office, door: Door) -> None:
        browser, person_id = office.somebody()
        Visit(browser).begin().answer(personas.P01)
        with transaction():
            Said(record_for_change(person_id)).change(told=["unsafe_at_home"])
        assert is_open(door(browser, office.services["individual"], office))
        assert cases("safety") == []

    def test_P26_the_same_words_are_read_on_the_page_of_a_direct_choice(self, office: Office) -> None:
        browser, _ = office.somebody()
        Visit(browser).begin().answer(personas.P01 | {"main_concern": "domestic_violence"})
        shown = browser.get(f"/find/take/{office.services['couple']}/{SECOND}")
        assert shown.status_code == 409
        assert "speaks with each person alone" in shown.text
        assert cases("safety") == [], "looking tells nobody"


class TestUnder18:
    """P16: until the issue on couples, minors and guardians a person helps; there is no list, and no door that would be one."""

    def young(self, office: Office) -> tuple[Browser, int]:
        browser, person_id = office.somebody()
        assert browser.put("/api/v1/me/age-band", json={"age_band": "age_13_17"}).status_code == 200
        return browser, person_id

    @every_door
    def test_P16_a_person_helps_at_every_door_and_saying_adult_right_after_is_not_simply_believed(self, office: Office, door: Door) -> None:
        browser, person_id = self.young(office)
        answer = door(browser, office.services["individual"], office)
        assert is_refused(answer, "somebody_helps")
        assert "Find a therapist" in answer.text
        assert [(each.facts, each.person_id) for each in cases("matchmaking")] == [({"reason": "minor"}, person_id)]
        restated = browser.put("/api/v1/me/age-band", json={"age_band": "adult"})
        assert (restated.status_code, restated.get_json()["code"]) == (409, "somebody_helps")
        Visit(browser).begin().answer(personas.P01)
        assert is_refused(door(browser, office.services["individual"], office), "somebody_helps")
        assert len(cases("matchmaking")) == 1

    def test_P16_what_a_person_has_looked_at_can_be_said_anew(self, office: Office) -> None:
        browser, _ = self.young(office)
        assert is_refused(book(browser, office.services["individual"], office), "somebody_helps")
        with transaction():
            (case,) = cases("matchmaking")
            dismiss_case(case.id, outcome="resolved", by=None, now=now())
        assert browser.put("/api/v1/me/age-band", json={"age_band": "adult"}).status_code == 200
        assert is_open(book(browser, office.services["individual"], office))

    @pytest.mark.parametrize("is_guest", [True, False], ids=["guest", "account"])
    def test_P16_an_age_said_for_a_list_stays_said_there_and_at_every_door_until_a_person_has_looked_at_it(self, office: Office, is_guest: bool) -> None:
        browser = office.new_browser() if is_guest else office.somebody()[0]
        here = Visit(browser).begin().answer(personas.P01 | {"age_band": "age_13_17"})
        assert here.shortlist()["referral"]["code"] == "minor"
        for_adults = {"place": "GB-ENG", "age_band": "adult"}
        assert here.put("place", **for_adults).status_code == 200
        shown = here.shortlist()
        assert (shown["kind"], shown["referral"]["code"], shown["cards"]) == ("person", "minor", []), "saying adult right after is not simply believed"
        assert here.browser.get(f"{here.path}/eligible").get_json()["items"] == []
        if is_guest:
            with transaction():
                email = a_client().email
            browser.sign_in(email, "sparrow-lantern-42-gravel")
        else:
            assert browser.put("/api/v1/me/age-band", json={"age_band": "adult"}).get_json()["code"] == "somebody_helps"
        assert is_refused(book(browser, office.services["individual"], office), "somebody_helps")
        (case,) = cases("matchmaking")
        assert (case.facts or {})["reason"] == "minor"
        with transaction():
            dismiss_case(case.id, outcome="resolved", by=None, now=now())
        assert here.put("place", **for_adults).status_code == 200
        assert here.shortlist()["kind"] == "list"
        assert is_open(book(browser, office.services["individual"], office))

    def test_P16_an_age_that_was_corrected_before_anybody_looked_at_it_is_believed(self, office: Office) -> None:
        here = Visit(office.new_browser()).begin().answer(personas.P01 | {"age_band": "age_13_17"})
        assert here.put("place", place="GB-ENG", age_band="adult").status_code == 200
        assert (here.shortlist()["kind"], cases("matchmaking")) == ("list", [])

    def test_P16_what_was_said_at_a_door_keeps_from_a_list_too(self, office: Office) -> None:
        browser, _ = self.young(office)
        assert is_refused(book(browser, office.services["individual"], office), "somebody_helps")
        assert Visit(browser).begin().answer(personas.P01).shortlist()["referral"]["code"] == "minor"
        assert len(cases("matchmaking")) == 1

    def test_P16_an_age_that_is_said_on_the_page_stays_said(self, office: Office) -> None:
        with transaction():
            person_id = an_account().person_id
        browser = signed_in(office.new_browser, person_id)
        path = f"/find/take/{office.services['individual']}/{SECOND}"
        assert is_refused(_pressed(browser, path, place="GB-ENG", age_band="age_13_17"), "somebody_helps")
        assert attendances_of([person_id])[person_id].age_band == "age_13_17"
        assert [each.facts for each in cases("matchmaking")] == [{"reason": "minor"}]
        assert is_refused(_pressed(browser, path, place="GB-ENG", age_band="adult"), "somebody_helps"), "the same form with another answer"

    @every_door
    def test_P16_a_young_person_in_care_books_with_their_own_therapist(self, office: Office, door: Door) -> None:
        browser, person_id = self.young(office)
        with transaction():
            begin_care(office.therapist_id, [person_id], unit="individual", origin="invited", accepted=True, now=now())
        assert is_open(door(browser, office.services["individual"], office))


class TestWhoeverIsFree:
    """One time is asked of several: what keeps a young person from somebody new keeps nobody from the therapist whom they know."""

    def young_and_two(self, office: Office) -> tuple[Browser, str, str]:
        """A young person, a service of somebody new, and one of a therapist with whom they are in care."""
        browser, person_id = office.somebody()
        assert browser.put("/api/v1/me/age-band", json={"age_band": "age_13_17"}).status_code == 200
        with transaction():
            known = a_therapist(name="Robin Hale")
            known.age_bands = ["adult", "age_13_17"]
            pass_checks(known, ["child_protection"])
            begin_care(known.person_id, [person_id], unit="individual", origin="invited", accepted=True, now=now())
            return browser, office.services["individual"], str(a_service(known).public_id)

    def test_P16_the_therapist_whom_they_know_is_booked_also_behind_somebody_new(self, office: Office) -> None:
        browser, new, known = self.young_and_two(office)
        answer = browser.post("/api/v1/bookings/first-free", json={"service_ids": [new, known], "start": NINE})
        assert (answer.status_code, answer.get_json()["therapist"]["name"]) == (201, "Robin Hale")
        assert cases("matchmaking") == [], "nobody has to help with what was booked"

    def test_P16_where_the_one_they_know_is_taken_a_person_helps_whatever_the_order(self, office: Office) -> None:
        browser, new, known = self.young_and_two(office)
        other, _ = office.somebody()
        assert book(other, known, office).status_code == 201
        for order in ([known, new], [new, known]):
            answer = browser.post("/api/v1/bookings/first-free", json={"service_ids": order, "start": NINE})
            assert (answer.status_code, answer.get_json()["code"]) == (409, "somebody_helps")
            assert {each["code"] for each in answer.get_json()["refusals"]} == {"somebody_helps", "taken"}
        assert [each.facts for each in cases("matchmaking")] == [{"reason": "minor"}]


class TestAnswersOfAGuest:
    """They lie open in the browser in which somebody signs in: theirs, perhaps, and not adopted."""

    def guest(self, office: Office, answers: dict[str, Any]) -> tuple[Browser, Visit, int]:
        here = Visit(office.new_browser()).begin().answer(answers)
        with transaction():
            account = a_client()
            person_id, email = account.person_id, account.email
        here.browser.sign_in(email, "sparrow-lantern-42-gravel")
        return here.browser, here, person_id

    @every_book_door
    @pytest.mark.parametrize("answers", [personas.P01 | NO_INTENT, personas.P01 | {"main_concern": "self_harm"}], ids=["thoughts", "a need"])
    def test_P10_P18_whose_they_are_is_said_first_where_they_matter(self, office: Office, door: Door, answers: dict[str, Any]) -> None:
        browser, here, person_id = self.guest(office, answers)
        assert is_refused(door(browser, office.services["individual"], office), "whose_answers")
        adopted = browser.post(f"{here.path}/adopt", json={"these_answers_are_mine": True})
        assert adopted.status_code == 200
        assert is_refused(door(browser, office.services["individual"], office), "may_not_treat" if door not in (series, held_series) else "series_conflicts")
        (attendee,) = attendees_of([person_id], at=now(), now=now())
        assert attendee.needs, "the doors judge by them now"

    @every_book_door
    def test_somebody_elses_are_closed_on_this_device_and_keep_nobody_from_booking(self, office: Office, door: Door) -> None:
        browser, here, _ = self.guest(office, personas.P01 | NO_INTENT)
        assert browser.post(f"{here.path}/close").status_code == 204
        assert browser.get(here.path).status_code == 410
        assert is_open(door(browser, office.services["individual"], office))
        assert db.session.scalars(select(Intake.answers_sealed)).one() is not None, "they are kept for whoever gave them"

    @every_book_door
    def test_P11_a_pause_in_this_browser_stops_every_door(self, office: Office, door: Door) -> None:
        browser, _, _ = self.guest(office, personas.P01 | NO_INTENT | {"plan": "yes"})
        answer = door(browser, office.services["individual"], office)
        assert is_refused(answer, "paused")
        if answer.is_json:
            assert answer.get_json()["crisis_help"]["emergency_number"] == "999"

    @every_door
    def test_P16_and_so_does_an_age_under_18(self, office: Office, door: Door) -> None:
        browser, _, _ = self.guest(office, personas.P01 | {"age_band": "age_13_17"})
        assert is_refused(door(browser, office.services["individual"], office), "somebody_helps")

    @every_door
    def test_ordinary_answers_need_no_statement(self, office: Office, door: Door) -> None:
        browser, _, _ = self.guest(office, personas.P01 | {"ceiling": {"amount": 100, "currency": "GBP"}})
        assert is_open(door(browser, office.services["individual"], office))

    def test_only_ones_own_browser_is_looked_at(self, office: Office) -> None:
        self.guest(office, personas.P01 | NO_INTENT)
        browser, _ = office.somebody()
        assert is_open(book(browser, office.services["individual"], office))

    def test_P10_the_page_of_a_direct_choice_asks_whose_they_are_and_judges_by_the_answer(self, office: Office) -> None:
        browser, _, person_id = self.guest(office, personas.P01 | NO_INTENT)
        path = f"/find/take/{office.services['individual']}/{SECOND}"
        page = browser.get(path)
        assert (page.status_code, page.text.count('name="mine"'), Page(page.text).wrong) == (200, 2, [])
        assert _pressed(browser, path).status_code == 422
        refused = _pressed(browser, path, mine="yes")
        assert refused.status_code == 409
        assert "special competence" in refused.text
        assert 'value="yes" required checked' in refused.text, "it was rolled back, so it has to be said again"
        assert nothing_booked()
        with transaction():
            db.session.execute(update(Therapist).values(verified_competences=["suicidality"]))
        assert _pressed(browser, path, mine="yes").status_code == 303
        assert db.session.scalars(select(Intake.person_id)).one() == person_id

    def test_the_page_of_a_direct_choice_closes_somebody_elses(self, office: Office) -> None:
        browser, here, person_id = self.guest(office, personas.P01 | NO_INTENT)
        path = f"/find/take/{office.services['individual']}/{SECOND}"
        assert _pressed(browser, path, mine="no").status_code == 303
        assert browser.get(here.path).status_code == 410
        assert db.session.scalars(select(Booking.booked_by)).one() == person_id

    def test_the_first_page_takes_the_statement_too(self, office: Office) -> None:
        browser, _, person_id = self.guest(office, personas.P01 | NO_INTENT)
        refused = book_page(browser, office.services["individual"], office)
        assert 'href="/find"' in refused.text
        page = browser.get("/find").text
        assert ('value="not_mine"' in page, Page(page).wrong) == (True, [])
        assert _pressed(browser, "/find", act="mine").status_code == 303
        assert db.session.scalars(select(Intake.person_id)).one() == person_id
        assert 'value="not_mine"' not in browser.get("/find").text, "they are the account's"

    def test_the_first_page_closes_them(self, office: Office) -> None:
        browser, here, _ = self.guest(office, personas.P01 | NO_INTENT)
        assert _pressed(browser, "/find", act="not_mine").status_code == 200
        assert browser.get(here.path).status_code == 410

    def test_answers_of_an_account_are_not_closed(self, office: Office) -> None:
        browser, _ = office.somebody()
        here = Visit(browser).begin()
        assert browser.post(f"{here.path}/close").status_code == 404
        assert office.new_browser().post(f"{here.path}/close").status_code == 401
