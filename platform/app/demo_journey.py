"""`make demo`: the main journey, played over HTTP against a real server, worker, database and mail server, and told as it goes.

Nothing is patched and nothing is looked up behind the scenes: whatever a step needs was in an answer or in a mail. How it pays stands in `demo_payment`. The
last line is JSON. Start reading at `play`.
"""

import json
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from app.demo_payment import pay
from app.demo_stage import Stage, stage_of_a_demonstration
from app.demo_words import API, ZONE, Broken, heard, in_url, instant, local, money, require, say, title
from app.loopback_mail import address_of, calendar_in, calendar_text, links_in, property_of
from app.postgres_home import EmbeddedError
from app.processes import ProcessEnded
from app.visitor import Unexpected, Visitor

EMAIL = "robin@visitor.example"
PASSWORD = "four lanterns over the weir"
EVENINGS = [{"weekday": day, "from_minute": 17 * 60, "to_minute": 21 * 60} for day in range(5)]

# What Robin answers, screen by screen, as the questionnaire names the fields.
ANSWERS: dict[str, dict[str, Any]] = {
    "for_whom": {"for_whom": "self"},
    "place": {"place": "GB-ENG", "zone": ZONE, "age_band": "adult"},
    "safety": {"thoughts": "no", "others": "no", "home": "no"},
    "main_concern": {"goals": ["express_emotions", "improve_relationships"], "words": "I go quiet whenever somebody comes close."},
    "musts": {
        "languages": [{"any_of": ["en"], "strength": "must"}],
        "modalities": [{"any_of": ["psychodynamic", "attachment_based"], "strength": "strong"}],
        "identity": [{"kind": "gender", "any_of": ["woman"], "relation": "shares", "strength": "nice"}],
    },
    "format_and_times": {"modes": ["video"], "modes_strength": "must", "hours": EVENINGS, "hours_strength": "strong"},
    "price": {"ceiling": {"amount": 7000, "currency": "GBP"}, "ceiling_firm": True},
    "check": {"confirmed": True},
}
WORDS = "emotionally unavailable"


@dataclass
class Told:
    """What the last line of the transcript says."""

    first_match: str = ""
    reasons: int = 0
    screens: int = 0
    booking: str = ""
    states: list[str] = field(default_factory=list)
    mails: int = 0
    ics_method: list[str] = field(default_factory=list)
    money: dict[str, Any] = field(default_factory=dict)


def play() -> int:
    """Returns 0 when every step went as it should, else 1 after saying which did not."""
    begun = time.monotonic()
    told = Told()
    status = 1
    print("Starting a throwaway database, a mail server, the web process and the worker ...")
    try:
        with stage_of_a_demonstration() as stage:
            print(f"Ready at {stage.address} after {time.monotonic() - begun:.1f} s. Everybody in this story is invented.")
            _journey(stage, told)
            told.mails = len(stage.mail.messages)
            status = 0
    except (Broken, Unexpected, TimeoutError, ProcessEnded, EmbeddedError, OSError) as error:
        print(f"\nThis went wrong: {error}")
    print(f"\n{'Done' if status == 0 else 'Failed'} after {time.monotonic() - begun:.1f} s.")
    print(json.dumps(told.__dict__))
    return status


def _journey(stage: Stage, told: Told) -> None:
    robin = Visitor(stage.address)
    intake = _answer_questions(robin, told)
    card = _see_shortlist(robin, intake, told)
    _sign_up(robin, stage)
    robin.post(f"{API}/intakes/{intake}/adopt", {"these_answers_are_mine": True})
    say("Robin says: these answers are mine. They now belong to the account.")
    booking = _request_consultation(robin, card, told)
    therapist = _therapist_confirms(stage, booking, told)
    _invitation_arrives(robin, stage, booking, told)
    _client_cancels(robin, therapist, stage, booking, told)
    told.money = pay(robin, therapist, stage)


def _answer_questions(robin: Visitor, told: Told) -> str:
    title("A guest says what hurts")
    questions = robin.get(f"{API}/intakes/questions").json
    intake = robin.post(f"{API}/intakes", {"consent_text_version": questions["consent_text_version"]}, expect=201).json
    say("Consent first: the answers may be used to find therapists. No account, no name.")
    told.screens = 1
    for screen in questions["screens"]:
        if screen["refinement"] or not screen["fields"]:
            continue
        answers = dict(ANSWERS[screen["name"]])
        if screen["name"] == "main_concern":
            answers["main_concern"] = _concern_of(robin, WORDS)
        intake = robin.put(f"{API}/intakes/{intake['id']}/screens/{screen['name']}", {"answers": answers}).json
        told.screens += 1
        say(f"{told.screens}. {screen['title']}  {_in_words(answers)}")
    require(not intake["missing"], f"the first list still misses {intake['missing']}")
    require(told.screens <= 9, f"a first list took {told.screens} screens")
    return str(intake["id"])


