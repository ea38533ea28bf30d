"""What a client takes along: everything of theirs, nothing of anybody else; and no table that holds people is forgotten."""

import json
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update

from accounts import erase
from accounts.consent import current_text, give_consent
from accounts.models import Person
from accounts.people import account_of, require_account
from accounts.roles import revoke_role
from app.own_data import PARTS
from care.models import SafetyPause
from core.audit import AuditEntry
from core.clock import now
from core.db import PERSON_LOCKS, Base, db, transaction
from desk.models import Case, SafetyDeskMember
from matching.models import Intake
from notices.models import Notice
from payments.erase import money_moving
from payments.ledger.post import booked_balances
from payments.models import Payment, SavedCard
from payments.refunds.request import refund_part
from tests.booking.conftest import Practice, practice
from tests.booking.paying.conftest import Till, till
from tests.booking.paying.test_packs import buy, on_sale
from tests.booking.paying.test_price import a_code, chosen
from tests.booking.paying.test_series_paid import booked
from tests.booking.practice import signed_in
from tests.browser import Browser
from tests.factories.accounts import PASSWORD
from tests.factories.desk import a_case, at_the_safety_desk
from therapists.models import Service

__all__ = ["practice", "till"]
PATH = "/api/v1/me/data"
THERAPIST = "Alex Rivers"


@pytest.fixture
def full(till: Till) -> Till:
    """A client with something in nearly every part, and another client beside them."""
    mine = till.practice.client_id
    with transaction():
        db.session.execute(update(Service).values(series_most=12, late_fee_percent=50))
        for purpose in ("matching", "progress"):
            give_consent(mine, purpose, text_version=current_text(purpose).version, now=now())
        intake = Intake(public_id=uuid.uuid4(), person_id=mine, started_at=now(), last_active_at=now())
        intake.answers = {"goals": ["sleep-better"]}
        db.session.add(intake)
        a_case("support", person_id=mine, facts={"words": "what staff wrote"})
    booked(till, count=2)
    buy(till, on_sale(till))
    hold = till.hold("2026-11-24T10:00:00Z")
    chosen(till, hold, code=a_code(till))
    till.pay(till.open(hold))
    till.news()
    client = till.practice.client
    for path, body in (
        ("/api/v1/waitlist", {"service_id": till.practice.service, "times": [{"weekday": 6, "from_minute": 0, "to_minute": 600}]}),
        ("/api/v1/questionnaires/results", {"questionnaire": "gad-7", "answers": [1, 2, 1, 0, 1, 0, 3]}),
    ):
        answer = client.post(path, json=body)
        assert answer.status_code in (200, 201), answer.text
    other = till.practice.another_client()
    till.pay(till.open(till.hold("2026-11-24T14:00:00Z", by=other), by=other))
    till.news()
    return till


def test_a_client_takes_everything_of_theirs_along_and_nothing_of_others(full: Till) -> None:
    answer = full.practice.client.get(PATH)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"] == 'attachment; filename="attune-my-data.json"'
    parts = answer.get_json()["parts"]
    assert [each["name"] for each in parts["account"]] == ["Sam Field"]
    assert {each["purpose"] for each in parts["consents"]} == {"matching", "progress"}
    assert parts["intakes"][0]["answers"] == {"goals": ["sleep-better"]}
    assert [each["state"] for each in parts["appointments"]] == ["confirmed"] * 3
    assert {each["therapist"] for each in parts["appointments"]} == {THERAPIST}
    assert [(each["every_weeks"], each["therapist"]) for each in parts["series"]] == [(1, THERAPIST)]
    assert [each["state"] for each in parts["waitlists"]] == ["waiting"]
    assert [(each["said"]["questionnaire"], each["score"]) for each in parts["questionnaires"]] == [("gad-7", 8)]
    assert [(each["what"], each["paid"]["amount"], bool(each["receipt"])) for each in parts["payments"]] == [
        ("Appointment", 6000, True),
        ("Appointments paid ahead", 10_000, True),
        ("Appointment", 5400, True),
    ]
    assert [(each["brand"], each["last_four"], each["therapist"]) for each in parts["cards"]] == [("visa", "4242", THERAPIST)]
    assert [(each["sessions"], each["state"]) for each in parts["packs"]] == [(3, "paid")]
    assert [each["off"] for each in parts["discounts"]] == [{"amount": 600, "currency": "GBP"}]
    assert [set(each) for each in parts["cases"] if each["kind"] == "support"] == [{"id", "kind", "state", "opened_at", "closed_at"}]
    assert {each["subject"] for each in parts["mails"]} != {None}
    with transaction():
        recorded = db.session.scalars(select(AuditEntry.actor_person_id).where(AuditEntry.action == "accounts.data_exported")).all()
        method = db.session.scalars(select(SavedCard.method)).one()
    assert recorded == [full.practice.client_id]
    told = json.dumps(parts)
    for kept_back in ("Kim Wood", "what staff wrote", method, "digest", "password", "customer"):
        assert kept_back not in told, kept_back
    assert "2026-11-24T14:00:00Z" not in told, "the other client's appointment"


