"""Therapists made by the acts that therapists and verifiers use. Call inside `transaction()`."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import delete, select, text

from core.clock import now
from core.db import db
from core.money import Money
from notices.models import Notice
from payments.collection.choose import choose_way
from payments.collection.ways import Way
from tests.factories.accounts import a_person, an_account
from tests.factories.checks import pass_checks
from therapists.credentials import claim_credential, submit_credential
from therapists.executor import name_executor
from therapists.hours import set_hours
from therapists.models import Credential, Service, Therapist
from therapists.profile import become_therapist, edit_profile, profile_for_edit
from therapists.profile_models import ProfileReview
from therapists.publication import publish
from therapists.register_check import RegisterCheck
from therapists.services import add_service
from therapists.statements import set_concerns, set_formats, set_languages, set_modalities
from therapists.verification import record_check

EXPIRES_ON = date(2027, 10, 31)
WEEKDAYS = range(5)
_number = count(100_000)


def an_unverified_therapist(
    *,
    name: str = "Ash Example",
    email: str | None = None,
    country: str = "GB",
    zone: str = "Europe/London",
    units: Sequence[str] = ("individual",),
    age_bands: Sequence[str] = ("adult",),
    languages: Sequence[str] = ("en",),
    modalities: Sequence[str] = ("cbt",),
    core: Sequence[str] = ("depression",),
    hours: Sequence[tuple[int, int, int]] = tuple((day, 540, 1020) for day in WEEKDAYS),
    services: bool = True,
    executor: bool = True,
    collects: Way | None = "therapist_invoices",
    **facts: Any,
) -> Therapist:
    """A complete profile with an account: weekdays 9 to 17, a free consultation on request and an instant session of 50 minutes for GBP 60, both by video."""
    at = now()
    account = an_account(email=email, name=name, zone=zone)
    therapist = become_therapist(account.person_id, display_name=name, country=country, zone=zone, now=at)
    if collects:
        choose_way(account.person_id, collects, now=at)
    set_formats(therapist, units=units, age_bands=age_bands, access=[], locations=[], now=at)
    set_languages(therapist, [{"language": language, "level": "native"} for language in languages], now=at)
    set_modalities(therapist, modalities, now=at)
    set_concerns(therapist, core, [], now=at)
    set_hours(therapist, [{"weekday": day, "from_minute": start, "to_minute": end} for day, start, end in hours], now=at)
    if services:
        _add_service(therapist, unit=units[0])
        _add_service(therapist, kind="session", unit=units[0], minutes=50, fee=Money(6000, "GBP"), booking_mode="instant")
    if facts:
        edit_profile(therapist, facts, now=at)
    if executor:
        name_executor(therapist, name="Ellis Executor", email="ellis@colleague.example", agreed_on=at.date(), now=at)
    return therapist


def a_therapist(*, published: bool = True, expires_on: date = EXPIRES_ON, jurisdictions: Sequence[str] = ("GB",), **facts: Any) -> Therapist:
    """The same with a BACP registration that a verifier has checked, every other check, a profile that was read and approved, and published."""
    therapist = an_unverified_therapist(**facts)
    pass_checks(therapist)
    verify(a_claim(therapist), expires_on=expires_on, jurisdictions=jurisdictions)
    db.session.add(ProfileReview(therapist_id=therapist.person_id, approved_at=now()))
    therapist = profile_for_edit(therapist.person_id)
    return publish(therapist, now=now()) if published else therapist


def a_claim(
    therapist: Therapist, *, register: str = "bacp", credential_type: str = "mbacp", number: str | None = None, submitted: bool = True, **facts: Any
) -> Credential:
    """A claimed credential, submitted unless told otherwise."""
    credential = claim_credential(
        profile_for_edit(therapist.person_id),
        register=register,
        credential_type=credential_type,
        number=number or f"{next(_number)}",
        name_on_register=therapist.display_name,
        jurisdictions=facts.get("jurisdictions", []),
        now=now(),
    )
    return submit_credential(therapist, credential.public_id, now=now()) if submitted else credential


def a_check(credential: Credential, **facts: Any) -> RegisterCheck:
    """What a verifier reads when the register confirms the claim."""
    read: dict[str, Any] = {
        "register_address": "https://register.example/look-up",
        "number": credential.number,
        "status_text": "Registered",
        "name_found": credential.name_on_register,
        "decision": "active",
        "reason": "register_confirms",
        "expires_on": EXPIRES_ON,
        "jurisdictions": ("GB",),
        "claim_digest": credential.claim_digest,
        **facts,
    }
    return RegisterCheck(**{**read, "jurisdictions": tuple(read["jurisdictions"])})


def verify(credential: Credential, *, by: int | None = None, at: datetime | None = None, **facts: Any) -> Credential:
    """A verifier records a check of the credential; where it needs a second pair of eyes, another one does the same."""
    for verifier in (by or a_person(name="Vera Verifier").id, None):
        record = record_check(credential.public_id, a_check(credential, **facts), by=verifier or a_person(name="Vito Verifier").id, now=at or now())
        if record.took_effect:
            break
    _take_letters_back()
    return credential


def _take_letters_back() -> None:
    """What the stage was set with is no news: a test that reads the mails of decisions records the check by itself."""
    told = select(Notice.id).where(Notice.kind == "credential_decided")
    db.session.execute(
        text("DELETE FROM procrastinate_jobs WHERE task_name = 'notices.deliver' AND status = 'todo' AND CAST(args ->> 'notice_id' AS bigint) = ANY(:told)"),
        {"told": list(db.session.scalars(told))},
    )
    db.session.execute(delete(Notice).where(Notice.kind == "credential_decided"))


def a_service(therapist: Therapist, **offered: Any) -> Service:
    """A service of the therapist; a free consultation of 20 minutes by video on request unless told otherwise."""
    return _add_service(profile_for_edit(therapist.person_id), **offered)


def _add_service(
    whole: Therapist,
    *,
    kind: str = "consultation",
    unit: str = "individual",
    mode: str = "video",
    minutes: int = 20,
    fee: Money | None = None,
    booking_mode: str = "request",
    **terms: Any,
) -> Service:
    """The same for a profile that was just read whole: reading it takes fifteen statements."""
    offered = {"kind": kind, "unit": unit, "mode": mode, "minutes": minutes, "fee": fee or Money(0, "GBP"), "booking_mode": booking_mode, **terms}
    return add_service(whole, offered, now=now())
