"""Sign up and confirm, over HTTP."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from accounts.consent import consents_of, current_text
from accounts.models import Account, AddressRequest, Person
from accounts.people import account_with, recipient_of
from accounts.roles import roles_of
from accounts.sign_up import answer_sign_up
from accounts.throttle import MAILS_TO_ONE
from core.clock import FixedClock
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.fakes.outbox import Outbox, text_of

Clients = Callable[[], Browser]
Jobs = Callable[[], list[str]]
NEW = {"email": "Robin@Example.org", "password": PASSWORD, "name": "Robin", "zone": "Europe/London"}


def count_of(model: type) -> int:
    with transaction():
        return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_person_signs_up_confirms_and_signs_in(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    browser = client()
    versions = {purpose: current_text(purpose).version for purpose in ("terms", "privacy")}
    consents = [{"purpose": purpose, "text_version": version} for purpose, version in versions.items()]
    assert browser.post("/api/v1/accounts", json={**NEW, "consents": consents}).status_code == 202
    assert run_jobs() == ["accounts.answer_sign_up", "notices.deliver"]
    assert outbox.subjects() == ["Please confirm your address"]
    with transaction():
        account = account_with("robin@example.org")
        assert account is not None
        assert (account.person.name, account.person.zone, account.email_confirmed_at) == ("Robin", "Europe/London", None)
        assert roles_of(account.person_id) == {"client"}
        assert {row.purpose: row.text_version for row in consents_of(account.person_id)} == versions
        assert recipient_of(account.person_id) is None
    browser.sign_in("robin@example.org", PASSWORD)
    assert browser.get("/api/v1/me").json["email_confirmed"] is False
    token = outbox.token_to("robin@example.org")
    assert browser.post("/api/v1/accounts/confirm", json={"token": token, "password": PASSWORD}).status_code == 204
    assert browser.get("/api/v1/me").json["email_confirmed"] is True
    with transaction():
        assert recipient_of(account.person_id) is not None
    again = browser.post("/api/v1/accounts/confirm", json={"token": token, "password": PASSWORD})
    assert (again.status_code, again.json["code"]) == (410, "link_used")


def test_confirming_signs_nobody_in(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    client().post("/api/v1/accounts", json=NEW)
    run_jobs()
    other = client()
    other.post("/api/v1/accounts/confirm", json={"token": outbox.token_to("robin@example.org"), "password": PASSWORD})
    assert other.get("/api/v1/session").json["signed_in"] is False


def test_R59_an_address_that_is_taken_gets_the_same_answer_and_another_mail(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    with transaction():
        known = an_account(email="known@example.org")
        before = known.password_hash
    answers = [client().post("/api/v1/accounts", json={**NEW, "email": email}) for email in ("known@example.org", "new@example.org")]
    assert answers[0].status_code == answers[1].status_code == 202
    assert answers[0].data == answers[1].data
    run_jobs()
    assert [str(message["Subject"]) for message in outbox.to("known@example.org")] == ["You already have an account"]
    assert "#token" not in text_of(outbox.last_to("known@example.org"))
    with transaction():
        kept = account_with("known@example.org")
        assert kept is not None
        assert (kept.password_hash, kept.person.name) == (before, "Robin Example")


def test_signing_up_again_before_confirming_cannot_plant_a_password(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    """Somebody signs up with another's address and waits for its owner to confirm."""
    intruder = client()
    intruder.post("/api/v1/accounts", json={**NEW, "password": "ferret-window-77-thistle"})
    run_jobs()
    intruder.sign_in("robin@example.org", "ferret-window-77-thistle")
    client().post("/api/v1/accounts", json=NEW)
    run_jobs()
    assert outbox.subjects() == ["Please confirm your address", "Finish your sign-up"]
    owner = client()
    assert owner.post("/api/v1/password/reset", json={"token": outbox.token_to("robin@example.org"), "password": PASSWORD}).status_code == 204
    assert intruder.get("/api/v1/me").status_code == 401
    assert intruder.post("/api/v1/session", json={"email": "robin@example.org", "password": "ferret-window-77-thistle"}, bare=True).status_code == 401
    owner.sign_in("robin@example.org", PASSWORD)
    assert owner.get("/api/v1/me").json["email_confirmed"] is True


