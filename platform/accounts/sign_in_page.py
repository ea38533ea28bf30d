"""The page where people sign in, and the way to it from a page that asks for somebody: it leads back to where they were going, and to nowhere else.

Beside it, the page to ask for a new password. Both work without a script; the script only carries what stands behind the # of the address along, which no
server sees.
"""

import marshmallow as ma
from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token, forget_browser
from accounts.reset_password import ask_for_reset
from accounts.schemas import AddressSchema, SignInSchema
from accounts.sign_in import sign_out
from accounts.sign_in_calls import sign_in_here
from accounts.throttle import count_asking
from accounts.way_back import safe_path
from core.access import allow, anyone, caller
from core.clock import now
from core.dispatch import STATUS_OF_KIND, problem
from core.errors import DomainError, Invalid, Unauthenticated
from core.http import flat_errors

blueprint = Blueprint("sign_in_page", __name__, template_folder="templates")
PAGE, SIGN_OUT, FORGOT_PAGE = "sign-in", "sign-out", "forgot-password"
SEE_OTHER = 303


def init_app(app: Flask) -> None:
    """Whoever meets a page that asks for somebody is led to signing in; a program at the API reads a refusal."""
    app.register_error_handler(Unauthenticated, lambda refused: problem(refused) if request.path.startswith("/api/") else to_sign_in())


def to_sign_in() -> ResponseReturnValue:
    """For a page that is nobody's to read without signing in: the way to the sign-in page, and back to this one if it can be looked at."""
    can_look = bool(request.url_rule and current_app.url_map.bind("localhost").test(request.path, "GET"))
    return redirect(url_for("sign_in_page.sign_in_page", next=safe_path(request.path) if can_look else None), SEE_OTHER)


# It looks at its parameter by itself: whatever is wrong with it leads to the first page.
@blueprint.get(f"/{PAGE}")
@allow(anyone)
def sign_in_page() -> ResponseReturnValue:
    """Ask for address and password; whoever is signed in goes on at once."""
    way_back = safe_path(request.args.get("next"))
    if caller().is_signed_in:
        return redirect(way_back or "/", SEE_OTHER)
    return _page(way_back)


@blueprint.post(f"/{PAGE}")
@allow(anyone, outside=True)
def sign_in_here_now() -> ResponseReturnValue:
    """Sign in, and go on."""
    way_back = safe_path(request.form.get("next"))
    try:
        given = _loaded(SignInSchema(), "email", "password")
        sign_in_here(given["email"], given["password"])
    except DomainError as refused:
        wait = {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
        return _page(way_back, refusal=refused), STATUS_OF_KIND[refused.kind], wait
    return redirect(way_back or "/", SEE_OTHER)


@blueprint.post(f"/{SIGN_OUT}")
@allow(anyone)
def sign_out_here() -> ResponseReturnValue:
    """End this session on the server; a copy of its cookie is worth nothing afterwards. Whoever is signed out already is so still."""
    here = caller()
    if here.person_id is not None and here.session_id is not None:
        sign_out(here.person_id, here.session_id, now=now())
        forget_browser()
    return redirect("/", SEE_OTHER)


@blueprint.get(f"/{FORGOT_PAGE}")
@allow(anyone)
def forgot_page() -> str:
    """Ask for the address."""
    return render_template("accounts/forgot_password.html", csrf_token=csrf_token(), refusal="", email="")


@blueprint.post(f"/{FORGOT_PAGE}")
@allow(anyone)
def forgot_here() -> ResponseReturnValue:
    """Mail the link, if somebody has this address. What is shown is the same for every address."""
    try:
        email = _loaded(AddressSchema(), "email")["email"]
        count_asking(email, remote_addr=request.remote_addr, now=now())
        ask_for_reset(email, now=now())
    except DomainError as refused:
        given = {"refusal": refused.detail, "email": request.form.get("email", ""), "csrf_token": csrf_token()}
        return render_template("accounts/forgot_password.html", **given), STATUS_OF_KIND[refused.kind]
    return render_template(
        "accounts/done.html", title="Look into your mail", text="If somebody signed up with this address, a link to a new password is on its way."
    )


# `core.http.refuse_unexpected` asks what a view takes.
sign_in_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
sign_in_here_now.__takes__ = frozenset({"form", "query"})  # type: ignore[attr-defined]
sign_out_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
forgot_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _loaded(schema: ma.Schema, *names: str) -> dict[str, str]:
    """The form as the API would have taken it."""
    try:
        return schema.load({name: request.form.get(name, "") for name in names})  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        messages = [message for messages in flat_errors(error.messages).values() for message in messages]
        raise Invalid(" ".join(messages)) from error


def _page(way_back: str | None, *, refusal: DomainError | None = None) -> str:
    facts = {"next": way_back, "email": request.form.get("email", ""), "csrf_token": csrf_token()}
    return render_template("accounts/sign_in.html", **facts, refusal=refusal.detail if refusal else "")
