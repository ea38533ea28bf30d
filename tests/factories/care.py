"""People of whom care knows enough to let them in. Call inside `transaction()`."""

from collections.abc import Collection

from accounts.models import Account
from care.attendance import record_attendance
from care.places import record_place
from core.clock import now
from tests.factories.accounts import a_person, an_account


def may_attend(person_id: int, *, place: str = "GB-ENG", zone: str = "Europe/London", age_band: str = "adult", needs: Collection[str] = ()) -> None:
    """State where the person is and how old they are."""
    record_place(person_id, place, zone=zone, source="intake", now=now())
    record_attendance(person_id, age_band=age_band, needs=needs, now=now())


def an_attendee(*, place: str = "GB-ENG", zone: str = "Europe/London", age_band: str = "adult", needs: Collection[str] = ()) -> int:
    """The id of a person, without an account, whom a therapist in Great Britain may treat."""
    person_id = a_person(zone=zone).id
    may_attend(person_id, place=place, zone=zone, age_band=age_band, needs=needs)
    return person_id


def a_client(*, place: str = "GB-ENG", zone: str = "Europe/London", email: str | None = None) -> Account:
    """The same with an account to sign in with."""
    account = an_account(email=email, zone=zone)
    may_attend(account.person_id, place=place, zone=zone)
    return account
