"""A therapist's own pages. Each press is one act of the API; a refusal keeps its status, which rolls back, and what was filled in."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller, role
from core.clock import now
from core.db import transaction
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import read_through, words_of_refusal
from core.http import sent_file
from therapists import check_evidence, credentials, evidence, executor, own_checks, profile, profile_photo, publication, sign_agreement
from therapists.check_routes import SignatureSchema
from therapists.evidence_calls import send_check_evidence, send_evidence
from therapists.leaving_routes import ExecutorSchema
from therapists.practice_pages import shown
from therapists.schemas import CredentialAmendmentSchema, NewCredentialSchema, ProfileChangesSchema

PAGE = "my-practice"
# What is longer is no number of hours, and is refused as it stands.
NUMBER = re.compile(r"[0-9]{1,6}")

blueprint = Blueprint("therapist_practice", __name__, template_folder="templates")
therapist_only = role("therapist")
SEE_OTHER = 303
FORM, FILE_FORM = frozenset({"form"}), frozenset({"file_form"})
TEXTS = ("headline", "about", "approach", "what_to_expect", "fees_words", "cancellation_words", "pronouns", "photo_alt")
Act = Callable[[], object]


@blueprint.get(f"/{PAGE}")
@allow(therapist_only)
def practice_page() -> ResponseReturnValue:
    """Whether my profile shows, and what is missing."""
    return _overview()


@blueprint.post(f"/{PAGE}")
@allow(therapist_only)
def change_practice_here() -> ResponseReturnValue:
    """Show the profile or take it off the lists, say whether new clients are taken, name an executor or say that it is still the same person."""

    def accept(*, accepting: bool) -> Act:
        return lambda: profile.edit_profile(_mine(), {"accepting": accepting}, now=now())

    acts: dict[str, Act] = {
        "publish": lambda: publication.publish(_mine(), now=now()),
        "unpublish": lambda: publication.unpublish(_mine(), now=now()),
        "accepting": accept(accepting=True),
        "not_accepting": accept(accepting=False),
        "executor": lambda: executor.name_executor(_mine(), **_filled(ExecutorSchema, "name", "email", "phone", "agreed_on"), now=now()),
        "executor_confirmed": lambda: executor.confirm_executor(_mine(), now=now()),
    }
    return _press(acts, _overview, "practice_page")


@blueprint.get(f"/{PAGE}/credentials")
@allow(therapist_only)
def credentials_page() -> ResponseReturnValue:
    """My credentials, their state and their proof."""
    return _credentials()


@blueprint.post(f"/{PAGE}/credentials")
@allow(therapist_only)
def claim_here() -> ResponseReturnValue:
    """State a credential."""
    return _press({"claim": _claim}, _credentials, "credentials_page")


@blueprint.post(f"/{PAGE}/credentials/<uuid:credential_id>")
@allow(therapist_only)
def change_credential_here(credential_id: uuid.UUID) -> ResponseReturnValue:
    """Submit it, correct it, take it back, or take one of its files back."""
    acts: dict[str, Act] = {
        "submit": lambda: credentials.submit_credential(_mine(), credential_id, now=now()),
        "withdraw": lambda: credentials.withdraw_credential(_mine(), credential_id, now=now()),
        "amend": lambda: credentials.amend_credential(_mine(), credential_id, _filled(CredentialAmendmentSchema, "number", "name_on_register"), now=now()),
        "remove": lambda: evidence.remove_own_evidence(_me(), credential_id, _file_named(), now=now()),
    }
    return _press(acts, _credentials, "credentials_page")


@blueprint.post(f"/{PAGE}/credentials/<uuid:credential_id>/proof")
@allow(therapist_only, outside=True)
def send_proof_here(credential_id: uuid.UUID) -> ResponseReturnValue:
    """Send a file in proof of a credential."""
    return _send(lambda content: send_evidence(_me(), credential_id, content), _credentials, "credentials_page")


@blueprint.get(f"/{PAGE}/checks")
@allow(therapist_only)
def checks_page() -> ResponseReturnValue:
    """What is required of me beside my entry on the register."""
    return _checks()


@blueprint.post(f"/{PAGE}/checks/<kind>")
@allow(therapist_only)
def change_check_here(kind: str) -> ResponseReturnValue:
    """Ask for a look at what was sent, take a file back, or sign the agreement."""
    acts: dict[str, Act] = {
        "offer": lambda: own_checks.offer_proof(_mine(), kind, now=now()),
        "remove": lambda: check_evidence.remove_own_check_evidence(_me(), kind, _file_named(), now=now()),
        "sign": lambda: sign_agreement.sign_agreement(_me(), **_filled(SignatureSchema, "version", "digest"), now=now()),
    }
    return _press(acts, _checks, "checks_page")


@blueprint.post(f"/{PAGE}/checks/<kind>/proof")
@allow(therapist_only, outside=True)
def send_check_proof_here(kind: str) -> ResponseReturnValue:
    """Send a file in proof of a required check."""
    return _send(lambda content: send_check_evidence(_me(), kind, content), _checks, "checks_page")


@blueprint.get(f"/{PAGE}/profile")
@allow(therapist_only)
def profile_page() -> ResponseReturnValue:
    """My own words, and what waits to be read."""
    return _profile()


@blueprint.post(f"/{PAGE}/profile")
@allow(therapist_only)
def change_profile_here() -> ResponseReturnValue:
    """Change my own words. Some wait for a reader."""
    return _press({"save": _save_profile, "remove_photo": lambda: profile_photo.remove_photo(_mine(), now=now())}, _profile, "profile_page")


@blueprint.post(f"/{PAGE}/photo")
@allow(therapist_only, outside=True)
def send_photo_here() -> ResponseReturnValue:
    """Send a photo, which is made anew as a square."""

    def send(content: bytes) -> None:
        squared = profile_photo.square(content)
        with transaction():
            profile_photo.propose_photo(_mine(), squared, now=now())

    return _send(send, _profile, "profile_page")


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms, some with a file.
change_practice_here.__takes__ = FORM  # type: ignore[attr-defined]
claim_here.__takes__ = FORM  # type: ignore[attr-defined]
change_credential_here.__takes__ = FORM  # type: ignore[attr-defined]
send_proof_here.__takes__ = FILE_FORM  # type: ignore[attr-defined]
change_check_here.__takes__ = FORM  # type: ignore[attr-defined]
send_check_proof_here.__takes__ = FILE_FORM  # type: ignore[attr-defined]
change_profile_here.__takes__ = FORM  # type: ignore[attr-defined]
send_photo_here.__takes__ = FILE_FORM  # type: ignore[attr-defined]


def _claim() -> None:
    register, _, title = request.form.get("entry", "").partition("/")
    places = [code.strip() for code in request.form.get("jurisdictions", "").split(",") if code.strip()]
    given = {name: request.form.get(name, "").strip() for name in ("number", "name_on_register")}
    body = read_through(NewCredentialSchema, {**given, "register": register, "credential_type": title, "jurisdictions": places})
    credentials.claim_credential(_mine(), **body, now=now())


def _save_profile() -> None:
    said: dict[str, Any] = {name: request.form.get(name, "").replace("\r\n", "\n") for name in TEXTS}
    chosen = {name: request.form.get(name, "").strip() for name in ("display_name", "pronouns_audience", "answer_within_hours", "hours_declared")}
    numbers = {name: int(chosen[name]) for name in ("answer_within_hours", "hours_declared") if NUMBER.fullmatch(chosen[name])}
    optional = {name: request.form.get(name, "").strip() or None for name in ("video_url", "works_from")}
    optional |= {"hours_declared": None} if not chosen["hours_declared"] else {}
    changes = read_through(ProfileChangesSchema, {**chosen, **numbers})
    # An empty text takes it away; the schema reads it as it is.
    changes |= read_through(ProfileChangesSchema, {name: value for name, value in {**said, **optional}.items() if value})
    changes |= {name: "" for name, value in said.items() if not value.strip()} | {name: None for name, value in optional.items() if value is None}
    mine = profile.profile_for_edit(_me(), version=request.form.get("version", ""))
    profile.edit_profile(mine, {name: value for name, value in changes.items() if value != getattr(mine, name)}, now=now())


def _press(acts: dict[str, Act], page: Callable[..., ResponseReturnValue], back: str) -> ResponseReturnValue:
    """One of the buttons; then the page anew."""
    try:
        act = acts.get(request.form.get("act", ""))
        if act is None:
            raise Invalid("Please press one of the buttons.")
        act()
    except DomainError as refused:
        return page(refused=refused)
    return redirect(url_for(f"therapist_practice.{back}"), SEE_OTHER)


def _send(send: Callable[[bytes], object], page: Callable[..., ResponseReturnValue], back: str) -> ResponseReturnValue:
    """A file, which is judged with no transaction open; then the page anew."""
    try:
        send(sent_file())
    except DomainError as refused:
        with transaction():
            return page(refused=refused)
    return redirect(url_for(f"therapist_practice.{back}"), SEE_OTHER)


def _filled(schema: Any, *names: str) -> dict[str, Any]:
    return read_through(schema, {name: request.form.get(name, "").strip() for name in names})


def _file_named() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("file", ""))
    except ValueError as error:
        raise Invalid("Please press one of the buttons.") from error


def _overview(*, refused: DomainError | None = None) -> ResponseReturnValue:
    return _page("practice", shown.overview(profile.own_profile(_me()), now=now()), refused)


def _credentials(*, refused: DomainError | None = None) -> ResponseReturnValue:
    return _page("practice_credentials", shown.credentials(profile.own_profile(_me())), refused)


def _checks(*, refused: DomainError | None = None) -> ResponseReturnValue:
    return _page("practice_checks", shown.checks(profile.own_profile(_me()), now=now()), refused)


def _profile(*, refused: DomainError | None = None) -> ResponseReturnValue:
    return _page("practice_profile", shown.profile(profile.own_profile(_me())), refused)


def _page(template: str, facts: shown.Facts, refused: DomainError | None) -> ResponseReturnValue:
    told = {**facts, "given": request.form, "csrf_token": csrf_token(), "refusal": words_of_refusal(refused) if refused else None}
    page = render_template(f"therapists/{template}.html", **told)
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _mine() -> Any:
    return profile.profile_for_edit(_me())


def _me() -> int:
    return caller().require_person()
