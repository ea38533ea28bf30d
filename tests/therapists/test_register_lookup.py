"""A register with an interface is asked over real HTTP; what it answers is shown to the verifier and decides nothing."""

import json
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.roles import grant_role
from app.privileges import APPEND_ONLY
from core.clock import FixedClock, now
from core.db import db, transaction
from core.outside import NoAnswer, get
from desk.models import Case
from tests.browser import Browser
from tests.conftest import run_due
from tests.factories.accounts import PASSWORD, an_account
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist
from tests.fakes.npi_stub import NpiStub, an_entry, npi_stub
from therapists.lookup_models import RegisterLookup
from therapists.models import Credential
from therapists.npi_answer import answer_in
from therapists.npi_registry import NpiRegistry
from therapists.register_answers import Found, NotFound, Unavailable

NUMBER = "1234567893"
NewBrowser = Callable[[], Browser]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def registry(app: Flask) -> Iterator[NpiStub]:
    with npi_stub() as stub:
        before = app.config["NPI_REGISTRY_URL"]
        app.config["NPI_REGISTRY_URL"] = stub.address
        yield stub
        app.config["NPI_REGISTRY_URL"] = before


def said(*entries: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({"result_count": len(entries), "results": list(entries)} | changes).encode()


def test_an_entry_is_read_with_its_names_codes_and_status(registry: NpiStub) -> None:
    registry.entries[NUMBER] = an_entry(NUMBER, other_names=[{"first_name": "Ash", "last_name": "Before", "type": "Former Name"}])
    found = NpiRegistry(registry.address).look_up(NUMBER, "Ash Example")
    assert found == Found(
        status="Active",
        names=("ASH EXAMPLE", "Ash Before"),
        credential_types=("103T00000X Psychologist (CA PSY12345)",),
        expires_on=None,
        restrictions=(),
        source=f"{registry.address}?version=2.1&number={NUMBER}",
    )
    assert registry.asked == [f"/api/?version=2.1&number={NUMBER}"], "the name is told to nobody"
    assert isinstance(NpiRegistry(registry.address).look_up("1993999998", ""), NotFound)


@pytest.mark.parametrize(
    ("changes", "alarm"),
    [
        ({"basic": {"first_name": "Ash", "last_name": "Example", "status": "D"}}, "deactivated"),
        ({"enumeration_type": "NPI-2", "basic": {"organization_name": "Example Group", "status": "A"}}, "organisation"),
        ({"taxonomies": [{"code": "207X00000X", "desc": "Orthopaedic Surgery"}]}, "no_mental_health_code"),
        ({"taxonomies": []}, "no_mental_health_code"),
    ],
    ids=["deactivated", "organisation", "other-trade", "no-code"],
)
def test_what_speaks_against_an_entry_is_an_alarm(changes: dict[str, Any], alarm: str) -> None:
    found = answer_in({"result_count": 1, "results": [an_entry(NUMBER, **changes)]}, number=NUMBER, source="")
    assert isinstance(found, Found)
    assert found.alarms == (alarm,)


NO_ANSWERS: dict[str, tuple[tuple[int, dict[str, str], bytes], str]] = {
    "500": ((500, JSON, said(an_entry(NUMBER))), "failing"),
    "503": ((503, {}, b""), "failing"),
    "404": ((404, {}, b""), "refused"),
    "429": ((429, {"Retry-After": "60"}, b""), "throttled"),
    "redirect": ((302, {"Location": "http://127.0.0.1:1/"}, said(an_entry(NUMBER))), "moved"),
    "html": ((200, {"Content-Type": "text/html"}, b"<html>Maintenance</html>"), "not_json"),
    "cut-json": ((200, JSON, said(an_entry(NUMBER))[:-5]), "not_json"),
    "not-utf8": ((200, JSON, b'{"a": "\xff\xfe"}'), "not_json"),
    "nested": ((200, JSON, b"[" * 100_000), "not_json"),
    "empty": ((200, JSON, b""), "not_json"),
    "short": ((200, JSON | {"Content-Length": "9000"}, said(an_entry(NUMBER))), "not_reached"),
    "errors": ((200, JSON, b'{"Errors": [{"description": "Field number must be 10 digits", "field": "number", "number": "06"}]}'), "wrong_shape"),
    "null": ((200, JSON, b"null"), "wrong_shape"),
    "list": ((200, JSON, b"[]"), "wrong_shape"),
    "no-results": ((200, JSON, b'{"result_count": 1}'), "wrong_shape"),
    "count-lies": ((200, JSON, said(an_entry(NUMBER), result_count=0)), "wrong_shape"),
    "two": ((200, JSON, said(an_entry(NUMBER), an_entry(NUMBER))), "wrong_shape"),
    "another": ((200, JSON, said(an_entry("1993999998"))), "wrong_shape"),
    "no-status": ((200, JSON, said(an_entry(NUMBER, basic={"first_name": "Ash", "last_name": "Example"}))), "wrong_shape"),
    "no-name": ((200, JSON, said(an_entry(NUMBER, basic={"status": "A"}))), "wrong_shape"),
    "status-true": ((200, JSON, said(an_entry(NUMBER, basic={"first_name": "A", "status": True}))), "wrong_shape"),
    "too-large": ((200, JSON, b" " * 600_000), "too_large"),
}


@pytest.mark.parametrize("case", NO_ANSWERS)
def test_whatever_is_not_plainly_an_answer_is_unavailable_and_never_fine(case: str, registry: NpiStub) -> None:
    registry.entries[NUMBER] = an_entry(NUMBER)
    registry.instead, reason = NO_ANSWERS[case]
    answer = NpiRegistry(registry.address).look_up(NUMBER, "Ash Example")
    assert answer == Unavailable(reason, f"{registry.address}?version=2.1&number={NUMBER}")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "status", "first_name", "number", "desc"]), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["number", "enumeration_type", "basic", "taxonomies", "other_names"])


