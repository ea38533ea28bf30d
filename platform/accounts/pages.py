"""The two pages that mailed links lead to. They work without a script; the script only carries the token from the address into the form.

The token stands behind the # of the address, which browsers send to nobody: it reaches no log and no other site.
"""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.confirm import PAGE, confirm_address
from accounts.identity import csrf_token
from accounts.reset_password import RESET_PAGE, reset_password
from accounts.schemas import LONGEST_SENT
from core.access import allow, anyone
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import Invalid

blueprint = Blueprint("account_pages", __name__, template_folder="templates", static_folder="static", static_url_path="/accounts/static")


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def confirm_page() -> str:
    """Confirm an address."""
    return _form("accounts/confirm_address.html")


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def confirm_here() -> ResponseReturnValue:
    """Confirm it."""
    act = partial(_with_fields, confirm_address)
    return _done("Your address is confirmed", "Thank you. You can sign in now.", act, form="accounts/confirm_address.html")


@blueprint.get(f"/{RESET_PAGE}")
@allow(anyone)
def new_password_page() -> str:
    """Choose a new password."""
    return _form("accounts/new_password.html")


@blueprint.post(f"/{RESET_PAGE}")
@allow(anyone)
def new_password_here() -> ResponseReturnValue:
    """Set it."""
    text = "Everybody who was signed in to your account is signed out. You can sign in now."
    return _done("Your password is set", text, partial(_with_fields, reset_password), form="accounts/new_password.html")


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
for view in (confirm_here, new_password_here):
    view.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _done(title: str, text: str, act: Callable[[], object], *, form: str) -> ResponseReturnValue:
    """Say in words what became of it. Where a field has to be filled in anew the form comes again with its code, which nobody finds a second time."""
    try:
        act()
    except Invalid as refused:
        return _form(form, refusal=refused.in_words), STATUS_OF_KIND[refused.kind]
    return render_template("accounts/done.html", title=title, text=text, links=[("/sign-in", "Sign in")])


def _form(template: str, *, refusal: str = "") -> str:
    return render_template(template, csrf_token=csrf_token(), refusal=refusal, token=request.form.get("token", ""))


def _with_fields(act: Callable[..., object]) -> None:
    act(_field("token"), _field("password"), now=now())


def _field(name: str) -> str:
    value = request.form.get(name, "")
    if not 1 <= len(value) <= LONGEST_SENT or "\0" in value:
        raise Invalid(errors={name: [f"Between 1 and {LONGEST_SENT} characters."]})
    return value