def test_only_who_is_signed_in_takes_their_own(full: Till, client: Callable[[], Browser]) -> None:
    assert client().get(PATH).status_code == 401
    therapist = signed_in(client, full.practice.therapist_id).get(PATH).get_json()["parts"]
    assert (therapist["appointments"], therapist["payments"], therapist["intakes"]) == ([], [], [])


# Tables with a column that names a person, and the part that has them, or why none does.
IN_PART = {
    "account": {"persons", "accounts", "role_grants"},
    "consents": {"consents"},
    "sessions": {"sign_in_sessions"},
    "places": {"places"},
    "attendance": {"attendances"},
    "therapists": {"care_relations", "care_conflicts", "client_invitations"},
    "safety": {"safety_records", "safety_pauses"},
    "intakes": {"intakes"},
    "shortlists": {"assisted_shortlists"},
    "questionnaires": {"taken_questionnaires"},
    "fit_checks": {"fit_checks"},
    "appointments": {"bookings", "booking_participants", "booking_events", "late_fees", "arrivals"},
    "series": {"series"},
    "waitlists": {"waitlist_entries"},
    "asked": {"proposals", "fee_change_answers", "disruption_messages"},
    "settings": {"calendar_feeds", "reminder_choices"},
    "payments": {"payments", "refunds"},
    "cards": {"saved_cards"},
    "packs": {"packs"},
    "discounts": {"code_uses"},
    "gifts": {"gift_codes"},
    "cases": {"cases"},
    "calls": {"call_backs"},
}
LEFT_OUT = {
    "of a therapist, who takes `/api/v1/therapist/records` along": {
        "therapists",
        "credentials",
        "verification_records",
        "practice_check_records",
        "training_records",
        "register_lookups",
        "evidence_files",
        "profile_readings",
        "planned_leaves",
        "sudden_stops",
        "pack_offers",
        "payouts",
        "collection_choices",
        "connected_accounts",
        "seller_statements",
        "discount_codes",
        "gift_uses",
    },
    "of staff at work": {"safety_desk_members", "case_steps", "affected_bookings", "payment_comparisons", "payment_differences", "session_charges"},
    "follows from an appointment or a payment that is there": {"claims", "care_reserved_places", "ledger_movements", "disrupted_bookings", "carts"},
    "a secret, or a name at the processor": {"mail_links", "payer_customers", "stored_answers"},
}


def test_every_table_that_names_people_is_in_a_part_or_left_out_for_a_reason() -> None:
    people = {"persons", "accounts", "payer_customers"}
    naming = {table.name for table in Base.metadata.tables.values() if any(key.column.table.name in people for key in table.foreign_keys)} | {"persons"}
    known = set().union(*IN_PART.values(), *LEFT_OUT.values())
    assert naming - known == set(), "say in which part this is held, or why in none"
    assert known - naming - {"disrupted_bookings", "stored_answers", "practice_check_records"} == set()


ERASURE = "/api/v1/me/erasure"


