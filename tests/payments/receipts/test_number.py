"""A receipt's number is the same each time, and tells nothing of how many there are."""

import re
import uuid

from payments.receipts.number import LETTERS, receipt_number


def test_a_payment_has_one_number() -> None:
    payment = uuid.uuid4()
    assert receipt_number(payment) == receipt_number(uuid.UUID(str(payment)))
    assert re.fullmatch(rf"R-[{LETTERS}]{{4}}-[{LETTERS}]{{4}}-[{LETTERS}]{{4}}", receipt_number(payment))


def test_ten_thousand_payments_have_ten_thousand_numbers_in_no_order() -> None:
    numbers = [receipt_number(uuid.uuid4()) for _ in range(10_000)]
    assert len(set(numbers)) == len(numbers)
    assert numbers != sorted(numbers)
    assert {number[2] for number in numbers} == set(LETTERS)
