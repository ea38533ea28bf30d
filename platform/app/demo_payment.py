"""The part of the demonstration that pays: a therapist opens an account, one card is declined and another pays, a late cancellation costs its fee, both take
their receipts along, and a payout leaves.

Waiting for days is the one thing that cannot be shown: there the appointment is moved in the throwaway database, and the transcript says so.
"""

import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import psycopg

from app.demo_stage import Stage
from app.demo_words import API, ZONE, Broken, in_url, local, money, require, say, title
from app.visitor import Visitor

DECLINED, GOOD = "4000000000000002", "4242424242424242"
PATIENCE_SECONDS = 40.0
THOUGHT_OVER = "UPDATE bookings SET confirmed_at = confirmed_at - interval '1 hour' WHERE public_id = %s"
HELD_EARLIER = (
    "UPDATE bookings SET starts_at = starts_at - %s::interval, ends_at = ends_at - %s::interval WHERE public_id = %s",
    """UPDATE claims SET blocks_from = blocks_from - %s::interval, blocks_to = blocks_to - %s::interval
       FROM bookings WHERE bookings.id = claims.booking_id AND bookings.public_id = %s""",
)
DAYS_LATER = (
    "UPDATE payouts SET due_at = now() WHERE state = 'earned'",
    "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE task_name = 'payments.pay_out' AND status = 'todo'",
)


def pay(robin: Visitor, therapist: Visitor, stage: Stage) -> dict[str, Any]:
    """What the last line of the transcript says of money: the payment's words after each step, what went back, what was paid out."""
    service = _is_paid_by_card(therapist)
    late = _pay_for_session(robin, service)
    refunded = _cancel_late(robin, stage, late)
    held = _pay_for_session(robin, service)
    receipt = _take_receipts(robin, therapist, late)
    return {"paid": "paid", "receipt": receipt, "refunded": refunded, "paid_out": _pay_out(therapist, stage, held)}


def _is_paid_by_card(therapist: Visitor) -> str:
    title("The therapist chooses to be paid by card")
    path = f"{API}/therapist/collection"
    therapist.put(path, {"way": "online"})
    page = therapist.post(f"{path}/account", {"country": "GB"}).json["address"]
    _fill_in(page, {"outcome": "complete"}, expect=(303, 200))
    said = _until(lambda: therapist.get(path).json, lambda now: now["works_as"] == "online", "the account to be verified")
    say(f"On the processor's own pages they say who they are. News of it arrives, and they are paid {said['works_as']}.")
    session = next(each for each in therapist.get(f"{API}/therapist/services").json["items"] if each["kind"] == "session")
    terms = {"booking_mode": "instant", "cancel_free_hours": 168, "late_fee_percent": 50}
    therapist.ask("PATCH", f"{API}/therapist/services/{session['id']}", terms, expect=200)
    say(f"A session costs {money(session['fee'])}; whoever cancels late pays half of it.")
    return str(session["id"])


def _pay_for_session(robin: Visitor, service: str) -> dict[str, Any]:
    title("A session, held and paid by card")
    soon = datetime.now().astimezone()
    window = f"start={in_url(soon)}&end={in_url(soon + timedelta(days=14))}&zone={ZONE}"
    opening = robin.get(f"{API}/services/{service}/openings?{window}").json["items"][0]
    hold = robin.post(f"{API}/holds", {"service_id": service, "start": opening["start"]}, expect=201).json
    robin.post(f"{API}/holds/{hold['id']}/confirm", {}, expect=409)
    checkout = robin.post(f"{API}/holds/{hold['id']}/checkout").json
    say(f"{local(opening['start'])} is held until {local(checkout['held_until'])}. It costs {money(checkout['price'])} and counts once that is paid.")
    require(_fill_in(checkout["address"], {"number": DECLINED}, expect=(402,)) == 402, "the declined card was not declined")
    say("The first card is declined; the page says so, and the time stays held.")
    _fill_in(checkout["address"], {"number": GOOD}, expect=(303, 200))
    booked = _until(lambda: robin.get(f"{API}/bookings/{hold['id']}").json, lambda now: now["state"] == "confirmed", "the paid session to be confirmed")
    require(booked["payment"]["words"] == "paid", f"the payment is {booked['payment']['words']}")
    say(f"The second one pays {money(booked['payment']['paid'])}. The processor's news confirms the session: {booked['state']}.")
    return dict(booked)


