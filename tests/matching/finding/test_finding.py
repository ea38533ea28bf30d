"""The pages of finding a therapist, as a browser without scripts walks them: consent, screens, list, one wish less, a time."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from booking.models import Booking, BookingParticipant
from core.clock import FixedClock
from core.db import db, transaction
from matching.finding import steps
from matching.models import Intake, Shortlist
from matching.questionnaire import SCREENS
from taxonomy.vocabulary import vocabulary
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.matching import personas
from tests.matching.desk_of import cases
from tests.matching.finding.forms_on_page import filled
from tests.matching.visits import Visit
from tests.pages.test_reachable import Page

pytestmark = pytest.mark.usefixtures("therapists")
NewBrowser = Callable[[], Browser]
Visiting = Callable[[], Visit]


def begun(browser: Browser) -> Browser:
    page = browser.get("/find").text
    answer = browser.post("/find", data=filled(page, consent_text_version="2026-11-22", act="begin"))
    assert (answer.status_code, answer.location) == (303, "/find/for_whom")
    return browser


def send(browser: Browser, path: str, **changes: object) -> TestResponse:
    page = browser.get(path)
    assert page.status_code == 200, (path, page.status_code, page.location)
    return browser.post(path.partition("?")[0], data=filled(page.text, **changes))


def held(browser: Browser) -> dict[str, object]:
    answers: dict[str, object] = browser.get("/api/v1/intakes/current").get_json()["answers"]
    return answers


def walked(browser: Browser) -> Browser:
    """P01 by pressing buttons, up to the list."""
    begun(browser)
    for path, changes, on in (
        ("/find/for_whom", {"for_whom": "self"}, "/find/place"),
        ("/find/place", {"place": "GB-ENG", "age_band": "adult"}, "/find/safety"),
        ("/find/safety", dict(personas.SAFE), "/find/main_concern"),
        ("/find/main_concern", {"main_concern": "emotional_unavailability", "about_whom": "self"}, "/find/musts"),
        ("/find/musts", {"modalities-0": ["psychodynamic", "attachment_based"]}, "/find/format_and_times"),
        ("/find/format_and_times", {"modes": "video", "modes_strength": "must", "hours": [f"{day}-1020-1320" for day in range(5)]}, "/find/price"),
        ("/find/price", {"ceiling": "70", "ceiling_currency": "GBP", "ceiling_firm": "yes"}, "/find/check"),
        ("/find/check", {}, "/find/list"),
    ):
        answer = send(browser, path, **changes)
        assert (answer.status_code, answer.location) == (303, on), answer.text
    return browser


def test_a_guest_walks_to_a_list_with_reasons_prices_and_openings_without_an_account(client: NewBrowser) -> None:
    browser = walked(client())
    assert held(browser) == {**{name: value for name, value in personas.P01.items() if name != "identity"}, "modes_strength": "must"} | {
        "modalities": [{"any_of": ["attachment_based", "psychodynamic"], "strength": "strong"}]
    }
    page = browser.get("/find/list").text
    first = page.split("</article>")[0]
    for text in ("1. <a", ">Pia</a>", "Strong fit", "Met", "GBP 55.00", "Checked", "2026-11-03", "/find/take/", "Together, of 1 at most"):
        assert text in first, text
    assert "Grace" not in page
    assert "Emergency" in page
    everybody = browser.get("/find/everybody").text
    assert Page(page).wrong + Page(everybody).wrong + Page(browser.get("/find/check").text).wrong == []
    assert everybody.count("<article") == browser.get(f"/api/v1/intakes/{browser.get('/api/v1/intakes/current').json['id']}/shortlist").json["eligible_count"]


def test_every_screen_sent_back_as_it_stands_changes_no_answer(visit: Visiting) -> None:
    """What somebody else said more exactly over the API is not blurred by looking at it on a page."""
    exactly = {
        **personas.P01,
        "for_whom": "couple",
        "all_adults": True,
        "zone": "Europe/London",
        "others_places": ["GB-SCT"],
        "goals": list(vocabulary().goals)[3:5],
        "words": "a line\nand another",
        "languages": [{"any_of": ["en", "es"], "strength": "nice"}, {"any_of": ["fr"], "strength": "strong"}],
        "identity": [
            {"kind": "gender", "any_of": ["non_binary", "woman"], "relation": "shares", "strength": "nice"},
            {"kind": "ethnicity", "any_of": ["Bengali"], "relation": "experienced_with", "strength": "strong"},
        ],
        "modes_strength": "strong",
        "town": "Leeds",
        "hours": [{"weekday": 0, "from_minute": 540, "to_minute": 1020}, {"weekday": 2, "from_minute": 615, "to_minute": 700}],
        "hours_strength": "strong",
        "ceiling": {"amount": 7050, "currency": "GBP"},
        "concession": True,
        "insurer": "aetna",
        "access": [{"any_of": ["captions"], "strength": "nice"}],
        "other_concerns": ["anxiety"],
        "affects": ["sleep"],
        "prior_therapy": "yes",
        "what_helped": "talking",
        "led": 0.3,
        "past": -0.5,
        "pace": "slow",
        "frequency": "weekly",
        "voicemail_safe": "no",
        "emphasis": {"price": "high", "style": "off"},
    }
    here = visit().answer(exactly)
    before = held(here.browser)
    assert before.keys() == exactly.keys()
    for screen in SCREENS:
        if screen.fields and screen.name != steps.CHECK:
            answer = send(here.browser, f"/find/{screen.name}")
            assert answer.status_code == 303, (screen.name, answer.text)
            assert held(here.browser) == before, screen.name


def test_nothing_is_kept_before_the_consent_and_cleared_answers_are_gone(client: NewBrowser) -> None:
    browser = client()
    assert browser.post("/find", data={"act": "begin"}).status_code == 422
    assert browser.post("/find", data={"act": "begin", "consent_text_version": "2020-01-01"}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Intake)) == 0
    assert browser.get("/find/place").location == "/find"
    begun(browser)
    assert "Go on" in browser.get("/find").text
    assert browser.post("/find", data={"act": "clear"}).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Intake)) == 0
    assert "Go on" not in browser.get("/find").text


def test_the_place_comes_before_the_safety_questions_and_local_help_is_on_every_page(client: NewBrowser) -> None:
    browser = begun(client())
    send(browser, "/find/for_whom", for_whom="self")
    assert browser.get("/find/safety").location == "/find/place"
    assert browser.post("/find/safety", data=personas.SAFE).location == "/find/place"
    send(browser, "/find/place", place="IE", age_band="adult")
    for name in (*steps.ASKED, *steps.REFINING):
        page = browser.get(f"/find/{name}").text
        assert "Emergency: 112" in page or "Emergency: 999" in page, name
        assert Page(page).wrong == [], name


def test_thoughts_lead_to_the_direct_questions_and_a_plan_to_help_and_nothing_else(client: NewBrowser) -> None:
    browser = begun(client())
    send(browser, "/find/for_whom", for_whom="self")
    send(browser, "/find/place", place="GB-ENG", age_band="adult")
    assert 'name="plan"' not in browser.get("/find/safety").text
    answer = send(browser, "/find/safety", thoughts="yes", others="no", home="no")
    assert answer.location == "/find/safety"
    page = browser.get("/find/safety").text
    assert 'name="plan"' in page
    assert page.index('id="help"') < page.index("<form"), "help stands before the questions"
    answer = send(browser, "/find/safety", intent="no", plan="yes", safe_now="yes")
    assert answer.location == "/how-things-stand"
    for path in ("/find/list", "/find/everybody"):
        assert browser.get(path).location == "/how-things-stand"
    assert browser.post("/find/list", data={"act": "make"}).location == "/how-things-stand"
    assert len(cases("safety")) == 1
    assert db.session.scalar(select(func.count()).select_from(Shortlist)) == 0


def test_crisis_words_on_any_page_ask_before_anything_goes_on(client: NewBrowser) -> None:
    browser = walked(client())
    answer = send(browser, "/find/history", what_helped="nothing, I want to kill myself")
    assert answer.location == "/how-things-stand"
    page = browser.get("/how-things-stand").text
    assert 'name="thoughts"' in page
    assert browser.get("/find/list").status_code == 303, "no list until it is answered"
    answered = browser.post("/how-things-stand", data=filled(page, thoughts="no", answer="given"))
    assert answered.status_code == 200
    assert browser.get("/find/list").status_code == 200


def test_what_it_is_mainly_about_is_asked_for_in_words_where_nothing_was_chosen(client: NewBrowser) -> None:
    """Everything else may be left out; here nothing would say why the page came back."""
    browser = begun(client())
    send(browser, "/find/place", place="GB-ENG", age_band="adult")
    answer = send(browser, "/find/main_concern")
    assert (answer.status_code, "Please choose what it is mainly about" in answer.text) == (422, True)
    assert send(browser, "/find/main_concern", main_concern="anxiety").status_code == 303


def test_P03_own_words_are_shown_back_and_taken_for_nothing_before_they_are_confirmed(client: NewBrowser) -> None:
    browser = begun(client())
    for path, changes in (("/find/for_whom", {"for_whom": "self"}), ("/find/place", {"place": "GB-ENG", "age_band": "adult"}), ("/find/safety", personas.SAFE)):
        send(browser, path, **changes)
    assert send(browser, "/find/main_concern", words="I panic all the time and want EFT").location == "/find/main_concern"
    page = browser.get("/find/main_concern").text
    assert "From your words" in page
    assert "main_concern" not in held(browser)
    suggested = re.findall(r'type="radio" name="main_concern" value="(\w+)"', page)
    assert "panic" in suggested[0]
    assert send(browser, "/find/main_concern", main_concern=suggested[0]).location == "/find/musts"
    page = browser.get("/find/musts").text
    assert "That can mean:" in page
    assert set(re.findall(r'type="checkbox" name="modalities-0" value="(\w+)"', page)) == {"emotion_focused", "eft_couple", "eft_tapping"}
    assert "modalities" not in held(browser)


def test_M40_a_wish_that_gives_way_on_the_page_delivers_exactly_the_promised_number(visit: Visiting) -> None:
    here = visit().answer({**personas.P20, "languages": [{"any_of": ["en"], "strength": "must"}]})
    promised = {each["wish"]: each["count"] for each in here.shortlist()["relax"]}
    assert promised["price"] >= 1
    page = here.browser.get("/find/list").text
    stale = filled(page, _form_with(page, 'value="price"'), act="relax")
    assert "Make this better" in page
    answer = here.browser.post("/find/list", data=stale)
    assert answer.location == "/find/list"
    assert here.read().get_json()["eligible_count"] == promised["price"]
    assert "ceiling_firm" not in held(here.browser)
    again = here.browser.post("/find/list", data=stale)
    assert (again.status_code, "Your answers changed meanwhile" in again.text) == (409, True), "the numbers were counted over other answers"
    for wish in ("language:7", "language:x", "nothing", "identity:0", ""):
        revision = here.intake()["revision"]
        assert here.browser.post("/find/list", data={"act": "relax", "wish": wish, "revision": revision}).status_code == 404, wish


def _form_with(page: str, piece: str) -> int:
    return next(number for number, form in enumerate(page.split("<form")[1:]) if piece in form.split("</form>")[0])


def test_P20_nobody_fits_and_the_page_says_what_helps(visit: Visiting) -> None:
    here = visit().answer(personas.P33)
    here.shortlist()
    page = here.browser.get("/find/list").text
    for text in ("What helps now", "If one wish gave way", "Ask for a person", "Help that costs little or nothing", "Emergency: 999"):
        assert text in page, text
    assert "<article" not in page
    wish = filled(page, _form_with(page, 'name="contact"'), reach_by="mail", contact="me@example.org", message_is_safe="yes", words="please", act="person")
    assert here.browser.post("/find/list", data={**wish, "contact": ""}).status_code == 422
    answer = here.browser.post("/find/list", data=wish)
    assert (answer.status_code, len(cases("matchmaking"))) == (200, 1)


def test_P02_who_fits_and_is_full_is_linked_to_where_one_can_wait_for_them(visit: Visiting) -> None:
    here = visit().answer(personas.P02)
    (waiting,) = here.shortlist()["waiting"]
    page = here.browser.get("/find/list").text
    assert "They fit, and are full now" in page
    assert f'<a href="/therapists/{waiting["therapist_id"]}">Omar</a>' in page
    assert "/my-waitlist/join/" in here.browser.get(f"/therapists/{waiting['therapist_id']}").text


def test_a_time_is_taken_from_a_card_after_signing_in_and_saying_whose_answers_they_are(client: NewBrowser, clock: FixedClock) -> None:
    browser = walked(client())
    take = re.search(r'href="(/find/take/[^"]+)"', browser.get("/find/list").text)
    assert take is not None
    path = take.group(1)
    assert browser.get(path).location == f"/sign-in?next={path}"
    with transaction():
        email, me = (account := an_account()).email, account.person_id
    browser.sign_in(email, PASSWORD)
    page = browser.get(path).text
    assert "with Pia" in page
    assert Page(page).wrong == []
    assert 'name="mine"' in page
    token = {"csrf_token": browser.csrf_token}
    assert browser.post(path, data=token).status_code == 422, "somebody else's answers may lie open on a shared device"
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0
    answer = browser.post(path, data={**token, "mine": "yes"})
    assert answer.status_code == 303, answer.text
    booking = db.session.scalars(select(Booking)).one()
    assert booking.origin == "match"
    assert db.session.scalars(select(BookingParticipant.person_id)).all() == [me]
    assert browser.get(answer.location).status_code == 200
    assert db.session.scalars(select(Intake.person_id)).one() == me
    again = browser.post(path, data=token)
    assert again.status_code in (404, 409, 422), "the time is taken, by themselves"
    stranger = client()
    with transaction():
        other = an_account().email
    stranger.sign_in(other, PASSWORD)
    assert stranger.get(f"/find/taken/{booking.public_id}").status_code == 404
    assert 'name="place"' in stranger.get(path).text, "no answers of anybody's: it would be a direct choice"


def test_a_time_that_is_gone_meanwhile_leaves_the_statement_on_the_page_and_shows_other_times(client: NewBrowser) -> None:
    faster, slower = walked(client()), walked(client())
    take = re.search(r'href="(/find/take/[^"]+)"', slower.get("/find/list").text)
    assert take is not None
    for browser in (faster, slower):
        with transaction():
            email = an_account().email
        browser.sign_in(email, PASSWORD)
    assert send(faster, take.group(1), mine="yes").status_code == 303
    refused = send(slower, take.group(1), mine="yes")
    assert refused.status_code == 409
    assert 'name="mine"' in refused.text, "nothing was put into the account"
    other = re.search(r'Other times: <a href="(/find/take/[^"]+)"', refused.text)
    assert other is not None
    assert send(slower, other.group(1), mine="yes").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 2


@pytest.mark.parametrize(
    "data",
    [
        {"place": "XX-NO", "age_band": "adult"},
        {"place": "GB-ENG", "age_band": "adult", "zone": "Mars/Olympus"},
        {"place": "G" * 5000, "age_band": "adult"},
    ],
)
def test_answers_that_are_none_are_refused_on_the_page_and_change_nothing(client: NewBrowser, data: dict[str, str]) -> None:
    browser = begun(client())
    answer = browser.post("/find/place", data=data)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert held(browser) == {}


def test_a_form_with_a_nul_character_is_refused_before_it_is_read_and_changes_nothing(client: NewBrowser) -> None:
    browser = begun(client())
    answer = browser.post("/find/place", data={"place": "GB-ENG\0", "age_band": "adult"}, headers={"Accept": "text/html"})
    assert (answer.status_code, "nul_character (422)" in answer.text, 'href="/find/place"' in answer.text) == (422, True, True)
    assert held(browser) == {}


def test_amounts_hours_and_numbers_that_are_none_are_refused(client: NewBrowser) -> None:
    browser = begun(client())
    for path, data in (
        ("/find/price", {"ceiling": "seventy", "ceiling_currency": "GBP"}),
        ("/find/price", {"ceiling": "70", "ceiling_currency": ""}),
        ("/find/price", {"ceiling": "-1", "ceiling_currency": "GBP"}),
        ("/find/format_and_times", {"hours": ["0-0-9999"]}),
        ("/find/format_and_times", {"hours": ["nonsense"]}),
        ("/find/style", {"led": "nan"}),
        ("/find/style", {"led": "1e9"}),
        ("/find/emphasis", {"emphasis-price": "everything"}),
        ("/find/musts", {"languages-0": ["klingon"]}),
        ("/find/musts", {"identity-row": "0", "identity-0": "x", "identity-0-kind": "nothing"}),
        ("/find/main_concern", {"words": "x" * 2001}),
    ):
        answer = browser.post(path, data=data)
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True), (path, data)
    assert 'value="seventy"' in browser.post("/find/price", data={"ceiling": "seventy", "ceiling_currency": "GBP"}).text, "nothing has to be typed again"
    assert held(browser) == {}
    assert browser.get("/find/nothing").status_code == 404
    assert browser.get("/find/check").status_code == 200
    assert "still missing" in browser.get("/find/check").text


def test_after_an_hour_the_pages_say_so_and_mail_the_way_back(client: NewBrowser, clock: FixedClock) -> None:
    browser = walked(client())
    assert browser.post("/find", data={"act": "mail", "email": "nobody"}).status_code == 422
    assert browser.post("/find", data={"act": "mail", "email": "sam@example.org"}).status_code == 200
    clock.advance(minutes=61)
    for path in ("/find/list", "/find/place", "/find/everybody"):
        page = browser.get(path)
        assert page.status_code == 410
        assert "1. Pia" not in page.text
    assert "Mail a link to the address I gave before" in browser.get("/find").text
    assert browser.post("/find", data={"act": "mail"}).status_code == 200