def _concern_of(robin: Visitor, words: str) -> str:
    """Free text is turned into a concept, and the person confirms it."""
    found = robin.post(f"{API}/taxonomy/suggestions", {"text": words, "kinds": ["concern"]}).json
    require(bool(found["items"]), f"nothing was suggested for {words!r}")
    first = found["items"][0]
    say(f"   Robin types {words!r}; shown back for confirmation: {first['label']}")
    return str(first["slug"])


def _see_shortlist(robin: Visitor, intake: str, told: Told) -> dict[str, Any]:
    title("A shortlist, before any sign-up")
    shortlist = robin.post(f"{API}/intakes/{intake}/shortlist", expect=201).json
    say(shortlist["text"])
    cards: list[dict[str, Any]] = shortlist["cards"]
    require(bool(cards), "the shortlist is empty")
    for card in cards:
        offered = _consultation(card)
        say(f"{card['position']}. {card['display_name']}: {card['fit_text']} ({card['score']:.2f}), {money(card['fee'])} a session")
        for badge in card["badges"]:
            say(f"     {badge['body']}, checked on {badge['checked_on']}")
        for reason in card["reasons"]:
            say(f"     {reason['contribution']:+.3f} {reason['label']}: {' '.join(reason['sentences'])}")
        if offered:
            say(f"     first talks: {', '.join(local(each) for each in offered['next_openings'][:3])}")
        total = sum(reason["contribution"] for reason in card["reasons"])
        require(abs(total - card["score"]) < 1e-9, f"the reasons of {card['display_name']} add up to {total}, not {card['score']}")
    told.first_match = cards[0]["display_name"]
    told.reasons = len(cards[0]["reasons"])
    return cards[0]


def _sign_up(robin: Visitor, stage: Stage) -> None:
    title("Sign-up with a confirmed address")
    texts = {each["purpose"]: each["version"] for each in robin.get(f"{API}/consent-texts").json["items"]}
    consents = [{"purpose": purpose, "text_version": texts[purpose]} for purpose in ("terms", "privacy")]
    person = {"email": EMAIL, "password": PASSWORD, "name": "Robin", "zone": ZONE, "consents": consents}
    robin.post(f"{API}/accounts", person, expect=202)
    letter = stage.mail.wait_for(lambda message: _to_robin(message) and "#token=" in "".join(links_in(message)))
    heard(letter)
    link = next(link for link in links_in(letter) if "#token=" in link)
    page, _, token = link.partition("#token=")
    robin.get(page.removeprefix(stage.address))
    robin.post(f"{API}/accounts/confirm", {"token": token, "password": PASSWORD}, expect=204)
    who = robin.sign_in(EMAIL, PASSWORD).json
    require(who["person"]["email_confirmed"], "the address is not confirmed")
    say(f"Robin opens the link, confirms and signs in as {EMAIL}.")


def _request_consultation(robin: Visitor, card: dict[str, Any], told: Told) -> dict[str, Any]:
    title("Openings, and a consultation requested")
    offered = _consultation(card)
    if offered is None:
        raise Broken(f"{card['display_name']} offers no first talk")
    soonest = datetime.now(ZoneInfo(ZONE))
    window = f"start={in_url(soonest)}&end={in_url(soonest + timedelta(days=14))}&zone={ZONE}"
    openings = robin.get(f"{API}/services/{offered['service_id']}/openings?{window}").json["items"]
    require(bool(openings), "there is no opening in two weeks")
    say(f"{len(openings)} openings in the next two weeks; the first: {', '.join(local(each['start']) for each in openings[:4])}")
    wanted = {"service_id": offered["service_id"], "start": openings[0]["start"]}
    booking: dict[str, Any] = robin.post(f"{API}/bookings", wanted, expect=201, Idempotency_Key="robin-1").json
    again = robin.post(f"{API}/bookings", wanted, expect=201, Idempotency_Key="robin-1").json
    require(again["id"] == booking["id"], "sending the same request twice made two bookings")
    told.booking, told.states = booking["id"], [booking["state"]]
    require(booking["state"] == "requested", f"the new booking is {booking['state']}")
    say(f"Requested: {local(booking['starts_at'])}, {booking['service']['minutes']} minutes with {booking['therapist']['name']}, {money(booking['fee'])}.")
    say(f"An answer is promised by {local(booking['answer_by'])}. Sending the request twice made one booking.")
    return booking


