"""Cases over HTTP, for the people whose role a kind of case belongs to."""

import uuid
from typing import Any

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint
from desk import cases, contact, listing
from desk.kinds import STAFF_ROLES, kinds_visible_to
from desk.models import Case
from desk.schemas import CaseContactSchema, CaseInFullSchema, CasePageSchema, CaseQuery, CaseSchema, ClosingSchema, NewStepSchema

blueprint = Blueprint("cases", __name__, url_prefix="/api/v1/cases", description="What a person must look at, with an owner and a clock")
blueprints = [blueprint]
staff = role(*STAFF_ROLES)


@blueprint.get("")
@allow(staff)
@blueprint.takes(CaseQuery, location="query")
@blueprint.gives(200, CasePageSchema)
def list_cases(query: dict[str, Any]) -> listing.CasePage:
    """Cases of your kinds, the earliest clock first."""
    kinds = _my_kinds() & {query["kind"]} if "kind" in query else _my_kinds()
    states = (query["state"],) if "state" in query else ("open", "owned")
    owner = caller().require_person() if query["mine"] else None
    return listing.cases_of(kinds, states=states, owner_id=owner, limit=query["limit"], cursor=query.get("cursor"))


@blueprint.get("/<uuid:case_id>")
@allow(staff, records_reads=True)
@blueprint.gives(200, CaseInFullSchema)
def read_case(case_id: uuid.UUID) -> Case:
    """One case with its facts and steps. Reading it is recorded."""
    return cases.read_case(case_id, kinds=_my_kinds(), by=caller().require_person())


@blueprint.get("/<uuid:case_id>/contact")
@allow(staff, records_reads=True)
@blueprint.gives(200, CaseContactSchema)
def read_contact(case_id: uuid.UUID) -> contact.Contact:
    """How to reach the person of a case of yours. Reading it is recorded."""
    return contact.contact_for_case(case_id, by=caller().require_person(), kinds=_my_kinds())


@blueprint.post("/<uuid:case_id>/claim")
@allow(staff)
@blueprint.gives(200, CaseInFullSchema)
def claim_case(case_id: uuid.UUID) -> Case:
    """Become the owner of a case that has none."""
    return _after(cases.claim_case(case_id, **_me()))


@blueprint.post("/<uuid:case_id>/release")
@allow(staff)
@blueprint.gives(200, CaseSchema)
def release_case(case_id: uuid.UUID) -> Case:
    """Give a case of yours back, also one that turned out to be about yourself. The answer is the case without what stands in it."""
    cases.release_case(case_id, **_me())
    return cases.case_in_brief(case_id)


@blueprint.post("/<uuid:case_id>/steps")
@allow(staff)
@blueprint.takes(NewStepSchema)
@blueprint.gives(201, CaseInFullSchema)
def add_step(body: dict[str, Any], case_id: uuid.UUID) -> Case:
    """Record what you did about a case of yours."""
    return _after(cases.add_step(case_id, **body, **_me()))


@blueprint.post("/<uuid:case_id>/close")
@allow(staff)
@blueprint.takes(ClosingSchema)
@blueprint.gives(200, CaseInFullSchema)
def close_case(body: dict[str, Any], case_id: uuid.UUID) -> Case:
    """End a case of yours with an outcome."""
    return _after(cases.close_case(case_id, **body, **_me()))


def _my_kinds() -> frozenset[str]:
    return kinds_visible_to(caller().roles)


def _me() -> dict[str, Any]:
    return {"by": caller().require_person(), "kinds": _my_kinds(), "now": now()}


def _after(case: Case) -> Case:
    return cases.read_case(case.public_id, kinds=_my_kinds(), by=caller().require_person())
