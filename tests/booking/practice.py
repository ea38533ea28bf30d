"""Therapists who can be booked and clients who can book, on the real database. Call inside `transaction()`."""

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count

from accounts.identity import token_of
from accounts.models import Account
from accounts.roles import roles_of
from accounts.sessions import start_session
from care.attendance import record_attendance
from care.places import record_place
from core.clock import now
from core.db import db, transaction
from tests.booking.moments import spans
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import an_account
from tests.factories.checks import pass_checks
from therapists.models import Credential, Service, SpokenLanguage, Therapist
from therapists.schedule_models import HoursOverride, TherapistSchedule, WorkingHours

UK = ["GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"]
_number = count(1)


def a_therapist(
    *,
    zone: str = "Europe/London",
    hours: str = "09:00-17:00",
    weekdays: str = "01234",
    register: tuple[str, str] = ("hcpc", "practitioner_psychologist"),
    jurisdictions: Iterable[str] = UK,
    answer_within_hours: int = 48,
    places: int | None = None,
    name: str = "Alex Rivers",
) -> Therapist:
    """Published, verified for the United Kingdom, working on weekdays."""
    account = an_account(roles=("client", "therapist"), name=name, zone=zone)
    at = now()
    therapist = Therapist(
        person_id=account.person_id,
        public_id=uuid.uuid4(),
        display_name=name,
        country="GB",
        zone=zone,
        published_at=at - timedelta(days=30),
        accepting=True,
        accepting_said_at=at,
        collects="therapist_invoices",
        places=places,
        answer_within_hours=answer_within_hours,
        units=["individual"],
        age_bands=["adult"],
        created_at=at,
        changed_at=at,
    )
    therapist.schedules = [TherapistSchedule(name="Working hours", is_default=True, hours=_hours(weekdays, hours))]
    db.session.add(therapist)
    db.session.flush()
    db.session.add(SpokenLanguage(therapist_id=therapist.person_id, language="en", level="native"))
    db.session.add(_credential(therapist.person_id, register, list(jurisdictions)))
    db.session.flush()
    pass_checks(therapist)
    return therapist


def _hours(weekdays: str, hours: str) -> list[WorkingHours]:
    return [WorkingHours(weekday=int(day), from_minute=start, to_minute=end) for day in weekdays for start, end in spans(hours)]


def _credential(therapist_id: int, register: tuple[str, str], jurisdictions: list[str]) -> Credential:
    at = now()
    return Credential(
        public_id=uuid.uuid4(),
        therapist_id=therapist_id,
        register=register[0],
        credential_type=register[1],
        number=f"N{next(_number):05}",
        name_on_register="Alex Rivers",
        jurisdictions=jurisdictions,
        state="active",
        checked_at=at - timedelta(days=10),
        decided_at=at - timedelta(days=10),
        expires_on=date(2030, 12, 31),
        submitted_at=at - timedelta(days=11),
        created_at=at - timedelta(days=12),
    )


def override(therapist: Therapist, day: date, hours: str) -> None:
    """Other hours on one date; an empty text is no work at all."""
    for start, end in spans(hours) or ((None, None),):
        db.session.add(HoursOverride(schedule_id=therapist.default_schedule.id, day=day, from_minute=start, to_minute=end))
    db.session.flush()


def a_service(therapist: Therapist, *, kind: str = "session", minutes: int = 50, instant: bool = True, fee: int = 6000, **terms: object) -> Service:
    """A session of 50 minutes by video, booked at once, without notice or buffers unless told otherwise."""
    stated: dict[str, object] = {"lead_minutes": 0, "unit": "individual", "mode": "video", "step_minutes": 60} | terms
    service = Service(
        public_id=uuid.uuid4(),
        therapist_id=therapist.person_id,
        kind=kind,
        minutes=minutes,
        fee_amount=fee,
        fee_currency="GBP",
        booking_mode="instant" if instant else "request",
        **stated,
    )
    db.session.add(service)
    db.session.flush()
    db.session.refresh(service)
    return service


def a_consultation(therapist: Therapist, **terms: object) -> Service:
    """Free, 20 minutes, on request."""
    stated: dict[str, object] = {"minutes": 20, "instant": False, "step_minutes": 30} | terms
    return a_service(therapist, kind="consultation", fee=0, **stated)  # type: ignore[arg-type]


def a_client(*, place: str | None = "GB-ENG", zone: str = "Europe/London", name: str = "Sam Field", confirmed: bool = True) -> Account:
    """An adult in England with a confirmed address."""
    account = an_account(name=name, zone=zone, confirmed=confirmed)
    if place:
        record_place(account.person_id, place, zone=zone, source="profile", now=now())
    record_attendance(account.person_id, age_band="adult", needs=[], now=now())
    return account


def signed_in(client: Callable[[], Browser], person_id: int) -> Browser:
    """A browser that holds a session of this person; no password is hashed for it."""
    with transaction():
        _, reference = start_session(person_id, roles=roles_of(person_id), now=now())
    browser = client()
    with browser.session_transaction(base_url=BASE_URL) as cookie:
        cookie["_user_id"], cookie["_fresh"] = reference, True
    browser.csrf_token = token_of(reference)
    return browser


def utc(text: str) -> datetime:
    """The instant of ``2026-11-23T09:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
