"""The safety desk from its pages alone: a case with its clock, the contact record, and what only follows from one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.models import Account
from care.pause import is_paused, pause_for_safety
from care.safety_case import tell_responders
from care.safety_record import Said, record_for_change, record_of
from core.audit import AuditEntry
from core.clock import FixedClock
from core.db import db, transaction
from desk.models import Case, SafetyDeskMember
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.care import a_client
from tests.factories.desk import a_case, a_responder
from tests.pages.test_reachable import Page

pytestmark = pytest.mark.usefixtures("database")
NewBrowser = Callable[[], Browser]
DESK, DUTY = "/desk/safety", "/desk/safety-desk"
SPOKE = {"act": "step", "action": "spoke", "note": "We spoke for half an hour. They are with their sister."}


def as_(client: NewBrowser, make: Callable[[], Account]) -> Browser:
    with transaction():
        email = make().email
    browser = client()
    browser.sign_in(email, PASSWORD)
    return browser


def press(who: Browser, path: str, **form: Any) -> Any:
    return who.post(path, data=form | {"csrf_token": who.csrf_token})


@pytest.fixture
def in_danger(clock: FixedClock) -> tuple[int, str]:
    """Somebody paused who had thoughts and a plan, and the path of their case."""
    with transaction():
        person_id = a_client().person_id
        pause_for_safety(person_id, now=clock.now())
        Said(record_for_change(person_id)).change(thoughts=True)
        case = tell_responders(person_id, "pause", ["thoughts", "plan"], now=clock.now(), asked_for_a_person={"contact": "+44 20 7946 0000"})
        return person_id, f"{DESK}/{case.public_id}"


def test_a_case_goes_from_the_list_over_a_contact_record_to_an_end(client: NewBrowser, in_danger: tuple[int, str], clock: FixedClock) -> None:
    person_id, path = in_danger
    who = as_(client, a_responder)
    listed = who.get(DESK).text
    assert f'href="{path}"' in listed
    assert "urgent" in listed
    assert "nobody has it yet" in listed
    page = who.get(path).text
    for words in ("has thought about how or when", "paused since", "Where they are: England", "999"):
        assert words in page, words
    assert "+44 20 7946 0000" not in page, "only for whoever takes it on"
    assert Page(page).wrong == []
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.action == "desk.read")) is not None
    assert press(who, path, act="claim").status_code == 303
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.action == "desk.contact_read")) is None
    assert "+44 20 7946 0000" in who.get(path).text
    assert db.session.scalar(select(AuditEntry.id).where(AuditEntry.action == "desk.contact_read")) is not None
    assert press(who, path, act="lift", outcome="safe_to_continue").status_code == 409, "nobody has spoken with them"
    assert press(who, path, act="close", outcome="resolved").status_code == 409, "nobody is left paused"
    shown = press(who, path, act="contact")
    assert "clock of Europe/London" in shown.text
    assert Page(shown.text).wrong == []
    clock.advance(minutes=5)
    assert press(who, path, **SPOKE).status_code == 303
    assert press(who, path, act="lift", outcome="safe_to_continue").status_code == 303
    assert not is_paused(person_id)
    assert "Nothing is paused" in who.get(path).text
    assert press(who, path, act="end_restriction", note="").status_code == 422, "why is asked for"
    assert press(who, path, act="end_restriction", note="No thoughts for months.").status_code == 303
    record = record_of(person_id)
    assert not Said(record).thoughts
    assert press(who, path, act="close", outcome="resolved").status_code == 303
    done = who.get(path).text
    assert "Closed" in done
    assert "They are with their sister." in done
    assert "<form" not in done
    assert path not in who.get(DESK).text


def test_nobody_works_on_a_safety_case_without_being_declared_and_nobody_else_learns_of_it(client: NewBrowser, in_danger: tuple[int, str]) -> None:
    _, path = in_danger
    with_role = as_(client, lambda: an_account(roles=("safety_responder",)))
    assert "You are not declared" in with_role.get(DESK).text
    assert press(with_role, path, act="claim").status_code == 403
    for role in ("matchmaker", "admin", "verifier", "therapist", "client"):
        other = as_(client, lambda role=role: an_account(roles=(role,)))  # type: ignore[misc]
        assert other.get(DESK).status_code == 403, role
        assert other.get(path).status_code == 403, role
        assert press(other, path, act="claim").status_code == 403, role
    matchmaker = as_(client, lambda: an_account(roles=("matchmaker",)))
    assert matchmaker.get(path.replace(DESK, "/desk/cases")).status_code == 404
    assert client().get(path).status_code == 303, "a guest is asked to sign in"


def test_a_case_is_worked_on_by_its_owner_alone(client: NewBrowser, in_danger: tuple[int, str]) -> None:
    _, path = in_danger
    first, second = as_(client, a_responder), as_(client, a_responder)
    assert press(second, path, act="step", action="note", note="x").status_code == 409
    press(first, path, act="claim")
    assert press(second, path, act="claim").status_code == 409
    assert 'value="close"' not in second.get(path).text
    assert press(first, path, act="release").status_code == 303
    assert press(second, path, act="claim").status_code == 303
    assert press(second, path, act="dance").status_code == 422


def test_an_admin_declares_who_is_at_the_safety_desk_and_takes_them_off(client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        responder = an_account(roles=("safety_responder",))
        email, person_id = responder.email, responder.person_id
    admin = as_(client, lambda: an_account(roles=("admin",)))
    today = clock.now().date()
    form = {
        "email": email,
        "qualification": "ASIST",
        "issued_by": "LivingWorks",
        "seen_on": today.isoformat(),
        "valid_until": (today + timedelta(days=300)).isoformat(),
        "zone": "Europe/London",
        "languages": ["en", "es"],
        "from-6": "12:00",
        "to-6": "00:00",
    }
    assert Page(admin.get(DUTY).text).wrong == []
    assert press(admin, DUTY, act="declare", **form | {"email": "nobody@example.org"}).status_code == 422
    kept = press(admin, DUTY, act="declare", **form | {"zone": "Mars/Olympus"})
    assert kept.status_code == 422
    assert 'value="ASIST"' in kept.text
    assert press(admin, DUTY, act="declare", **form | {"from-6": ""}).status_code == 422, "without hours nobody would ever be there"
    assert press(admin, DUTY, act="declare", **form).status_code == 303
    member = db.session.get_one(SafetyDeskMember, person_id)
    assert (member.hours, member.languages) == ([[6, 720, 1440]], ["en", "es"])
    page = admin.get(DUTY).text
    assert "Somebody is on duty now" in page, "it is Sunday at three"
    assert "Sunday 12:00 to 24:00" in page
    assert Page(page).wrong == []
    gone = page.split('name="person_id" value="')[1].split('"')[0]
    assert press(admin, DUTY, act="remove", person_id=gone).status_code == 303
    assert "Nobody is declared" in admin.get(DUTY).text


def test_a_guides_case_has_its_page_with_what_was_asked_and_no_kind_of_another_role(client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        asked = {"asked_for_a_person": {"reach_by": "mail", "contact": "guest@example.org", "message_is_safe": True, "words": "Evenings please"}}
        mine, theirs = a_case("matchmaking", facts=asked), a_case("complaint", facts={"words": "<b>rude</b>"})
        paths = {case.kind: f"/desk/cases/{case.public_id}" for case in (mine, theirs)}
    guide, admin = as_(client, lambda: an_account(roles=("matchmaker",))), as_(client, lambda: an_account(roles=("admin",)))
    assert (guide.get(paths["complaint"]).status_code, admin.get(paths["matchmaking"]).status_code) == (404, 404)
    assert paths["complaint"] not in guide.get("/desk/cases").text
    assert "&lt;b&gt;rude" in admin.get(paths["complaint"]).text
    path = paths["matchmaking"]
    clock.advance(days=2)
    guide = as_(client, lambda: an_account(roles=("matchmaker",)))
    assert "late" in guide.get("/desk/cases").text
    page = guide.get(path).text
    assert ("Help with finding somebody" in page, "guest@example.org" in page, "Evenings please" in page) == (True, False, False)
    press(guide, path, act="claim")
    page = guide.get(path).text
    for words in ("guest@example.org", "Evenings please"):
        assert words in page, words
    assert "guest@example.org" not in as_(client, lambda: an_account(roles=("matchmaker",))).get(path).text, "a colleague's"
    assert press(guide, path, act="contact").status_code == 404, "a guest has no address of ours"
    assert press(guide, path, act="step", action="mailed", note="Sent two names.").status_code == 303
    assert press(guide, path, act="close", outcome="made up").status_code == 422
    assert press(guide, path, act="close", outcome="resolved", note="Found.").status_code == 303
    assert db.session.scalars(select(Case.outcome).where(Case.public_id == path.rsplit("/", 1)[1])).one() == "resolved"
