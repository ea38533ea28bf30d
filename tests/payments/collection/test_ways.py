"""How a therapist is paid: neither way set up closes every door to new clients, and says so on the card."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.assembly import create_app  # noqa: F401  connects payments with therapists
from care.capacity import NotAccepting, require_places, takes_new_clients
from core.clock import now
from core.db import db, transaction
from payments.collection import choose
from payments.collection.models import ConnectedAccount
from payments.collection.ways import WAYS, Setup
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person
from tests.factories.therapists import a_therapist
from therapists import collects
from therapists.models import COLLECTS, Therapist

API = "/api/v1"


def connect(person_id: int, state: str = "enabled") -> ConnectedAccount:
    account = ConnectedAccount(person_id=person_id, country="GB", reference=f"acct_{person_id}", state=state, begun_at=now())
    db.session.add(account)
    db.session.flush()
    choose.tell_collection(person_id)
    return account


def test_what_is_chosen_here_is_what_a_profile_says() -> None:
    assert WAYS == COLLECTS == tuple(collects.WORDS)


@pytest.mark.parametrize(
    ("setup", "works_as", "needed"),
    [
        (Setup(None), None, "choose_a_way"),
        (Setup("therapist_invoices"), "therapist_invoices", None),
        (Setup("online"), None, "open_account"),
        (Setup("online", "begun"), None, "finish_account"),
        (Setup("online", "restricted"), None, "account_restricted"),
        (Setup("online", "enabled"), "online", None),
        (Setup("therapist_invoices", "restricted"), "therapist_invoices", None),
    ],
)
def test_online_works_only_on_a_verified_account(setup: Setup, works_as: str | None, needed: str | None) -> None:
    assert (setup.works_as, setup.still_needed) == (works_as, needed)


def test_neither_set_up_is_not_open_to_new_clients_first_talks_included(database: None, client: Callable[[], Browser]) -> None:
    with transaction():
        therapist, newcomer = a_therapist(collects=None, email="new@therapist.example"), a_person().id
        assert takes_new_clients([therapist.person_id]) == {therapist.person_id: False}
        with pytest.raises(NotAccepting):
            require_places(therapist.person_id, [newcomer])
        public_id = therapist.public_id
    page = client().get(f"{API}/therapists/{public_id}").json
    assert (page["accepting"], page["collection_words"]) == (False, None)
    assert [each["accepting"] for each in client().get(f"{API}/therapists").json["items"]] == [False]
    assert client().get(f"{API}/therapists?accepting=true").json["items"] == []

    own = client()
    own.sign_in("new@therapist.example", PASSWORD)
    assert own.get(f"{API}/therapist/collection").json == {"way": None, "works_as": None, "still_needed": "choose_a_way"}
    assert own.put(f"{API}/therapist/collection", json={"way": "cash"}).status_code == 422
    assert own.put(f"{API}/therapist/collection", json={"way": "online"}).json == {"way": "online", "works_as": None, "still_needed": "open_account"}
    assert client().get(f"{API}/therapists/{public_id}").json["accepting"] is False
    chosen = own.put(f"{API}/therapist/collection", json={"way": "therapist_invoices"}).json
    assert chosen == {"way": "therapist_invoices", "works_as": "therapist_invoices", "still_needed": None}
    page = client().get(f"{API}/therapists/{public_id}").json
    assert (page["accepting"], page["collection_words"]) == (True, collects.WORDS["therapist_invoices"])
    [card] = client().get(f"{API}/therapists?accepting=true").json["items"]
    assert card["collection_words"] == collects.WORDS["therapist_invoices"]


def test_R44_an_account_that_is_not_verified_refuses_before_any_charge(app: Flask, database: None) -> None:
    with transaction():
        therapist_id = a_therapist(collects="online").person_id
        with pytest.raises(choose.PayeeNotReady):
            choose.require_online(therapist_id)
        account = connect(therapist_id)
        assert choose.require_online(therapist_id).reference == f"acct_{therapist_id}"
        assert db.session.get_one(Therapist, therapist_id, populate_existing=True).collects == "online"
        account.state = "restricted"
        db.session.flush()
        choose.tell_collection(therapist_id)
        with pytest.raises(choose.PayeeNotReady):
            choose.require_online(therapist_id)
        assert not takes_new_clients([therapist_id])[therapist_id]
        other = a_therapist(collects="therapist_invoices").person_id
        with pytest.raises(choose.PayeeNotReady):
            choose.require_online(other)