def codes(answer: object) -> set[str]:
    return {each["code"] for each in answer}  # type: ignore[attr-defined]


def clear_the_way(till: Till) -> None:
    """What the page says has to be done first."""
    client = till.practice.client
    for booking in client.get(PATH).get_json()["parts"]["appointments"]:
        assert client.post(f"/api/v1/bookings/{booking['id']}/cancel", json={"reason": "unwell"}).status_code == 200
    (pack,) = client.get("/api/v1/packs").get_json()["items"]
    assert client.post(f"/api/v1/packs/{pack['id']}/close").status_code == 200
    till.news()
    till.news()
    with transaction():
        db.session.execute(update(Case).values(state="closed", closed_at=now(), outcome="done"))


def test_R77_an_account_is_erased_once_nothing_stands_in_the_way_and_only_figures_stay(full: Till, client: Callable[[], Browser]) -> None:
    mine, browser = full.practice.client_id, full.practice.client
    with transaction():
        email, before = require_account(mine).email, booked_balances()
    assert codes(browser.get(ERASURE).get_json()["items"]) == {"appointments_ahead", "packs_left", "case_open"}
    assert browser.post(ERASURE, json={"password": "not this one"}).status_code == 422
    refused = browser.post(ERASURE, json={"password": PASSWORD})
    assert (refused.status_code, codes(refused.get_json()["reasons"])) == (409, {"appointments_ahead", "packs_left", "case_open"})
    assert browser.get(PATH).get_json()["parts"]["account"][0]["email"] == email, "nothing was changed"
    clear_the_way(full)
    worked_at_the_safety_desk_and_was_paused(mine)
    assert browser.get(ERASURE).get_json()["items"] == []
    assert [each["outcome"] for each in browser.get(PATH).get_json()["parts"]["safety"] if "outcome" in each] == ["false_alarm"]
    paid = browser.get(PATH).get_json()["parts"]["payments"]
    assert browser.post(ERASURE, json={"password": PASSWORD}).status_code == 204
    assert (browser.get("/api/v1/me").status_code, client().post("/api/v1/session", json={"email": email, "password": PASSWORD}).status_code) == (401, 401)
    full.work()
    with transaction():
        kept = {part: give(mine) for part, give in PARTS.items()}
        assert account_of(mine) is None
        assert db.session.get(SafetyDeskMember, mine) is None
        assert db.session.execute(select(Person.name_sealed).where(Person.id == mine)).scalar_one() is None
        assert [row.letter for row in db.session.scalars(select(Notice).where(Notice.person_id == mine)) if row.letter] == []
        assert sum(booked_balances().values()) == sum(before.values()) == 0
    for part in ("places", "attendance", "safety", "intakes", "shortlists", "questionnaires", "fit_checks", "settings", "calls"):
        assert kept[part] == [], part
    assert {each["state"] for each in kept["therapists"]} <= {"ended"}
    assert [each["state"] for each in kept["waitlists"]] == ["left"]
    assert [each["receipt"] for each in kept["payments"]] == [each["receipt"] for each in paid], "what the law keeps is still there"
    assert all(each["revoked_at"] for each in kept["cards"])
    assert [each["customer"] for each in full.sandbox.world.each("payment_method") if each["id"] == method_of(mine)] == [None]
    assert "Sam Field" not in json.dumps(kept)
    assert str(full.outbox.last_to(email)["Subject"]) == "Your account was erased"
    assert full.practice.therapist.get("/api/v1/bookings").status_code == 200


def worked_at_the_safety_desk_and_was_paused(person_id: int) -> None:
    """Both are over."""
    with transaction():
        at_the_safety_desk(person_id)
        revoke_role(person_id, "safety_responder", now=now())
        db.session.add(SafetyPause(person_id=person_id, paused_at=now(), lifted_at=now(), lifted_by=person_id, outcome="false_alarm"))


