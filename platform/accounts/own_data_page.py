"""The page about one's own data: take it along, and erase the account. It works without a script."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.erase import erase_account, obstacles_of
from accounts.identity import csrf_token, forget_browser
from accounts.schemas import LONGEST_SENT
from core.access import allow, anyone, caller, signed_in
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError

blueprint = Blueprint("own_data_page", __name__, template_folder="templates")
PAGE = "my-data"


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def own_data_page() -> str:
    """What can be taken along, and what stands in the way of erasing the account."""
    return _page(caller().require_person())


@blueprint.post(f"/{PAGE}")
@allow(signed_in)
def erase_here() -> ResponseReturnValue:
    """Erase the account."""
    me = caller().require_person()
    try:
        erase_account(me, request.form.get("password", "")[:LONGEST_SENT], now=now())
    except DomainError as refused:
        return _page(me, refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    forget_browser()
    text = "Nobody can sign in to it any more. What was paid and booked stays under a number that leads to nobody. A last mail is on its way to you."
    return render_template("accounts/done.html", title="Your account is erased", text=text)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
erase_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(person_id: int, *, refusal: str = "") -> str:
    return render_template("accounts/own_data.html", csrf_token=csrf_token(), obstacles=obstacles_of(person_id, now=now()), refusal=refusal)
