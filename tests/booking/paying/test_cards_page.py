"""What a client sees of kept cards and of receipts on pages."""

import re

from tests.booking.paying.conftest import Till
from tests.booking.paying.weekly import booked, go_to, letters


def test_kept_cards_say_for_whom_they_are_and_are_taken_away_on_a_page(weekly: Till) -> None:
    client = weekly.practice.client
    assert "No card is kept" in client.get("/payments/cards").text
    booked(weekly)
    page = client.get("/payments/cards").text
    assert "Visa ending in 4242, for Alex Rivers" in page
    listed = client.get("/api/v1/cards").get_json()["items"]
    assert [each["therapist_name"] for each in listed] == ["Alex Rivers"]
    assert weekly.practice.another_client().post("/payments/cards", data={"card": listed[0]["id"]}).status_code == 404
    assert client.post("/payments/cards", data={"card": "x"}).status_code == 422
    assert "charged no more" in client.post("/payments/cards", data={"card": listed[0]["id"]}).text
    assert client.get("/api/v1/cards").get_json()["items"] == []
    go_to(weekly, 1, hours_before=48)
    assert len(letters(weekly, "Your appointment is not paid yet")) == 1


def test_each_line_of_a_statement_leads_to_its_receipt(till: Till) -> None:
    till.paid_booking()
    for visitor, side in ((till.practice.client, "payer"), (till.practice.therapist, "payee")):
        page = visitor.get(f"/payments/statement?side={side}").text
        link = re.search(r'href="(/payments/[0-9a-f-]+/receipt)"', page)
        assert link is not None
        receipt = visitor.get(link[1])
        assert receipt.status_code == 200
        assert "Alex Rivers" in receipt.text
