"""The required checks over HTTP: where a therapist stands, the agreement and its signature, proof for a look; and the verifier's record of one."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.dates import Day
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, Text, page_schema
from desk.kinds import PRIORITIES
from taxonomy.vocabulary import vocabulary
from therapists import check_records, own_checks, sign_agreement
from therapists.agreement import Agreement
from therapists.check_models import RESULTS, AgreementSignature, PracticeCheck, PracticeCheckRecord
from therapists.check_queue import WaitingCheck, check_queue
from therapists.check_reading import check_to_verify
from therapists.facts import check_facts
from therapists.profile import own_profile, profile_for_edit
from therapists.representations import Json
from therapists.required_checks import STATES, last_day_of, state_of

own = Blueprint("therapist_checks", __name__, url_prefix="/api/v1/therapist/checks", description="What is checked about you, and where you stand")
to_verify = Blueprint("verification_checks", __name__, url_prefix="/api/v1/verification", description="Required checks beside the register's entry")
blueprints = [own, to_verify]
therapist_only, verifier = role("therapist"), role("verifier")
KINDS = tuple(vocabulary().checks.kinds)
ALL_REASONS = tuple(dict.fromkeys(reason for reasons in check_records.REASONS.values() for reason in reasons))


class CheckStateSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    checked_at = Instant(required=True, allow_none=True)
    last_day = Day(required=True, allow_none=True, metadata={"description": "Counted in `zone`; null where there is none."})
    zone = fields.String(required=True)


class OwnCheckItemSchema(Schema):
    """One check, what it closes while it does not hold, and what to do next."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    label = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    closes = fields.String(required=True, validate=validate.OneOf(own_checks.CLOSES))
    looked_for = fields.String(required=True, metadata={"description": "What is looked for in your country."})
    address = fields.String(required=True, allow_none=True)
    as_of = fields.String(required=True)
    checked_at = Instant(required=True, allow_none=True)
    last_day = Day(required=True, allow_none=True)
    waits_for_us = fields.Boolean(required=True)
    takes_proof = fields.Boolean(required=True)
    next_step = fields.String(required=True, allow_none=True)


class OwnChecksSchema(Schema):
    draft = fields.Boolean(required=True, metadata={"description": "true while nobody responsible has signed the table of what is required."})
    items = fields.List(fields.Nested(OwnCheckItemSchema), required=True)


class AgreementSchema(Schema):
    version = fields.String(required=True)
    digest = fields.String(required=True, metadata={"description": "SHA-256 of these words; the signature repeats it."})
    in_force_on = Day(required=True)
    sign_by = Day(required=True, metadata={"description": "Last day on which a signature under the version before is enough."})
    draft = fields.Boolean(required=True)
    title = fields.String(required=True)
    paragraphs = fields.List(fields.String(), required=True)


class SignatureSchema(Schema):
    version = fields.String(required=True, validate=validate.Length(1, 40))
    digest = fields.String(required=True, validate=validate.Length(equal=64))


class SignedSchema(SignatureSchema):
    signed_at = Instant(required=True)


