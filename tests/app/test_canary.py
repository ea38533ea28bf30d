"""I9, R71, R83, S8: words that people write are found in no log, job, audit row, subject or calendar object, and in no table in plain text.

Every free-text field gets a word of its own kind; the main journey is played, errors included; then everything that was written is searched.
"""

import base64
import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import structlog
from sqlalchemy import text

from accounts.consent import current_text
from core import logs
from core.clock import FixedClock
from core.db import db, transaction
from matching.questionnaire import SCREENS
from tests.booking.conftest import Practice, practice
from tests.booking.practice import a_client, a_consultation, a_service, a_therapist, signed_in
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.desk import a_responder
from tests.fakes.outbox import Outbox
from tests.matching.visits import Visit

# Nobody's words but the writer's; a name is for the other side's letter, a title for the own calendar.
__all__ = ["practice"]
# Where somebody is during a session, their number there, and the way into it.
ADDRESS, PHONE, LINK = "zqxstreet", "+44 7700 900417", "zqxroom"
WORDS, NAME, TITLE, SECRET = "zqxhealth", "zqxname", "zqxtitle", "zqxsecret plum anvil"
EVERY = (WORDS, NAME, TITLE, SECRET)
ANSWERS = {
    "for_whom": "self",
    "place": "GB-ENG",
    "age_band": "adult",
    "thoughts": "no",
    "others": "no",
    "home": "no",
    "main_concern": "anxiety",
    "confirmed": True,
}


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that is logged, as in production."""
    root, server = logging.getLogger(), logging.getLogger("gunicorn.error")
    before = root.handlers[:], root.level, server.handlers[:], server.propagate
    stream = io.StringIO()
    logs.configure(as_json=True, stream=stream)
    yield stream
    root.handlers, root.level, server.handlers, server.propagate = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def every_text() -> dict[str, object]:
    """The answers, with our word in each field that takes free text."""
    fields = [field for screen in SCREENS for field in screen.fields]
    return ANSWERS | {field.name: f"{WORDS} {field.name}" for field in fields if field.kind == "text"}


def tables() -> dict[str, str]:
    """Each table's rows as text; sealed bytes show as hexadecimal."""
    with transaction():
        names = db.session.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return {name: "\n".join(db.session.execute(text(f'SELECT t::text FROM "{name}" t')).scalars()) for name in names}


def leaks(dump: str, words: str) -> list[str]:
    """The word as it is, as bytes, and as base64 at any offset."""
    raw = words.encode()
    forms = [words, raw.hex(), *(base64.b64encode(b"\0" * pad + raw).decode()[4 if pad else 0 : -4] for pad in range(3))]
    return [form for form in forms if form.lower() in dump.lower()]


def play(client: Callable[[], Browser], work: Callable[[], object], outbox: Outbox) -> None:
    with transaction():
        therapist = a_therapist()
        consultation = str(a_consultation(therapist).public_id)
        staff = {"matchmaker": an_account(roles=("matchmaker",)).person_id, "safety_responder": a_responder().person_id}
        therapist_id, other_id = therapist.person_id, a_client(name=f"{NAME} Other").person_id
    guest = Visit(client()).begin()
    guest.answer(every_text())
    guest.shortlist()
    guest.browser.post(f"{guest.path}/person", json={"reach_by": "mail", "contact": f"{WORDS} contact", "message_is_safe": True, "words": WORDS})
    guest.browser.post(f"{guest.path}/reopen-link", json={"email": "guest@example.org"})
    sign_up = {"email": "casey@example.org", "password": SECRET, "name": f"{NAME} Casey", "zone": "Europe/London"}
    assert guest.browser.post("/api/v1/accounts", json=sign_up).status_code == 202
    work()
    assert guest.browser.post("/api/v1/accounts/confirm", json={"token": outbox.token_to("casey@example.org"), "password": SECRET}).status_code == 204
    assert guest.browser.post("/api/v1/accounts", json=sign_up).status_code == 202
    work()
    guest.browser.sign_in("casey@example.org", SECRET)
    assert guest.browser.post(f"{guest.path}/adopt", json={"these_answers_are_mine": True}).status_code == 200

    def ask(start: str) -> str:
        body = {"service_id": consultation, "start": start, "title": f"{TITLE} tea"}
        answer = guest.browser.post("/api/v1/bookings", json=body, headers={"Idempotency-Key": start})
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    first, second = ask("2026-11-24T09:00:00Z"), ask("2026-11-24T10:00:00Z")
    practice = signed_in(client, therapist_id)
    assert practice.post(f"/api/v1/bookings/{first}/confirm").status_code == 200
    assert practice.post(f"/api/v1/bookings/{second}/decline", json={"reason": "full"}).status_code == 200
    assert guest.browser.post(f"/api/v1/bookings/{first}/cancel", json={"reason": "other", "note": f"{WORDS} note"}).status_code == 200
    danger(guest, signed_in(client, staff["safety_responder"]))
    helper = signed_in(client, staff["matchmaker"])
    for case in helper.get("/api/v1/cases").get_json()["items"]:
        take(helper, case["id"])
    errors(guest, signed_in(client, other_id), first, consultation)
    work()


