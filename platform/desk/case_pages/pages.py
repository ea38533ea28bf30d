"""The cases of one's own roles, and one case: take it on, see how to reach the person, write down what was done, close it. Works without a script."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller, role
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError
from core.forms import words_of_refusal
from desk.case_pages.shown import case_facts, press, waiting
from desk.contact import Contact
from desk.kinds import ROLE_OF_KIND, SAFETY, kinds_visible_to

PAGE = "desk/cases"
# Those have pages of their own, with what belongs to them alone.
ELSEWHERE = frozenset({SAFETY, "verification"})
blueprint = Blueprint("case_pages", __name__, template_folder="templates")
staff = role(*dict.fromkeys(holder for kind, holder in ROLE_OF_KIND.items() if kind not in ELSEWHERE))
SEE_OTHER = 303


@blueprint.get(f"/{PAGE}")
@allow(staff)
def cases_page() -> str:
    """What waits for me or is mine."""
    return render_template("desk/cases.html", **waiting(_kinds(), by=_me(), now=now()), page=PAGE, csrf_token=csrf_token())


@blueprint.get(f"/{PAGE}/<uuid:case_id>")
@allow(staff, records_reads=True)
def case_page(case_id: uuid.UUID) -> ResponseReturnValue:
    """One case. Reading it is recorded."""
    return _page(case_id)


@blueprint.post(f"/{PAGE}/<uuid:case_id>")
@allow(staff)
def work_on_case_here(case_id: uuid.UUID) -> ResponseReturnValue:
    """Take it on or give it back, see how to reach the person, write down what was done, close it."""
    try:
        contact = press(case_id, request.form, kinds=_kinds(), by=_me(), now=now())
    except DomainError as refused:
        return _page(case_id, refused=refused)
    if contact:
        return _page(case_id, contact=contact)
    given_back = request.form["act"] == "release"
    return redirect(url_for("case_pages.cases_page") if given_back else url_for("case_pages.case_page", case_id=case_id), SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
work_on_case_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(case_id: uuid.UUID, *, refused: DomainError | None = None, contact: Contact | None = None) -> ResponseReturnValue:
    facts = case_facts(case_id, kinds=_kinds(), by=_me(), now=now())
    told = {"page": PAGE, "contact": contact, "refusal": words_of_refusal(refused) if refused else "", "csrf_token": csrf_token()}
    page = render_template("desk/case.html", **facts, **told)
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _kinds() -> frozenset[str]:
    return kinds_visible_to(caller().roles) - ELSEWHERE


def _me() -> int:
    return caller().require_person()