def test_nothing_is_booked_while_it_is_asked_what_stands_in_the_way(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND (classid::bigint << 32) + objid::bigint = :key")
    seen: list[int] = []

    def look(person_id: int, _: object) -> None:
        seen.append(db.session.execute(held, {"key": PERSON_LOCKS + person_id}).scalar_one())

    monkeypatch.setattr(erase, "_obstacles", [look])
    assert practice.client.get(ERASURE).status_code == 200
    assert practice.client.post(ERASURE, json={"password": PASSWORD}).status_code == 204
    assert seen == [0, 1]


def method_of(person_id: int) -> str:
    with transaction():
        return db.session.scalars(select(SavedCard.method).where(SavedCard.payer_id == person_id)).one()


def test_a_fee_that_is_still_charged_is_paid_or_waived_first(till: Till) -> None:
    with transaction():
        db.session.execute(update(Service).values(series_most=12, late_fee_percent=50, cancel_free_hours=96))
    dates = booked(till, count=2)
    for date in dates:
        assert till.practice.client.post(f"/api/v1/bookings/{date}/cancel", json={"reason": "unwell"}).status_code == 200
    till.news()
    assert codes(till.practice.client.get(ERASURE).get_json()["items"]) == set(), "what was kept of the payment is no fee that is owed"
    with transaction():
        db.session.execute(
            db.text(
                "INSERT INTO late_fees (public_id, booking_id, reason, amount, currency, at) "
                "SELECT gen_random_uuid(), id, 'cancelled_late', 3000, 'GBP', :now FROM bookings WHERE public_id = :id"
            ),
            {"now": now(), "id": dates[1]},
        )
    assert codes(till.practice.client.get(ERASURE).get_json()["items"]) == {"fee_owed"}
    assert till.practice.therapist.post(f"/api/v1/bookings/{dates[1]}/waive-fee").status_code == 200
    assert codes(till.practice.client.get(ERASURE).get_json()["items"]) == set()


def test_what_a_bank_or_our_desk_has_decided_stands_in_nobodys_way(till: Till) -> None:
    till.paid_booking("2026-11-24T10:00:00Z")
    disputed = till.payments()[0]
    dispute = till.sandbox.dispute(disputed.intent)
    till.news()
    other = till.open(till.hold("2026-11-24T14:00:00Z"))
    till.pay(other)
    till.sandbox.world.find("payment_intent", till.intent(other)).update(amount=100, amount_received=100)
    till.news()
    payer, (first, second) = till.practice.client_id, till.payments()

    def moving() -> bool:
        with transaction():
            return money_moving(payer, now()) is not None

    assert (first.disputed_at is not None, second.state, moving()) == (True, "mismatched", True)
    till.sandbox.close_dispute(str(dispute["id"]), won=False)
    till.news()
    assert moving(), "the other one waits at our desk"
    with transaction():
        refund_part(second.public_id, 100, reason="wrong_amount", by=payer, now=now())
    assert moving(), "it is on its way"
    till.work()
    till.news()
    with transaction():
        assert db.session.get(Payment, first.id, populate_existing=True).disputed_at is not None  # type: ignore[union-attr]
    assert not moving()


def test_whoever_works_here_leaves_first(full: Till) -> None:
    assert codes(full.practice.therapist.get(ERASURE).get_json()["items"]) >= {"at_work"}
    refused = full.practice.therapist.post(ERASURE, json={"password": PASSWORD})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_erasable_yet")


def test_the_page_says_what_can_be_taken_along_and_erases_without_a_script(practice: Practice, client: Callable[[], Browser]) -> None:
    assert client().get("/my-data").headers["Location"].startswith("/sign-in?next=/my-data")
    page = practice.client.get("/my-data").text
    assert 'href="/api/v1/me/data"' in page
    token = practice.client.csrf_token
    wrong = practice.client.post("/my-data", data={"csrf_token": token, "password": "not this one"})
    assert (wrong.status_code, "The current password is not right." in wrong.text) == (422, True)
    done = practice.client.post("/my-data", data={"csrf_token": token, "password": PASSWORD})
    assert (done.status_code, "Your account is erased" in done.text) == (200, True)
    assert practice.client.get("/api/v1/me").status_code == 401
