"""What stands on the first page for whoever is signed in: what asks for an answer, what comes next, and the way to every page of their roles."""

from typing import Any

from accounts.people import require_account
from accounts.sign_in_page import PAGE as SIGN_IN
from accounts.sign_up_page import PAGE as SIGN_UP
from booking.appointments.pages import PAGE as APPOINTMENTS
from booking.calendar.pages import PAGE as CALENDAR
from booking.disruption.away.pages import PAGE as AWAY
from booking.for_others.pages import PAGE as FOR_OTHERS
from booking.meeting import WEEK_PAGE
from booking.outside.pages import PAGE as OWN_CALENDARS
from booking.practice.pages import REQUESTS_PAGE
from booking.proposals.pages import CLIENTS, RECEIVED
from booking.reading import client_bookings, open_requests, therapist_bookings
from booking.reminders.pages import PAGE as REMINDERS
from booking.state_words import STATES
from booking.waitlist.own.pages import LINE_PAGE
from booking.waitlist.own.pages import PAGE as WAITLIST
from booking.why_not.pages import PAGE as WHY_NOT_PAGE
from core.access import caller
from core.clock import now
from core.errors import DomainError
from matching.cookie import visitor
from matching.intake import guests_intake
from matching.pages import KEEP_PAGE
from notices.letter import local_time
from therapists.practice_pages.statements.pages import BECOME

NEXT = 3
MOST_COUNTED = 50

Link = tuple[str, str]
FOR_EVERYBODY: list[Link] = [
    ("/speak-to-a-guide", "Speak to a matching guide"),
    ("/suggested", "What a guide suggested for me"),
    ("/gift/balance", "What is left of a gift code"),
    ("/ranking", "How we order therapists"),
    ("/fees", "What it costs"),
    ("/how-things-stand", "How things stand, where booking is paused"),
    ("/help-now", "Help now"),
]
FOR_GUESTS: list[Link] = [(f"/{SIGN_UP}", "Create an account"), (f"/{SIGN_IN}", "Sign in")]
FOR_CLIENTS: list[Link] = [
    ("/find", "Find a therapist"),
    (f"/{APPOINTMENTS}", "My appointments"),
    (f"/{RECEIVED}", "Times that were proposed to me"),
    (f"/{WAITLIST}", "Where I wait for an opening"),
    ("/look-again", "My list of therapists, and looking for somebody else"),
    ("/packs", "My packs"),
    ("/payments/statement", "What I paid, and receipts"),
    ("/payments/cards", "My cards"),
    ("/gift", "Gift codes: an amount for somebody else to spend on appointments"),
    (f"/{CALENDAR}", "In my own calendar"),
    (f"/{REMINDERS}", "My reminders"),
    ("/how-it-fits", "How it fits"),
    ("/how-i-am", "How I am"),
    ("/my-data", "My data: take it along, or erase my account"),
]
FOR_THERAPISTS: list[Link] = [
    ("/my-practice", "My profile, credentials, checks and hours"),
    (f"/{REQUESTS_PAGE}", "Requests"),
    (f"/{WEEK_PAGE}", "My week"),
    (f"/{CLIENTS}", "My clients: propose a time, or bring somebody along"),
    (f"/{LINE_PAGE}", "Who waits for me"),
    (f"/{AWAY}", "I cannot work from ... to ..."),
    (f"/{OWN_CALENDARS}", "My own calendars as busy time"),
    (f"/{WHY_NOT_PAGE}", "Why is a time not offered?"),
    (f"/{CALENDAR}", "In my own calendar"),
    (f"/{REMINDERS}", "My reminders"),
    ("/my-practice/money", "How I am paid, payouts and statements"),
    ("/shared-with-me", "What clients share with me"),
]
TO_BECOME_ONE: Link = (f"/{BECOME}", "Become a therapist here")
WHY_NOT: Link = (f"/{WHY_NOT_PAGE}", "Why is a time not offered?")
CASES: Link = ("/desk/cases", "Cases")
# By role; whoever has several has the pages of all.
FOR_STAFF: dict[str, list[Link]] = {
    "matchmaker": [("/desk/people", "People who look for somebody"), ("/desk/calls", "Calls"), CASES, WHY_NOT],
    "safety_responder": [("/desk/safety", "Safety desk"), ("/desk/calls", "Calls")],
    "verifier": [("/desk/verification", "Checks of therapists")],
    "admin": [
        CASES,
        (f"/{FOR_OTHERS}", "Appointments: book, move or call off for somebody"),
        ("/desk/safety-desk", "Who is at the safety desk"),
        ("/desk/money", "Money that differs"),
        WHY_NOT,
    ],
}


def home_facts() -> dict[str, Any]:
    """For the template. A fixed number of statements."""
    me, roles = caller().person_id, caller().roles
    if me is None:
        return {"is_signed_in": False, "links": [("", [*FOR_GUESTS, *FOR_EVERYBODY])]}
    account, at = require_account(me), now()
    links: list[tuple[str, list[Link]]] = []
    if "therapist" in roles:
        links.append(("My practice", FOR_THERAPISTS))
    staff = dict.fromkeys(link for role, mine in FOR_STAFF.items() if role in roles for link in mine)
    if staff:
        links.append(("Desk", list(staff)))
    more = FOR_EVERYBODY if "therapist" in roles else [*FOR_EVERYBODY, TO_BECOME_ONE]
    links += [("For me", FOR_CLIENTS), ("More", more)]
    zone = account.person.zone
    coming = [*client_bookings(me, past=False, limit=NEXT, cursor=None, now=at).items]
    waiting = 0
    if "therapist" in roles:
        coming += therapist_bookings(me, past=False, limit=NEXT, cursor=None, now=at).items
        waiting = len(open_requests(me, limit=MOST_COUNTED, cursor=None, now=at).items)
    return {
        "is_signed_in": True,
        "name": account.person.name,
        "unconfirmed": not caller().email_confirmed,
        "keep": f"/{KEEP_PAGE}" if _has_answers_to_keep() else "",
        "waiting": waiting,
        "coming": [
            {
                "when": local_time(each.starts_at, zone),
                "who": each.therapist.name if each.role == "client" else ", ".join(client.name or "Without a name" for client in each.clients),
                "state": STATES[each.state],
                "page": f"/{APPOINTMENTS}" if each.role == "client" else f"/{WEEK_PAGE}?day={each.local_start[:10]}",
            }
            for each in sorted(coming, key=lambda each: each.starts_at)[:NEXT]
        ],
        "links": links,
    }


def _has_answers_to_keep() -> bool:
    try:
        return guests_intake(visitor(), now=now()) is not None
    except DomainError:
        return False