def _therapist_confirms(stage: Stage, booking: dict[str, Any], told: Told) -> Visitor:
    title("The therapist answers")
    name = booking["therapist"]["name"]
    letter = stage.mail.wait_for(lambda message: address_of(message) != EMAIL and "request" in message["Subject"].lower())
    heard(letter)
    therapist = Visitor(stage.address)
    therapist.sign_in(address_of(letter), stage.password)
    waiting = therapist.get(f"{API}/therapist/requests").json["items"]
    require(booking["id"] in [each["id"] for each in waiting], "the request is not in the therapist's list")
    confirmed = therapist.post(f"{API}/bookings/{booking['id']}/confirm").json
    told.states.append(confirmed["state"])
    require(confirmed["state"] == "confirmed", f"the booking is {confirmed['state']}")
    say(f"{name} signs in, sees the request of {confirmed['clients'][0]['name']}, and confirms it.")
    return therapist


def _invitation_arrives(robin: Visitor, stage: Stage, booking: dict[str, Any], told: Told) -> None:
    title("An invitation that calendar programs understand")
    letter = stage.mail.wait_for(lambda message: _to_robin(message) and "STATUS:CONFIRMED" in calendar_text(message))
    heard(letter)
    method, content = calendar_in(letter) or ("", "")
    told.ics_method.append(method)
    require(method == "REQUEST", f"the invitation's method is {method}")
    _show_calendar(content)
    file = robin.get(f"{API}/bookings/{booking['id']}/invitation.ics")
    fetched = file.body.decode()
    told.ics_method.append(property_of(fetched, "METHOD"))
    require(property_of(fetched, "UID") == property_of(content, "UID"), "file and invitation have different UIDs")
    say(f"Fetched as a file too: {file.headers['Content-Type']}, {len(file.body)} bytes, the same UID.")


def _client_cancels(robin: Visitor, therapist: Visitor, stage: Stage, booking: dict[str, Any], told: Told) -> None:
    title("The client cancels")
    cancelled = robin.post(f"{API}/bookings/{booking['id']}/cancel", {"reason": "time"}).json
    told.states.append(cancelled["state"])
    require(cancelled["state"] == "cancelled", f"the booking is {cancelled['state']}")
    letter = stage.mail.wait_for(lambda message: _to_robin(message) and "METHOD:CANCEL" in calendar_text(message))
    other = stage.mail.wait_for(lambda message: not _to_robin(message) and "METHOD:CANCEL" in calendar_text(message))
    heard(letter)
    heard(other)
    method, content = calendar_in(letter) or ("", "")
    told.ics_method.append(method)
    require(method == "CANCEL", f"the cancellation's method is {method}")
    _show_calendar(content)
    require(not therapist.get(f"{API}/therapist/bookings").json["items"], "the therapist still has the booking")
    window = f"start={in_url(datetime.now(ZoneInfo(ZONE)))}&end={in_url(datetime.fromisoformat(booking['ends_at']) + timedelta(minutes=1))}"
    free = robin.get(f"{API}/services/{booking['service']['id']}/openings?{window}").json["items"]
    require(instant(booking["starts_at"]) in [instant(each["start"]) for each in free], "the cancelled time is not free again")
    say("The time is free again.")


def _to_robin(message: EmailMessage) -> bool:
    return bool(address_of(message) == EMAIL)


def _show_calendar(content: str) -> None:
    for name in ("METHOD", "UID", "SEQUENCE", "STATUS", "DTSTART", "SUMMARY", "ORGANIZER", "ATTENDEE"):
        say(f"     {name}: {property_of(content, name)}")


def _consultation(card: dict[str, Any]) -> dict[str, Any] | None:
    return next((each for each in card["services"] if each["kind"] == "consultation" and each["next_openings"]), None)


def _in_words(answers: dict[str, Any]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in answers.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(_value(each) for each in value))
    if isinstance(value, dict) and "weekday" in value:
        return f"{value['from_minute'] // 60}-{value['to_minute'] // 60} h on weekdays"
    if isinstance(value, dict):
        return money(value) if "currency" in value else f"{' or '.join(value['any_of'])} ({value['strength']})"
    return str(value).replace("_", " ")
