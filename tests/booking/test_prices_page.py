"""A therapist's page of prices: another fee is announced, a pack offered, a code made, and each of them stopped; refusals keep what was filled in."""

import re

from tests.booking.conftest import practice
from tests.booking.paying.conftest import Till, till

__all__ = ("practice", "till")  # fixtures
PAGE = "/my-practice/prices"


def listed(till: Till, what: str) -> list[dict[str, object]]:
    return list(till.practice.therapist.get(f"/api/v1/therapist/{what}").get_json()["items"])


def press(till: Till, **form: str) -> int:
    return till.practice.therapist.post(PAGE, data=form).status_code


def test_another_fee_is_announced_and_taken_back(till: Till) -> None:
    form = {"act": "fee", "service_id": till.practice.service, "concession": "", "amount": "70,50", "from": "2027-01-04"}
    assert PAGE in till.practice.therapist.get("/my-practice").text
    soon = till.practice.therapist.post(PAGE, data=form | {"from": "2026-12-01"})
    assert (soon.status_code, 'value="70,50"' in soon.text, "30 days" in soon.text) == (422, True, True)
    for wrong in ({"amount": "x"}, {"amount": "9" * 3000}, {"service_id": "x"}, {"from": "soon"}, {"from": "9999-12-31"}, {"act": "x"}):
        assert press(till, **form | wrong) == 422, wrong
    assert press(till, **form) == 303
    change = listed(till, "fee-changes")[0]
    assert (change["new_fee"], change["takes_effect_at"]) == ({"amount": 7050, "currency": "GBP"}, "2027-01-04T00:00:00Z")
    assert "GBP 60.00, from Monday 4 January 2027 GBP 70.50" in till.practice.therapist.get(PAGE).text
    assert press(till, **form) == 409
    assert press(till, act="withdraw", id=str(change["id"])) == 303
    assert "70.50" not in till.practice.therapist.get(PAGE).text


def test_a_pack_is_offered_and_stopped(till: Till) -> None:
    form = {"act": "pack", "service_id": till.practice.service, "sessions": "5", "amount": "250"}
    dear = till.practice.therapist.post(PAGE, data=form | {"amount": "301"})
    assert (dear.status_code, 'value="301"' in dear.text) == (422, True)
    assert press(till, **form) == 303
    assert f"/packs/{till.practice.service}" in till.practice.therapist.get(PAGE).text
    assert "5 sessions of 50 minutes" in till.practice.client.get(f"/packs/{till.practice.service}").text
    assert press(till, act="stop_pack", id=str(listed(till, "packs")[0]["id"])) == 303
    assert "Not on sale any more" in till.practice.therapist.get(PAGE).text
    assert press(till, act="stop_pack", id="x") == 422


def test_a_code_is_made_shown_once_and_stopped(till: Till) -> None:
    form = {"act": "code", "amount": "20 %", "what": "percent", "service_id": till.practice.service, "until": "2026-12-31", "first_only": "yes"}
    assert press(till, **form | {"amount": "120"}) == 422
    made = till.practice.therapist.post(PAGE, data=form)
    code = re.search(r"The code is <strong>([^<]+)</strong>", made.text)
    assert code is not None
    assert code[1] not in till.practice.therapist.get(PAGE).text
    assert "20 % off, first session only, until Thursday 31 December 2026" in till.practice.therapist.get(PAGE).text
    booking = till.hold()
    assert "GBP 48.00" in till.practice.client.post(f"/appointment/price/{booking}", data={"press": "price", "code": code[1]}).text
    shown = listed(till, "discount-codes")[0]
    assert (shown["percent"], shown["holds_until"]) == (20, "2027-01-01T00:00:00Z")
    assert press(till, act="stop_code", id=str(shown["id"])) == 303
    assert press(till, **form | {"what": "amount", "amount": "5"}) == 200
    assert listed(till, "discount-codes")[0]["off"] == {"amount": 500, "currency": "GBP"}
    assert till.practice.client.get(PAGE).status_code == 403
