"""The verifiers' pages. Each press is one act of the API; a refusal keeps its status, which rolls back, and what was filled in."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller, role
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from core.forms import read_through, words_of_refusal
from desk.cases import claim_case, open_case_about, release_case
from therapists import check_records, leaving_words, profile_reading, rechecks, verification
from therapists.check_reading import check_to_verify
from therapists.check_routes import CheckSeenSchema
from therapists.lookup_jobs import ask_register
from therapists.profile_reading import REASONS as READING_REASONS
from therapists.profile_reading_routes import ReadingDecisionSchema
from therapists.register_check import RegisterCheck
from therapists.register_lookup import request_lookup
from therapists.verification_routes import EntriesReadSchema, RegisterCheckSchema
from therapists.verifier_pages import work
from therapists.verifier_pages.words import CHECK_CHOICES, CHOICES, WORK, plain

PAGE = "desk/verification"
blueprint = Blueprint("verifier_pages", __name__, template_folder="templates")
verifier = role("verifier")
SEE_OTHER = 303
PRESS = "Please press one of the buttons."
# The fields of the form that are sent on as they are.
OF_REGISTER = ("register_address", "number", "status_text", "name_found", "expires_on", "note", "claim_digest", "scope", "checked_at")
OF_CHECK = ("body", "reference", "valid_until", "note")


@blueprint.get(f"/{PAGE}")
@allow(verifier)
def desk_page() -> ResponseReturnValue:
    """What waits for a verifier."""
    return _page("verifier_desk", work.waiting(by=_me(), now=now()))


@blueprint.post(f"/{PAGE}/words/<uuid:leave_id>")
@allow(verifier)
def decide_words_here(leave_id: uuid.UUID) -> ResponseReturnValue:
    """Let the clients of somebody who leaves read these words, or our neutral text."""
    try:
        leaving_words.decide_words(leave_id, approved=_one_of("yes", "no") == "yes", by=_me(), now=now())
    except DomainError as refused:
        return _page("verifier_desk", work.waiting(by=_me(), now=now()), refused=refused)
    return redirect(url_for("verifier_pages.desk_page"), SEE_OTHER)


@blueprint.get(f"/{PAGE}/credentials/<uuid:credential_id>")
@allow(verifier)
def credential_page(credential_id: uuid.UUID) -> ResponseReturnValue:
    """One credential."""
    return _credential(credential_id)


@blueprint.post(f"/{PAGE}/credentials/<uuid:credential_id>")
@allow(verifier)
def work_on_credential_here(credential_id: uuid.UUID) -> ResponseReturnValue:
    """Take it on, give it back, have the register asked, or record what it says and decide."""
    by, at = _me(), now()
    try:
        act = _one_of("claim", "release", "ask", "record")
        if act == "claim":
            verification.begin_review(credential_id, by=by, now=at)
        elif act == "release":
            verification.release_review(credential_id, by=by, now=at)
        elif act == "ask":
            ask_register.enqueue(credential_id=request_lookup(credential_id, by=by, now=at), asked_by=by, attempt=1)
        else:
            verification.record_check(credential_id, _register_check(), by=by, now=at)
    except DomainError as refused:
        return _credential(credential_id, refused=refused)
    return redirect(url_for("verifier_pages.credential_page", credential_id=credential_id), SEE_OTHER)


@blueprint.get(f"/{PAGE}/checks/<uuid:check_id>")
@allow(verifier)
def check_page(check_id: uuid.UUID) -> ResponseReturnValue:
    """One required check of a therapist."""
    return _check(check_id)


@blueprint.post(f"/{PAGE}/checks/<uuid:check_id>")
@allow(verifier)
def work_on_check_here(check_id: uuid.UUID) -> ResponseReturnValue:
    """Take it on, give it back, or record what was seen."""
    by, at = _me(), now()
    try:
        act = _one_of("claim", "release", "record")
        check, _ = check_to_verify(check_id)
        if act == "record":
            check_records.record_seen(check.therapist.public_id, _check_seen(check.kind), by=by, now=at)
        else:
            _move_case(check_records.subject_of(check), act, by=by)
    except DomainError as refused:
        return _check(check_id, refused=refused)
    return redirect(url_for("verifier_pages.check_page", check_id=check_id), SEE_OTHER)


@blueprint.get(f"/{PAGE}/profiles/<uuid:therapist_id>")
@allow(verifier)
def profile_page(therapist_id: uuid.UUID) -> ResponseReturnValue:
    """One profile to read."""
    return _profile(therapist_id)


@blueprint.post(f"/{PAGE}/profiles/<uuid:therapist_id>")
@allow(verifier)
def work_on_profile_here(therapist_id: uuid.UUID) -> ResponseReturnValue:
    """Take it on, give it back, approve it, or ask for changes."""
    by, at = _me(), now()
    try:
        act = _one_of("claim", "release", "decide")
        if act == "claim":
            profile_reading.begin_reading(therapist_id, by=by, now=at)
        elif act == "release":
            profile_reading.release_reading(therapist_id, by=by, now=at)
        else:
            given = read_through(ReadingDecisionSchema, {"digest": request.form.get("digest"), "objections": _objections()})
            objections = [profile_reading.Objection(**each) for each in given["objections"]]
            profile_reading.decide_reading(therapist_id, digest=given["digest"], objections=objections, by=by, now=at)
            return redirect(url_for("verifier_pages.desk_page"), SEE_OTHER)
    except DomainError as refused:
        return _profile(therapist_id, refused=refused)
    return redirect(url_for("verifier_pages.profile_page", therapist_id=therapist_id), SEE_OTHER)


@blueprint.get(f"/{PAGE}/registers/<slug>")
@allow(verifier)
def register_page(slug: str) -> ResponseReturnValue:
    """The monthly looks of one register."""
    return _register(slug)


@blueprint.post(f"/{PAGE}/registers/<slug>")
@allow(verifier)
def confirm_entries_here(slug: str) -> ResponseReturnValue:
    """Record that the entries that are ticked show exactly what they showed last time; what differs waits for a single look, and what is not any more as
    the page showed it is looked at once more.
    """
    at, facts = now(), work.register_facts(slug, by=_me(), now=now())
    try:
        if facts is None:
            raise NotFound
        ticked = set(request.form.getlist("unchanged"))
        entries = [_as_last_time(line) for line in facts["lines"] if line["shown"] in ticked]
        skipped = len(ticked) - len(entries)
        if ticked and not entries:
            return _register(slug, done=_changed(skipped))
        given = read_through(EntriesReadSchema, {"register": slug, "register_address": request.form.get("register_address"), "entries": entries})
        read = [rechecks.EntryRead(**each) for each in given["entries"]]
        outcomes = rechecks.confirm_unchanged(slug, read, register_address=given["register_address"], by=_me(), now=at)
    except DomainError as refused:
        return _register(slug, refused=refused)
    recorded = sum(not each.differs for each in outcomes)
    done = f"{recorded} recorded as unchanged, {len(outcomes) - recorded} left for a single look."
    return _register(slug, done=f"{done} {_changed(skipped)}" if skipped else done)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
decide_words_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
work_on_credential_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
work_on_check_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
work_on_profile_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
confirm_entries_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _register_check() -> RegisterCheck:
    decision, _, reason = request.form.get("decision", "").partition(":")
    places = [code.strip() for code in request.form.get("jurisdictions", "").split(",") if code.strip()]
    ticks = {name: name in request.form for name in ("restricted", "supervised")}
    given = {name: request.form.get(name, "").strip() for name in OF_REGISTER}
    body = read_through(RegisterCheckSchema, {**given, **ticks, "decision": decision, "reason": reason, "jurisdictions": places})
    return RegisterCheck(**{**body, "jurisdictions": tuple(body["jurisdictions"])})


def _check_seen(kind: str) -> check_records.CheckSeen:
    result, _, reason = request.form.get("decision", "").partition(":")
    given = {name: request.form.get(name, "").strip() for name in OF_CHECK}
    return check_records.CheckSeen(**read_through(CheckSeenSchema, {**given, "kind": kind, "result": result, "reason": reason}))


def _objections() -> list[dict[str, str]]:
    """One for each passage whose reason was chosen: ``reason-about``, with ``sentence-about`` copied out of it."""
    fields = [name.removeprefix("reason-") for name in request.form if name.startswith("reason-")]
    chosen = {field: request.form.get(f"reason-{field}", "") for field in fields}
    return [{"field": field, "reason": reason, "sentence": request.form.get(f"sentence-{field}", "")} for field, reason in chosen.items() if reason]


def _as_last_time(line: work.Facts) -> dict[str, Any]:
    credential, last = line["credential"], line["last"]
    day = credential.expires_on.isoformat() if credential.expires_on else None
    told = {"number": last.number, "name_found": last.name_found, "status_text": last.status_text}
    return {"credential_id": str(credential.public_id), **told, "expires_on": day}


def _changed(skipped: int) -> str:
    return f"{skipped} not recorded, as something changed since you opened this page: please look at them again."


def _move_case(subject: tuple[str, str], act: str, *, by: int) -> None:
    case = open_case_about("verification", subject)
    if case is None:
        raise NotFound
    {"claim": claim_case, "release": release_case}[act](case.public_id, by=by, kinds=verification.VERIFICATION, now=now())


def _one_of(*acts: str) -> str:
    act = request.form.get("act", "")
    if act not in acts:
        raise Invalid(PRESS)
    return act


def _credential(credential_id: uuid.UUID, *, refused: DomainError | None = None) -> ResponseReturnValue:
    facts = work.credential_facts(credential_id, by=_me(), now=now())
    return _page("verifier_credential", facts, refused=refused, choices=CHOICES)


def _check(check_id: uuid.UUID, *, refused: DomainError | None = None) -> ResponseReturnValue:
    facts = work.required_check_facts(check_id, by=_me(), now=now())
    return _page("verifier_check", facts, refused=refused, choices=CHECK_CHOICES)


def _profile(therapist_id: uuid.UUID, *, refused: DomainError | None = None) -> ResponseReturnValue:
    facts = work.profile_facts(therapist_id, by=_me())
    return _page("verifier_profile", facts, refused=refused, reasons=READING_REASONS)


def _register(slug: str, *, refused: DomainError | None = None, done: str | None = None) -> ResponseReturnValue:
    facts = work.register_facts(slug, by=_me(), now=now())
    if facts is None:
        raise NotFound
    return _page("verifier_register", facts, refused=refused, done=done)


def _page(template: str, facts: work.Facts, *, refused: DomainError | None = None, **more: Any) -> ResponseReturnValue:
    told = {**facts, **more, "plain": plain, "work_words": WORK, "csrf_token": csrf_token(), "given": request.form}
    page = render_template(f"therapists/{template}.html", refusal=words_of_refusal(refused) if refused else None, **told)
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _me() -> int:
    return caller().require_person()
