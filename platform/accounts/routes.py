"""The API of accounts: sign up, confirm, sign in and out, passwords, who am I. Consents have a file of their own."""

import uuid
from typing import Any

from flask import Response, after_this_request, request

from accounts import confirm, consent_routes, identity, own_data_routes, people, sessions, sign_in, sign_up, throttle
from accounts import reset_password as passwords
from accounts.known_browser import know_browser
from accounts.models import Account, SignInSession
from accounts.roles import roles_of
from accounts.schemas import (
    AcceptedSchema,
    AddressSchema,
    ChangePasswordSchema,
    EditPersonSchema,
    LinkAndPasswordSchema,
    PersonSchema,
    SessionPage,
    SignInSchema,
    SignUpSchema,
    WhoSchema,
)
from accounts.sign_in_calls import sign_in_here
from core.access import allow, anyone, caller, signed_in
from core.clock import now
from core.db import transaction
from core.errors import PreconditionFailed
from core.http import Blueprint, etag_of

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1", description="Accounts, sessions and passwords")
blueprints = (blueprint, consent_routes.blueprint, own_data_routes.blueprint)

ACCEPTED = {"detail": "Thank you. If this address can be used for that, a mail is on its way."}


@blueprint.post("/accounts")
@allow(anyone)
@blueprint.takes(SignUpSchema)
@blueprint.gives(202, AcceptedSchema)
def create_account(body: dict[str, Any]) -> dict[str, str]:
    """Sign up. The answer is the same for every address; the rest is in the mail."""
    throttle.count_asking(body["email"], remote_addr=request.remote_addr, now=now())
    consents = {each["purpose"]: each["text_version"] for each in body.pop("consents")}
    sign_up.sign_up(**body, consents=consents, now=now())
    return ACCEPTED


@blueprint.post("/accounts/confirm")
@allow(anyone)
@blueprint.takes(LinkAndPasswordSchema)
@blueprint.gives(204)
def confirm_address(body: dict[str, Any]) -> None:
    """Confirm a mail address with the token from the mail and the password. Another password than at sign-up takes its place and ends every session."""
    confirm.confirm_address(body["token"], body["password"], now=now())


@blueprint.post("/accounts/confirm/resend")
@allow(anyone)
@blueprint.takes(AddressSchema)
@blueprint.gives(202, AcceptedSchema)
def resend_confirmation(body: dict[str, Any]) -> dict[str, str]:
    """Send the confirmation mail again. The answer is the same for every address."""
    throttle.count_asking(body["email"], remote_addr=request.remote_addr, now=now())
    confirm.ask_for_confirmation(body["email"], now=now())
    return ACCEPTED


@blueprint.post("/session")
@allow(anyone, outside=True)
@blueprint.takes(SignInSchema)
@blueprint.gives(201, WhoSchema)
def create_session(body: dict[str, Any]) -> dict[str, Any]:
    """Sign in. Sets the session cookie; the answer carries the CSRF token of the new session."""
    signed = sign_in_here(body["email"], body["password"])
    with transaction():
        return {"signed_in": True, "csrf_token": signed.csrf_token, "person": _shown(people.require_account(signed.person_id))}


@blueprint.get("/session")
@allow(anyone)
@blueprint.gives(200, WhoSchema)
def show_session() -> dict[str, Any]:
    """Who is signed in here, and the CSRF token."""
    person_id = caller().person_id
    person = _shown(people.require_account(person_id)) if person_id is not None else None
    return {"signed_in": person is not None, "csrf_token": identity.csrf_token(), "person": person}


@blueprint.delete("/session")
@allow(signed_in)
@blueprint.gives(204)
def delete_session() -> None:
    """Sign out here. The session ends on the server: a copy of the cookie is worth nothing afterwards."""
    here = caller()
    assert here.session_id is not None
    sign_in.sign_out(here.require_person(), here.session_id, now=now())
    identity.forget_browser()


@blueprint.get("/sessions")
@allow(signed_in)
@blueprint.gives(200, SessionPage)
def list_sessions() -> dict[str, Any]:
    """Where I am signed in."""
    here = caller()
    items = sessions.sessions_of(here.require_person(), now=now())
    return {"items": [_session_shown(each, here.session_id) for each in items], "next": None}


@blueprint.delete("/sessions/<uuid:session_id>")
@allow(signed_in)
@blueprint.gives(204)
def end_session(session_id: uuid.UUID) -> None:
    """Sign one of my browsers out."""
    sessions.end_own_session(caller().require_person(), session_id, now=now())


@blueprint.post("/password/forgot")
@allow(anyone)
@blueprint.takes(AddressSchema)
@blueprint.gives(202, AcceptedSchema)
def forgot_password(body: dict[str, Any]) -> dict[str, str]:
    """Ask for a link to set a new password. The answer is the same for every address."""
    throttle.count_asking(body["email"], remote_addr=request.remote_addr, now=now())
    passwords.ask_for_reset(body["email"], now=now())
    return ACCEPTED


@blueprint.post("/password/reset")
@allow(anyone)
@blueprint.takes(LinkAndPasswordSchema)
@blueprint.gives(204)
def reset_password(body: dict[str, Any]) -> None:
    """Set a new password with the token from the mail. Every session of the account ends."""
    passwords.reset_password(body["token"], body["password"], now=now())


@blueprint.put("/password")
@allow(signed_in)
@blueprint.takes(ChangePasswordSchema)
@blueprint.gives(204)
def change_password(body: dict[str, Any]) -> None:
    """Change my password. All my other sessions end, and other browsers are strangers to it again."""
    here = caller()
    account = passwords.change_password(here.require_person(), **body, session_id=here.session_id, now=now())
    email, password_hash = account.email, account.password_hash
    after_this_request(lambda response: know_browser(response, email, password_hash))


@blueprint.get("/me")
@allow(signed_in)
@blueprint.gives(200, PersonSchema)
def show_me() -> dict[str, Any]:
    """My account."""
    return _with_etag(people.require_account(caller().require_person()))


@blueprint.patch("/me")
@allow(signed_in)
@blueprint.hears("If-Match", "The ETag of what you read: only if nothing changed since.")
@blueprint.takes(EditPersonSchema)
@blueprint.gives(200, PersonSchema)
def edit_me(body: dict[str, Any]) -> dict[str, Any]:
    """Change my name, language or time zone. With If-Match, only if nobody did so meanwhile."""
    account = people.require_account(caller().require_person())
    if request.if_match and not request.if_match.contains(_etag(account)):
        raise PreconditionFailed
    people.edit_person(account.person, **body)
    return _with_etag(account)


def _shown(account: Account) -> dict[str, Any]:
    """Read everything now: the answer may be written after the transaction."""
    return {
        "person": {"public_id": account.person.public_id, "name": account.person.name, "locale": account.person.locale, "zone": account.person.zone},
        "email": account.email,
        "email_confirmed": account.email_confirmed_at is not None,
        "roles": sorted(roles_of(account.person_id)),
        "created_at": account.created_at,
    }


def _session_shown(row: SignInSession, here: int | None) -> dict[str, Any]:
    shown = ("public_id", "started_at", "last_seen_at", "ends_at")
    return {**{name: getattr(row, name) for name in shown}, "is_this_one": row.id == here}


def _etag(account: Account) -> str:
    return etag_of(account.person.public_id, account.person.name, account.person.locale, account.person.zone)


def _with_etag(account: Account) -> dict[str, Any]:
    etag = _etag(account)

    def add(response: Response) -> Response:
        response.set_etag(etag)
        return response

    after_this_request(add)
    return _shown(account)