class CheckSeenSchema(Schema):
    """What was seen, and whether it passes."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(check_records.recordable())))
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    reason = fields.String(required=True, validate=validate.OneOf(ALL_REASONS))
    body = Text(longest=120, required=True, metadata={"description": "Who issued it, or which list was read."})
    reference = Text(longest=120, metadata={"description": "Of the policy or certificate; sealed."})
    valid_until = Day(allow_none=True, metadata={"description": "A document's last day, in the therapist's zone."})
    checked_at = Instant(metadata={"description": "Without it: now."})
    note = Text(longest=1000, lines=True)


class CheckRecordSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    reason = fields.String(required=True, validate=validate.OneOf(ALL_REASONS))
    body = fields.String(required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    checked_at = Instant(required=True)
    valid_until = Day(required=True, allow_none=True)


class CheckShownSchema(CheckStateSchema):
    id = PublicId(required=True)
    therapist_id = PublicId(required=True)
    therapist_name = fields.String(required=True)
    looked_for = fields.String(required=True)
    address = fields.String(required=True, allow_none=True)
    waits_for_us = fields.Boolean(required=True)


class CheckToVerifySchema(CheckShownSchema):
    records = fields.List(fields.Nested(CheckRecordSchema), required=True)


class WaitingCheckSchema(CheckShownSchema):
    """A check with the case that asks somebody to look at it."""

    case_id = PublicId(required=True)
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    due_at = Instant(required=True)
    owner_id = PublicId(required=True, allow_none=True)


class CheckQueueQuery(PageQuery):
    kind = fields.String(validate=validate.OneOf(tuple(check_records.recordable())), metadata={"description": "Only this kind: `sanctions` are the screens."})
    overdue = fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"}, metadata={"description": "Only what is past its clock."})


CheckQueuePageSchema = page_schema(WaitingCheckSchema)


@own.get("")
@allow(therapist_only)
@own.gives(200, OwnChecksSchema)
def list_checks() -> Json:
    """What is required of you beside your entry on the register, where you stand, and what to do next."""
    found = own_checks.own_checks(own_profile(caller().require_person()), now=now())
    return {"draft": vocabulary().checks.signed_by is None, "items": [_own_check(each) for each in found]}


@own.get("/agreement")
@allow(therapist_only)
@own.gives(200, AgreementSchema)
def read_agreement() -> Agreement:
    """The agreement in force, to be read before it is signed."""
    return sign_agreement.agreement_for(own_profile(caller().require_person()), now=now())


@own.post("/agreement")
@allow(therapist_only)
@own.takes(SignatureSchema)
@own.gives(201, SignedSchema)
def sign(body: dict[str, Any]) -> AgreementSignature:
    """Sign the agreement whose words have this digest."""
    return sign_agreement.sign_agreement(caller().require_person(), **body, now=now())


@own.post("/<kind>/offer")
@allow(therapist_only)
@own.gives(200, CheckStateSchema)
def offer_proof(kind: str) -> Json:
    """Ask us to look at what you have sent. What holds goes on holding until its last day."""
    return _state(own_checks.offer_proof(profile_for_edit(caller().require_person()), kind, now=now()))


@to_verify.post("/therapists/<uuid:therapist_id>/checks")
@allow(verifier)
@to_verify.takes(CheckSeenSchema)
@to_verify.gives(201, CheckToVerifySchema)
def record_seen(body: dict[str, Any], therapist_id: uuid.UUID) -> Json:
    """Record what you saw; a failed check closes the doors that need it at once."""
    check = check_records.record_seen(therapist_id, check_records.CheckSeen(**body), by=caller().require_person(), now=now())
    return _to_verify(*check_to_verify(check.public_id))


@to_verify.get("/checks")
@allow(verifier)
@to_verify.takes(CheckQueueQuery, location="query")
@to_verify.gives(200, CheckQueuePageSchema)
def list_waiting(query: dict[str, Any]) -> Json:
    """Required checks that wait for a look, in the order of the credentials' queue. Their cases are claimed and released at /cases."""
    page = check_queue(by=caller().require_person(), now=now(), **query)
    return {"items": [_waiting(waiting) for waiting in page.items], "next": page.next}


@to_verify.get("/checks/<uuid:check_id>")
@allow(verifier)
@to_verify.gives(200, CheckToVerifySchema)
def read_check(check_id: uuid.UUID) -> Json:
    """One required check of a therapist with all that was recorded about it."""
    return _to_verify(*check_to_verify(check_id))


def _own_check(each: own_checks.OwnCheck) -> Json:
    return {
        "kind": each.kind.slug,
        "label": each.kind.label,
        "state": each.state,
        "closes": each.closes,
        "looked_for": each.rule.body,
        "address": each.rule.address,
        "as_of": each.rule.as_of,
        "checked_at": each.row.checked_at if each.row else None,
        "last_day": each.last_day,
        "waits_for_us": each.waits,
        "takes_proof": each.kind.takes_proof,
        "next_step": each.next_step,
    }


def _state(check: PracticeCheck) -> Json:
    facts = check_facts(check)
    return {"kind": check.kind, "state": state_of(facts, now=now()), "checked_at": check.checked_at, "last_day": last_day_of(facts), "zone": check.zone}


def _to_verify(check: PracticeCheck, records: list[PracticeCheckRecord]) -> Json:
    return _shown(check) | {"records": records}


def _waiting(waiting: WaitingCheck) -> Json:
    case = waiting.case
    return _shown(waiting.check) | {
        "case_id": case.public_id,
        "priority": case.priority,
        "due_at": case.due_at,
        "owner_id": case.owner.public_id if case.owner else None,
    }


def _shown(check: PracticeCheck) -> Json:
    rule = vocabulary().checks.rule(check.kind, check.therapist.country)
    return _state(check) | {
        "id": check.public_id,
        "therapist_id": check.therapist.public_id,
        "therapist_name": check.therapist.display_name,
        "looked_for": rule.body if rule else "",
        "address": rule.address if rule else None,
        "waits_for_us": check.offered_at is not None,
    }