@given(KEYS, JSON_VALUES)
def test_an_entry_with_anything_in_it_is_read_or_unavailable_and_never_fails(key: str, value: Any) -> None:
    answer = answer_in({"result_count": 1, "results": [an_entry(NUMBER) | {key: value}]}, number=NUMBER, source="")
    assert isinstance(answer, Unavailable) or (isinstance(answer, Found) and answer.names and answer.status)


def test_silence_a_closed_door_and_an_endless_drip_end_in_time(registry: NpiStub) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(NoAnswer, match="timeout"):
            get(f"http://127.0.0.1:{silent.getsockname()[1]}/", accept="*/*", read_seconds=0.1)
        port = silent.getsockname()[1]
    with pytest.raises(NoAnswer, match="not_reached"):
        get(f"http://127.0.0.1:{port}/", accept="*/*")
    registry.drips, registry.instead = True, (200, JSON, b"{")
    with pytest.raises(NoAnswer, match="timeout"):
        get(registry.address, accept="*/*", read_seconds=0.2)


def test_nobody_is_asked_inside_a_transaction(registry: NpiStub, database: None) -> None:
    with transaction(), pytest.raises(RuntimeError, match="outside"):
        NpiRegistry(registry.address).look_up(NUMBER, "")
    assert registry.asked == []


@pytest.fixture
def vera(client: NewBrowser) -> Browser:
    with transaction():
        an_account(email="vera@example.org", roles=("verifier",))
    browser = client()
    browser.sign_in("vera@example.org", PASSWORD)
    return browser


def an_npi(number: str = NUMBER, **facts: Any) -> Credential:
    return a_claim(an_unverified_therapist(**facts), register="npi", credential_type="", number=number)


def lookups(credential: Credential) -> str:
    return f"/api/v1/verification/credentials/{credential.public_id}/lookups"


def priority_of(credential: Credential) -> str:
    db.session.expire_all()
    return db.session.scalars(select(Case.priority).where(Case.subject_id == str(credential.public_id), Case.state != "closed")).one()


def test_a_verifier_has_the_register_asked_and_reads_the_answer_beside_the_case(registry: NpiStub, vera: Browser, clock: FixedClock) -> None:
    registry.entries[NUMBER] = an_entry(NUMBER)
    with transaction():
        therapist = an_unverified_therapist()
        credential = a_claim(therapist, register="npi", credential_type="", number=NUMBER)
        licence = a_claim(therapist, register="us_state_board", credential_type="psychologist", number="PSY1", jurisdictions=["US-CA"])
    asked = vera.post(lookups(credential))
    assert (asked.status_code, registry.asked) == (202, []), "the request itself speaks to nobody outside"
    run_due(clock)
    answer = vera.get(lookups(credential)).json["items"][0]
    assert (answer["answer"], answer["status_text"], answer["name_likeness"], answer["alarms"]) == ("found", "Active", 100, [])
    assert answer["credential_types"] == ["103T00000X Psychologist (CA PSY12345)"]
    assert vera.get(lookups(licence)).json["items"] == [answer], "identity stands beside the licence's case as well"
    db.session.expire_all()
    assert (credential.state, credential.checked_at, licence.state) == ("submitted", None, "submitted")
    assert priority_of(credential) == "normal"
    refused = vera.post(lookups(licence))
    assert (refused.status_code, refused.json["code"]) == (409, "no_interface")


@pytest.mark.parametrize(
    ("entry", "alarms"),
    [
        (an_entry(NUMBER, basic={"first_name": "Ash", "last_name": "Example", "status": "D"}), ["deactivated"]),
        (an_entry(NUMBER, basic={"first_name": "Kim", "last_name": "Sample", "status": "A"}), ["name_differs"]),
        (None, ["not_found"]),
    ],
    ids=["deactivated", "another-name", "not-found"],
)
def test_an_alarm_presses_the_case_and_decides_nothing(
    registry: NpiStub, vera: Browser, clock: FixedClock, entry: dict[str, Any] | None, alarms: list[str]
) -> None:
    if entry is not None:
        registry.entries[NUMBER] = entry
    with transaction():
        credential = an_npi()
    vera.post(lookups(credential))
    run_due(clock)
    assert [each["alarms"] for each in vera.get(lookups(credential)).json["items"]] == [alarms]
    assert priority_of(credential) == "high"
    assert db.session.scalars(select(Credential.state)).all() == ["submitted"]


