"""Statements: what is brought forward, what moved, what is carried forward; and the books as a file."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from core.db import transaction
from payments.ledger import rules
from payments.ledger.post import post
from tests.booking.practice import signed_in, utc
from tests.browser import Browser
from tests.factories.accounts import an_account

EARNINGS, BOOKS = "/api/v1/therapist/earnings", "/api/v1/staff/books"
START = utc("2026-11-02T09:00")


def a_therapist_with_books() -> int:
    with transaction():
        person_id = an_account(roles=("client", "therapist")).person_id
        other = an_account(roles=("client", "therapist")).person_id
        post(rules.captured(person_id, 6000, 600, "GBP"), once="a", now=START)
        post(rules.captured(other, 9000, 900, "GBP"), once="b", now=START)
        post(rules.transferred(person_id, 5400, "GBP"), once="c", now=START + timedelta(days=3))
        post(rules.captured(person_id, 5000, 500, "JPY"), once="d", now=START + timedelta(days=4))
        post(rules.owed(other, person_id, 3000, "GBP"), once="e", now=START + timedelta(days=4))
    return person_id


def lines(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content)))


def test_a_statement_begins_with_what_was_and_ends_with_what_is(client: Callable[[], Browser]) -> None:
    therapist = signed_in(client, a_therapist_with_books())
    answer = therapist.get(f"{EARNINGS}/statement?since=2026-11-03T00:00:00Z&until=2026-12-01T00:00:00Z")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statement.csv"'
    assert lines(answer.text) == [
        ["at", "kind", "reference", "in", "out", "currency"],
        ["", "brought_forward", "", "54.00", "0.00", "GBP"],
        ["2026-11-05T09:00:00Z", "transferred", "", "0.00", "54.00", "GBP"],
        ["2026-11-06T09:00:00Z", "captured", "", "4500", "0", "JPY"],
        ["2026-11-06T09:00:00Z", "owed", "", "30.00", "0.00", "GBP"],
        ["", "carried_forward", "", "30.00", "0.00", "GBP"],
        ["", "carried_forward", "", "4500", "0", "JPY"],
    ]
    assert therapist.get(EARNINGS).get_json() == {"owed": [{"amount": 3000, "currency": "GBP"}, {"amount": 4500, "currency": "JPY"}]}


def test_a_time_that_is_backwards_or_endless_is_refused(client: Callable[[], Browser]) -> None:
    therapist = signed_in(client, a_therapist_with_books())
    for since, until in (("2026-11-03T00:00:00Z", "2026-11-03T00:00:00Z"), ("2024-11-03T00:00:00Z", "2026-11-03T00:00:00Z")):
        assert "until" in therapist.get(f"{EARNINGS}/statement?since={since}&until={until}").get_json()["errors"]


def test_the_books_add_up_to_zero_and_are_for_the_operator_alone(client: Callable[[], Browser]) -> None:
    person_id = a_therapist_with_books()
    with transaction():
        admin = an_account(roles=("client", "admin")).person_id
    desk = signed_in(client, admin)
    items = desk.get(f"{BOOKS}/balances").get_json()["items"]
    assert {each["account"]: each["amount"] for each in items if each["currency"] == "GBP"} == {
        "balance": 9600,
        "receivable": 3000,
        "therapist": -11100,
        "platform": -1500,
    }
    assert all(sum(each["amount"] for each in items if each["currency"] == currency) == 0 for currency in ("GBP", "JPY"))
    path = f"{BOOKS}/file?since=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z"
    assert lines(desk.get(path).text)[1] == ["2026-11-02T09:00:00Z", "captured", "", "balance", "therapist", "54.00", "GBP"]
    assert len(lines(desk.get(path).text)) == 9
    therapist = signed_in(client, person_id)
    assert [therapist.get(f"{BOOKS}/balances").status_code, therapist.get(path).status_code] == [403, 403]
    assert desk.get(EARNINGS).status_code == 403