def _cancel_late(robin: Visitor, stage: Stage, booking: dict[str, Any]) -> dict[str, Any]:
    title("Cancelled late, with the fee that was agreed to")
    _make_time_pass(stage, THOUGHT_OVER, booking["id"])
    say("(An hour passes: the half hour in which a new appointment can be thought over is gone.)")
    cancelled = robin.post(f"{API}/bookings/{booking['id']}/cancel", {"reason": "time"}).json
    returned: dict[str, Any] = cancelled["payment"]["returned"]
    require(returned["amount"] * 2 == booking["fee"]["amount"], f"{money(returned)} goes back")
    path = f"{API}/payments/{cancelled['payment']['id']}"
    paid_back = _until(lambda: robin.get(path).json, lambda now: [each["state"] for each in now["refunds"]] == ["succeeded"], "the refund to arrive")
    say(f"Half of it is the fee; {money(paid_back['returned'])} goes back to the card: {paid_back['refunds'][0]['state']}.")
    return returned


def _take_receipts(robin: Visitor, therapist: Visitor, booking: dict[str, Any]) -> str:
    """Both of them take the receipt along; its number without its letters, as the last line of the transcript says it."""
    title("The receipt, for the client and for the therapist")
    payment = booking["payment"]["id"]
    page = robin.get(f"/payments/{payment}/receipt").body.decode()
    number = page.partition("<dt>Number</dt><dd>")[2].partition("</dd>")[0]
    require("This is not a superbill" in page and "Given back to the card" in page, "the receipt does not say what it is, or what went back")
    for visitor, whose in ((robin, "client"), (therapist, "therapist")):
        file = visitor.get(f"{API}/payments/{payment}/receipt.pdf")
        require(file.body.startswith(b"%PDF-"), f"the {whose}'s receipt is no PDF")
        say(f"The {whose} saves {file.headers.get_filename()}, {len(file.body) // 1000} kB.")
    say(f"{number} names the therapist as the seller and shows what went back; our fee stands on the therapist's copy alone. It is not a superbill.")
    return number[:2]


def _pay_out(therapist: Visitor, stage: Stage, booking: dict[str, Any]) -> dict[str, Any]:
    title("The session takes place, and the therapist is paid")
    earlier = datetime.fromisoformat(booking["ends_at"]) - datetime.now().astimezone() + timedelta(hours=2)
    for statement in HELD_EARLIER:
        _make_time_pass(stage, statement, earlier, earlier, booking["id"])
    say("(The day comes, and two hours after the session:)")
    held = therapist.post(f"{API}/bookings/{booking['id']}/outcome", {"outcome": "took_place"}).json
    say(f"The therapist says that it took place: {held['state']}.")
    for statement in DAYS_LATER:
        _make_time_pass(stage, statement)
    say("(Days pass until both payouts are due, and nobody complains.)")
    path = f"{API}/therapist/payouts"
    sent = _until(lambda: therapist.get(path).json["items"], lambda now: len(now) > 1 and all(each["state"] == "sent" for each in now), "the payouts to leave")
    for each in sent:
        what = "the session" if each["reference"] == booking["id"] else "the late cancellation"
        say(f"{money(each['amount'])} leaves for the therapist's account, for {what}; our published fee is taken off.")
    since, until = datetime.now().astimezone() - timedelta(days=1), datetime.now().astimezone() + timedelta(days=1)
    statement = therapist.get(f"{API}/therapist/earnings/statement?since={in_url(since)}&until={in_url(until)}").body.decode()
    say("The therapist's statement, as a file:")
    for line in statement.splitlines():
        say(f"     {line}")
    return dict(next(each["amount"] for each in sent if each["reference"] == booking["id"]))


def _make_time_pass(stage: Stage, statement: str, *values: object) -> None:
    with psycopg.connect(stage.owner_url) as connection:
        connection.execute(statement.encode(), values)


def _fill_in(address: str, form: dict[str, str], *, expect: tuple[int, ...]) -> int:
    """Send the form of one of the processor's pages, as a browser would; where it leads afterwards is not followed."""
    request = urllib.request.Request(address, data=urllib.parse.urlencode(form).encode(), method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StaysHere())
    try:
        with opener.open(request, timeout=15) as answer:
            status = int(answer.status)
    except HTTPError as error:
        status = error.code
    if status not in expect:
        raise Broken(f"{address.partition('?')[0]} was answered with {status}")
    return status


class _StaysHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _until(read: Callable[[], Any], holds: Callable[[Any], bool], what: str) -> Any:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        now = read()
        if holds(now):
            return now
        time.sleep(0.3)
    raise Broken(f"waited in vain for {what}")