def test_a_register_that_cannot_be_asked_is_shown_so_asked_again_with_pauses_and_advances_nothing(registry: NpiStub, vera: Browser, clock: FixedClock) -> None:
    registry.entries[NUMBER], registry.instead = an_entry(NUMBER), (503, {}, b"")
    with transaction():
        credential = an_npi()
    vera.post(lookups(credential))
    pauses = []
    for _ in range(3):
        began = now()
        run_due(clock)
        latest = vera.get(lookups(credential)).json["items"][0]
        assert (latest["answer"], latest["reason"], latest["status_text"], latest["name_likeness"]) == ("unavailable", "failing", "", None)
        row = db.session.scalars(select(RegisterLookup).order_by(RegisterLookup.id.desc()).limit(1)).one()
        assert row.asks_again_at is not None
        pauses.append(row.asks_again_at - began)
        clock.advance(seconds=row.asks_again_at.timestamp() - began.timestamp())
    assert pauses == [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)]
    db.session.expire_all()
    assert (credential.state, credential.checked_at, priority_of(credential)) == ("submitted", None, "normal")
    registry.instead = None
    run_due(clock)
    vera.sign_in("vera@example.org", PASSWORD)
    items = vera.get(lookups(credential)).json["items"]
    assert [(each["attempt"], each["answer"]) for each in items] == [(4, "found"), (3, "unavailable"), (2, "unavailable"), (1, "unavailable")]
    clock.advance(days=1)
    assert run_due(clock) == [], "an answer ends the asking"
    vera.sign_in("vera@example.org", PASSWORD)
    first = vera.get(f"{lookups(credential)}?limit=3").json
    rest = vera.get(f"{lookups(credential)}?limit=3&cursor={first['next']}").json
    assert [each["attempt"] for each in (*first["items"], *rest["items"])] == [4, 3, 2, 1]
    assert vera.get(f"{lookups(credential)}?cursor=x").status_code == 422


def test_it_is_not_asked_for_ever(registry: NpiStub, vera: Browser, clock: FixedClock) -> None:
    registry.instead = (503, {}, b"")
    with transaction():
        credential = an_npi()
    vera.post(lookups(credential))
    for _ in range(9):
        run_due(clock)
        clock.advance(days=1)
    assert len(registry.asked) == 5


def test_a_claim_taken_back_is_not_asked_about(registry: NpiStub, vera: Browser, clock: FixedClock) -> None:
    with transaction():
        credential = an_npi()
    vera.post(lookups(credential))
    with transaction():
        db.session.get_one(Credential, credential.id).state = "withdrawn"
    run_due(clock)
    assert registry.asked == []


def test_asking_is_throttled_and_ones_own_entry_is_not_asked_about(registry: NpiStub, vera: Browser, client: NewBrowser, clock: FixedClock) -> None:
    with transaction():
        credential = an_npi()
        own = an_npi("1993999998", email="both@example.org")
        grant_role(own.therapist_id, "verifier", now=now())
    assert [vera.post(lookups(credential)).status_code for _ in range(6)] == [202] * 5 + [429]
    both = client()
    both.sign_in("both@example.org", PASSWORD)
    for call in (both.post, both.get):
        answer = call(lookups(own))
        assert (answer.status_code, answer.json["code"]) == (403, "self_approval")


def test_looking_up_does_not_stop_the_clock_of_our_own_look(registry: NpiStub, vera: Browser, clock: FixedClock) -> None:
    registry.entries[NUMBER] = an_entry(NUMBER)
    with transaction():
        therapist = a_therapist(published=False)
        npi = a_claim(therapist, register="npi", credential_type="", number=NUMBER)
        before = [(each.id, each.checked_at, each.decided_at, each.state) for each in db.session.scalars(select(Credential).order_by(Credential.id))]
    clock.advance(days=10)
    vera.post(lookups(npi))
    run_due(clock)
    db.session.expire_all()
    assert [(each.id, each.checked_at, each.decided_at, each.state) for each in db.session.scalars(select(Credential).order_by(Credential.id))] == before


def test_rows_of_lookups_are_only_added(database: None) -> None:
    assert APPEND_ONLY["register_lookups"] == ()
    with pytest.raises(Exception, match="permission denied"), transaction():
        db.session.execute(RegisterLookup.__table__.update().values(answer="found"))
    assert db.session.scalar(select(func.count()).select_from(RegisterLookup)) == 0
