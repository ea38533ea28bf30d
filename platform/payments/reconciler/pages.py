"""The money desk's pages: what differs, and one difference with the buttons that lead out of it. They work without a script."""

import uuid

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller, role
from core.clock import now
from core.db import transaction
from core.errors import Invalid
from desk.cases import claim_case
from payments.reconciler.ask import ask_for_comparison
from payments.reconciler.decide import MONEY
from payments.reconciler.decide_calls import decide
from payments.reconciler.kinds import ACTIONS
from payments.reconciler.reading import comparisons, differences_of, show_difference
from payments.reconciler.routes import LONGEST_REASON

blueprint = Blueprint("money_desk_pages", __name__, template_folder="../templates")
MOST = 50


@blueprint.get("/desk/money")
@allow(role("admin"))
def money_desk() -> str:
    """What waits for a decision, and when we compared last."""
    page = differences_of(("open", "settling"), reader=caller().require_person(), limit=MOST, cursor=None)
    return render_template("payments/money_desk.html", differences=page.items, more=page.next is not None, runs=comparisons()[:5], csrf_token=csrf_token())


@blueprint.post("/desk/money")
@allow(role("admin"))
def compare_here() -> ResponseReturnValue:
    """Compare now."""
    ask_for_comparison(by=caller().require_person(), now=now())
    return redirect(url_for("money_desk_pages.money_desk"), 303)


@blueprint.get("/desk/money/<uuid:difference_id>")
@allow(role("admin"))
def difference_page(difference_id: uuid.UUID) -> ResponseReturnValue:
    """One difference."""
    shown = show_difference(difference_id, reader=caller().require_person())
    return render_template("payments/difference.html", difference=shown, longest=LONGEST_REASON, csrf_token=csrf_token())


@blueprint.post("/desk/money/<uuid:difference_id>")
@allow(role("admin"), outside=True)
def decide_here(difference_id: uuid.UUID) -> ResponseReturnValue:
    """Claim its case, or decide."""
    action, reason, me = request.form.get("action", ""), request.form.get("reason", "").strip(), caller().require_person()
    if action == "claim":
        with transaction():
            claim_case(show_difference(difference_id, reader=me).case_id, by=me, kinds=MONEY, now=now())
    elif action in ACTIONS and 1 <= len(reason) <= LONGEST_REASON and "\0" not in reason:
        decide(difference_id, action, reason=reason, by=me)
    else:
        raise Invalid("Please press one of the buttons, and give a reason for what you decide.")
    return redirect(url_for("money_desk_pages.difference_page", difference_id=difference_id), 303)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
compare_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
decide_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
