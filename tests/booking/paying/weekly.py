"""A weekly series of sessions that are paid by card, and what its tests do with it: hold, pay, go to a date, let the sweep run."""

from typing import Any

from core import jobs
from tests.booking.paying.conftest import GOOD, Till
from tests.booking.practice import utc
from tests.fakes.outbox import text_of

WEEKS = ["2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14"]
NINE = "T09:00:00Z"
# Saved without a question, and declined whenever it is charged without its holder.
DECLINED_LATER = "4000000000000341"
PRICE = 6000


def body(till: Till, count: int = 4, **more: Any) -> dict[str, Any]:
    return {"service_id": till.practice.service, "start": WEEKS[0] + NINE, "count": count, **more}


def hold(till: Till, count: int = 4, **more: Any) -> dict[str, Any]:
    answer = till.practice.client.post("/api/v1/series/holds", json=body(till, count, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def check_out(till: Till, series: dict[str, Any]) -> dict[str, Any]:
    answer = till.practice.client.post(f"/api/v1/series/{series['id']}/checkout")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def booked(till: Till, card: str = GOOD, count: int = 4) -> list[str]:
    """The ids of the dates of a series whose first date was paid with this card."""
    series = hold(till, count)
    till.pay(check_out(till, series)["payment_id"], card)
    till.news()
    return [str(each["id"]) for each in series["dates"]]


def go_to(till: Till, week: int, *, hours_before: float) -> None:
    """It is so many hours before the start of that date, and the sweep has run."""
    till.at(utc(f"{WEEKS[week]}T09:00"), hours=-hours_before)
    sweep(till)


def sweep(till: Till) -> None:
    till.sandbox.advance(0)
    jobs.registry["booking.charge_due"].run()
    till.work()
    till.news()


def charged_for(till: Till, booking: str) -> tuple[str, int]:
    shown = till.read(booking)
    return shown["charge"]["state"] if shown["charge"] else shown["state"], shown["payment"]["paid"]["amount"] if shown["payment"] else 0


def letters(till: Till, subject: str) -> list[str]:
    """The texts of those that were handed over."""
    return [text_of(message) for message in till.outbox.sent if message["Subject"] == subject]


NOT_PAID, STILL_NOT, PAUSED = "Your appointment is not paid yet", "Your appointment is still not paid", "About your series of appointments"


def make_unpaid(till: Till, week: int) -> None:
    for hours in (48, 24, 12):
        go_to(till, week, hours_before=hours)
