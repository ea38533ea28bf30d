"""The two pages that mailed links lead to. They work without a script; the script only carries the token from the address into the form.

The token stands behind the # of the address, which browsers send to nobody: it reaches no log and no other site.
"""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.confirm import PAGE, confirm_address
from accounts.identity import csrf_token
from accounts.reset_password import RESET_PAGE, reset_password
from accounts.schemas import LONGEST_SENT
from core.access import allow, anyone
from core.clock import now
from core.errors import Invalid

blueprint = Blueprint("account_pages", __name__, template_folder="templates", static_folder="static", static_url_path="/accounts/static")


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def confirm_page() -> str:
    """Confirm an address."""
    return render_template("accounts/confirm_address.html", csrf_token=csrf_token())


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def confirm_here() -> ResponseReturnValue:
    """Confirm it."""
    return _done("Your address is confirmed", "Thank you. You can sign in now.", lambda: confirm_address(_field("token"), _field("password"), now=now()))


@blueprint.get(f"/{RESET_PAGE}")
@allow(anyone)
def new_password_page() -> str:
    """Choose a new password."""
    return render_template("accounts/new_password.html", csrf_token=csrf_token())


@blueprint.post(f"/{RESET_PAGE}")
@allow(anyone)
def new_password_here() -> ResponseReturnValue:
    """Set it."""
    text = "Everybody who was signed in to your account is signed out. You can sign in now."
    return _done("Your password is set", text, lambda: reset_password(_field("token"), _field("password"), now=now()))


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
for view in (confirm_here, new_password_here):
    view.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _done(title: str, text: str, act: Callable[[], object]) -> ResponseReturnValue:
    """Say in words what became of it; a refusal keeps its status, which rolls back."""
    act()
    return render_template("accounts/done.html", title=title, text=text)


def _field(name: str) -> str:
    value = request.form.get(name, "")
    if not 1 <= len(value) <= LONGEST_SENT or "\0" in value:
        raise Invalid(errors={name: [f"Between 1 and {LONGEST_SENT} characters."]})
    return value