def test_a_password_planted_by_whoever_signed_up_first_does_not_outlive_the_confirmation(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    """Its owner gets the letter, did not sign up, and confirms nevertheless."""
    planted = "ferret-window-77-thistle"
    intruder = client()
    intruder.post("/api/v1/accounts", json={**NEW, "password": planted})
    run_jobs()
    intruder.sign_in("robin@example.org", planted)
    owner, token = client(), outbox.token_to("robin@example.org")
    refused = owner.post("/api/v1/accounts/confirm", json={"token": token, "password": "short"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["password"])
    assert owner.post("/api/v1/accounts/confirm", json={"token": token, "password": PASSWORD}).status_code == 204
    assert intruder.get("/api/v1/me").status_code == 401
    assert intruder.post("/api/v1/session", json={"email": "robin@example.org", "password": planted}, bare=True).status_code == 401
    owner.sign_in("robin@example.org", PASSWORD)
    assert owner.get("/api/v1/me").json["email_confirmed"] is True


def test_an_old_link_to_confirm_changes_no_password_of_a_confirmed_account(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    client().post("/api/v1/accounts", json=NEW)
    run_jobs()
    old = outbox.token_to("robin@example.org")
    client().post("/api/v1/password/forgot", json={"email": "robin@example.org"})
    run_jobs()
    client().post("/api/v1/password/reset", json={"token": outbox.token_to("robin@example.org"), "password": PASSWORD})
    assert client().post("/api/v1/accounts/confirm", json={"token": old, "password": "ferret-window-77-thistle"}).status_code == 204
    assert client().sign_in("robin@example.org", PASSWORD).status_code == 201


def test_until_the_job_has_answered_everything_is_sealed_and_afterwards_gone(client: Clients, run_jobs: Jobs) -> None:
    client().post("/api/v1/accounts", json=NEW)
    row = str(db.session.execute(text("SELECT address_requests::text FROM address_requests")).scalar_one())
    for word in ("robin", "example.org", "argon2"):
        assert word not in row
        assert word.encode().hex() not in row
    run_jobs()
    assert count_of(AddressRequest) == 0


def test_a_job_that_runs_twice_answers_once(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    client().post("/api/v1/accounts", json=NEW)
    request_id = db.session.execute(select(AddressRequest.id)).scalar_one()
    run_jobs()
    answer_sign_up.run(request_id=request_id)
    run_jobs()
    assert len(outbox.sent) == 1
    assert count_of(Account) == 1


def test_a_disabled_account_is_not_written_to(client: Clients, run_jobs: Jobs, outbox: Outbox, clock: FixedClock) -> None:
    with transaction():
        an_account(email="robin@example.org").disabled_at = clock.now()
    for path in ("accounts/confirm/resend", "password/forgot"):
        assert client().post(f"/api/v1/{path}", json={"email": "robin@example.org"}).status_code == 202
    assert client().post("/api/v1/accounts", json=NEW).status_code == 202
    run_jobs()
    assert outbox.sent == []


def test_the_mail_can_be_asked_for_again_and_the_older_link_dies(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    browser = client()
    browser.post("/api/v1/accounts", json=NEW)
    run_jobs()
    old = outbox.token_to("robin@example.org")
    browser.post("/api/v1/accounts/confirm/resend", json={"email": "robin@example.org"})
    run_jobs()
    assert browser.post("/api/v1/accounts/confirm", json={"token": old, "password": PASSWORD}).json["code"] == "link_replaced"
    assert browser.post("/api/v1/accounts/confirm", json={"token": outbox.token_to("robin@example.org"), "password": PASSWORD}).status_code == 204


def test_asking_again_for_a_confirmed_or_unknown_address_sends_nothing(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    with transaction():
        an_account(email="robin@example.org")
    answers = {client().post("/api/v1/accounts/confirm/resend", json={"email": email}).data for email in ("robin@example.org", "nobody@example.org")}
    assert len(answers) == 1
    run_jobs()
    assert outbox.sent == []


def test_a_link_for_an_older_address_of_the_account_is_dead(client: Clients, run_jobs: Jobs, outbox: Outbox) -> None:
    client().post("/api/v1/accounts", json=NEW)
    run_jobs()
    with transaction():
        db.session.execute(select(Account)).scalar_one().email = "new@example.org"
    answer = client().post("/api/v1/accounts/confirm", json={"token": outbox.token_to("robin@example.org"), "password": PASSWORD})
    assert (answer.status_code, answer.json["code"]) == (410, "link_replaced")


@pytest.mark.parametrize("field", ["role", "roles", "is_admin", "verified", "stripe_account", "id", "person_id", "email_confirmed", "email_confirmed_at"])
def test_R53_sign_up_and_profile_take_no_other_field(client: Clients, run_jobs: Jobs, field: str) -> None:
    with transaction():
        account = an_account()
    browser = client()
    for value in ("admin", True, 1, ["admin"]):
        assert browser.post("/api/v1/accounts", json={**NEW, field: value}).status_code == 422
    browser.sign_in(account.email, PASSWORD)
    before = browser.get("/api/v1/me").json
    answer = browser.patch("/api/v1/me", json={"name": "Other", field: "admin"})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]
    assert browser.get("/api/v1/me").json == before
    assert "accounts.answer_sign_up" not in run_jobs()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", None),
        ("email", 7),
        ("password", "too short"),
        ("password", "passwordpassword1"),
        ("password", "x" * 1001),
        ("password", "\ud800" * 20),
        ("name", "a" * 101),
        ("name", "a\r\nBcc: b@example.org"),
        ("name", "\udfff"),
        ("zone", "Mars/Olympus"),
        ("locale", "english"),
        ("consents", [{"purpose": "everything", "text_version": "1"}]),
        ("consents", [{"purpose": "terms", "text_version": "never"}]),
        ("consents", "terms"),
    ],
)
def test_bad_input_is_refused_with_its_field_and_writes_nothing(client: Clients, run_jobs: Jobs, field: str, value: object) -> None:
    answer = client().post("/api/v1/accounts", json={**NEW, field: value})
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid"
    assert answer.json["errors"]
    assert count_of(AddressRequest) == 0
    assert run_jobs() == []


def test_one_address_gets_only_so_many_mails_an_hour_known_or_not(client: Clients, clock: FixedClock) -> None:
    with transaction():
        an_account(email="known@example.org")
    for email in ("known@example.org", "unknown@example.org"):
        answers = [client().post("/api/v1/password/forgot", json={"email": email}) for _ in range(MAILS_TO_ONE + 1)]
        assert [answer.status_code for answer in answers] == [202] * MAILS_TO_ONE + [429]
        assert int(answers[-1].headers["Retry-After"]) == 3600
    clock.advance(hours=1)
    assert client().post("/api/v1/password/forgot", json={"email": "known@example.org"}).status_code == 202


def test_a_persons_name_is_sealed_at_rest(database: None) -> None:
    with transaction():
        a_person(name="Canary Canarius")
    row = str(db.session.execute(text("SELECT persons::text FROM persons")).scalar_one())
    assert "Canar" not in row
    assert b"Canar".hex() not in row
    assert db.session.execute(select(Person)).scalar_one().name == "Canary Canarius"