def danger(guest: Visit, responder: Browser) -> None:
    guest.put("safety", thoughts="yes", others="no", home="no", intent="yes", plan="yes", safe_now="no")
    cases = responder.get("/api/v1/cases").get_json()["items"]
    assert cases
    for case in cases:
        take(responder, case["id"])
        assert responder.post(f"/api/v1/cases/{case['id']}/steps", json={"action": "spoke", "note": WORDS}).status_code == 201
        assert responder.post(f"/api/v1/cases/{case['id']}/lift-pause", json={"outcome": "safe_to_continue", "note": WORDS}).status_code == 204


def take(staff: Browser, case_id: str) -> None:
    assert staff.post(f"/api/v1/cases/{case_id}/claim").status_code == 200
    assert staff.post(f"/api/v1/cases/{case_id}/steps", json={"action": "note", "note": WORDS}).status_code == 201
    assert staff.get(f"/api/v1/cases/{case_id}").status_code == 200


def errors(guest: Visit, other: Browser, booking: str, service: str) -> None:
    """Refusals of every kind with our words in them, and one failure of ours."""
    browser = guest.browser
    for body in ({"answers": {WORDS: WORDS}}, {"answers": {"words": [WORDS]}}, {"answers": {"words": WORDS * 2000}}, {WORDS: NAME}):
        assert browser.put(f"{guest.path}/screens/main_concern", json=body).status_code == 422
    browser.put(f"{guest.path}/screens/{WORDS}", json={"answers": {}})
    browser.post("/api/v1/bookings", json={"service_id": service, "start": WORDS, "title": TITLE})
    browser.post("/api/v1/bookings", data=f'{{"title": "{TITLE}', content_type="application/json")
    browser.get("/api/v1/bookings", query_string={WORDS: WORDS, "cursor": WORDS})
    other.post(f"/api/v1/bookings/{booking}/cancel", json={"reason": "other", "note": WORDS})
    other.get(f"/{WORDS}?token={WORDS}")
    other.post("/api/v1/session", json={"email": "casey@example.org", "password": f"{SECRET} wrong"})
    other.put("/api/v1/password", json={"current": SECRET, "new": PASSWORD})
    other.post("/confirm-address", data={"token": SECRET, "password": SECRET})


def test_I9_R71_R83_what_people_write_is_found_nowhere_but_sealed(
    client: Callable[[], Browser],
    run_jobs: Callable[[], list[str]],
    outbox: Outbox,
    clock: FixedClock,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    jobs: list[str] = []

    def work() -> None:
        with transaction():
            jobs.extend(db.session.execute(text("SELECT task_name || args::text FROM procrastinate_jobs")).scalars())
        run_jobs()

    play(client, work, outbox)
    monkeypatch.setattr("matching.routes.intake_json", lambda *_, **__: {}[WORDS])
    assert client().post("/api/v1/intakes", json={"consent_text_version": current_text("matching").version}).status_code == 500
    assert {"request_failed", "sign_in_refused"} <= {json.loads(line)["event"] for line in logged.getvalue().splitlines()}
    said = capfd.readouterr()
    subjects, calendars = "\n".join(outbox.subjects()), [part for mail in outbox.sent for part in mail.walk() if part.get_content_type() == "text/calendar"]
    assert calendars
    assert jobs
    for words in EVERY:
        found = {name: hits for name, dump in tables().items() if (hits := leaks(dump, words))}
        assert found == {}, words
        for place in (logged.getvalue(), said.out, said.err, "\n".join(jobs), subjects):
            assert not leaks(place, words)
        assert not leaks(db_audit(), words)
    for mail in outbox.sent:
        assert WORDS not in mail.as_string()
        assert SECRET not in mail.as_string()
    for calendar in calendars:
        told = str(calendar.get_content())
        assert WORDS not in told
        assert SECRET not in told
    to_therapist = [mail for mail in outbox.sent if NAME in body_of(mail)]
    assert to_therapist, "the control: a name does reach the letter to the other side"
    assert all(TITLE not in body_of(mail) for mail in to_therapist)


def db_audit() -> str:
    with transaction():
        return "\n".join(db.session.execute(text("SELECT a::text FROM audit_entries a")).scalars())


def body_of(mail: object) -> str:
    part = mail.get_body(("plain",))  # type: ignore[attr-defined]
    return str(part.get_content())


def attend(practice: Practice, booking: str, clock: FixedClock) -> None:
    """Where the client is, said wrongly, badly and rightly; and read by both sides, as pages too."""
    clock.instant = datetime(2026, 11, 23, 8, 50, tzinfo=UTC)
    client, therapist = signed_in(practice.new_browser, practice.client_id), signed_in(practice.new_browser, practice.therapist_id)
    where, page = f"/api/v1/bookings/{booking}", f"/join/{booking}"
    stated = {"jurisdiction": "GB-ENG", "address": f"12 {ADDRESS}", "phone": PHONE}
    for wrong, status in (({"jurisdiction": "US-NY"}, 409), ({"phone": f"{PHONE} {ADDRESS}"}, 422), ({"jurisdiction": ADDRESS[:9]}, 422)):
        assert client.post(f"{where}/arrival", json=stated | wrong).status_code == status
        assert client.post(page, data=stated | wrong | {"csrf_token": client.csrf_token}).status_code == status
    assert client.post(f"{where}/arrival", json=stated).status_code == 200
    assert LINK in client.get(f"{where}/join").text
    assert LINK in client.get(page).text
    assert ADDRESS in therapist.get(f"{where}/whereabouts").text
    assert PHONE in therapist.get(f"{page}/whereabouts").text
    client.get(f"{page}?address={ADDRESS}")


def test_I9_where_somebody_is_and_the_way_in_are_found_nowhere_but_sealed(
    practice: Practice, run_jobs: Callable[[], list[str]], outbox: Outbox, clock: FixedClock, logged: io.StringIO
):
    link = {"address": f"https://meet.example.org/{LINK}"}
    assert practice.therapist.put(f"/api/v1/therapist/services/{practice.service}/session-link", json=link).status_code == 200
    assert practice.therapist.put(f"/api/v1/therapist/services/{practice.service}/session-link", json={"address": f"http://{LINK}"}).status_code == 422
    attend(practice, str(practice.book().get_json()["id"]), clock)
    with transaction():
        jobs = "\n".join(db.session.execute(text("SELECT task_name || args::text FROM procrastinate_jobs")).scalars())
    run_jobs()
    assert jobs
    assert outbox.sent
    mails = "\n".join(mail.as_string() + "".join(str(part.get_content()) for part in mail.walk() if not part.is_multipart()) for mail in outbox.sent)
    for words in (ADDRESS, PHONE, LINK):
        assert {name: hits for name, dump in tables().items() if (hits := leaks(dump, words))} == {}, words
        for place in (logged.getvalue(), jobs, mails, db_audit()):
            assert not leaks(place, words), words


def test_I9_the_search_finds_what_is_not_sealed(database: None):
    with transaction():
        db.session.execute(text("INSERT INTO throttles (key, window_starts_at) VALUES (:key, now())"), {"key": f"x{WORDS}y".encode()})
    assert [name for name, dump in tables().items() if leaks(dump, WORDS)] == ["throttles"]
    for pad in range(3):
        assert leaks(base64.b64encode(b"-" * pad + WORDS.encode() + b"tail").decode(), WORDS)


def test_I9_numbers_to_call_and_what_guides_write_are_found_nowhere_but_sealed(
    client: Callable[[], Browser], run_jobs: Callable[[], list[str]], outbox: Outbox, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
):
    with transaction():
        therapist = a_therapist()
        a_service(therapist)
        guide_id = an_account(roles=("client", "matchmaker")).person_id
        person_id = a_client().person_id
    guest, guide = Visit(signed_in(client, person_id)).begin().answer(ANSWERS), signed_in(client, guide_id)
    times = [{"weekday": day, "from_minute": 0, "to_minute": 1440} for day in range(7)]
    call = {"phone": PHONE, "zone": "Europe/London", "windows": times, "voicemail_safe": True, "consent_text_version": current_text("call_back").version}
    assert guest.browser.post("/api/v1/call-back", json=call | {"phone": f"{PHONE} {WORDS}"}).status_code == 422
    assert guest.browser.post("/speak-to-a-guide", data={"phone": PHONE, "csrf_token": guest.browser.csrf_token}).status_code == 422
    assert guest.browser.post("/api/v1/call-back", json=call).status_code == 201
    (waiting,) = guide.get("/api/v1/call-backs").get_json()["items"]
    path, case = f"/api/v1/call-backs/{waiting['id']}", f"/api/v1/cases/{waiting['case_id']}"
    guide.post(f"{path}/claim")
    assert guide.get(f"{path}/number").get_json()["phone"] == PHONE.replace(" ", "")
    card = {"therapist_id": str(therapist.public_id), "reasons": ["soon"], "note": WORDS}
    assert guide.post(f"{case}/assisted-shortlist", json={"cards": [card | {"reasons": [WORDS]}]}).status_code == 422
    assert guide.post(f"{case}/assisted-shortlist", json={"cards": [card]}).status_code == 201
    assert WORDS in guest.browser.get(f"{guest.path}/assisted-shortlist").text, "the control: it does reach the person"
    assert guide.post(f"{path}/done", json={"outcome": "reached", "note": WORDS}).status_code == 200
    assert guide.post(f"{path}/discount-code", json={"percent": 10}).status_code == 201
    with transaction():
        jobs = "\n".join(db.session.execute(text("SELECT task_name || args::text FROM procrastinate_jobs")).scalars())
    run_jobs()
    said = capfd.readouterr()
    mails = "\n".join(body_of(mail) for mail in outbox.sent) + "\n".join(outbox.subjects())
    assert mails
    for words in (WORDS, PHONE, PHONE.replace(" ", "")):
        assert {name: hits for name, dump in tables().items() if (hits := leaks(dump, words))} == {}, words
        for place in (logged.getvalue(), said.out, said.err, jobs, mails, db_audit()):
            assert not leaks(place, words), words
