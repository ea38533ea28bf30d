"""The page where people sign up, and the page to have the confirmation mailed again: the rules, texts and answers are those of the API.

Both work without a script; the script only fills in the time zone of the browser. The answer is the same for every address.
"""

from typing import Any

import marshmallow as ma
from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.confirm import AGAIN_PAGE, ask_for_confirmation
from accounts.consent import current_text
from accounts.identity import csrf_token
from accounts.schemas import AddressSchema, SignUpSchema
from accounts.sign_up import sign_up
from accounts.throttle import count_asking
from accounts.way_back import safe_path
from core.access import allow, anyone, caller
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import Invalid, TooMany
from core.http import flat_errors

blueprint = Blueprint("sign_up_page", __name__, template_folder="templates")
PAGE = "sign-up"
# Without these there is no account; the other one is as each person likes.
NEEDED, OFFERED = ("terms", "privacy"), ("contact_by_mail",)
FIELDS = ("email", "password", "name", "zone")
ON_ITS_WAY = "If this address can be used for that, a mail is on its way. Its link confirms the address; then you can sign in."


# It looks at its parameter by itself: whatever is wrong with it leads to the first page.
@blueprint.get(f"/{PAGE}")
@allow(anyone)
def sign_up_page() -> ResponseReturnValue:
    """Ask for address, password and consents; whoever is signed in goes on at once."""
    way_back = safe_path(request.args.get("next"))
    return redirect(way_back or "/", 303) if caller().is_signed_in else _page(way_back)


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def sign_up_here() -> ResponseReturnValue:
    """Sign up. What is shown is the same for every address."""
    way_back = safe_path(request.form.get("next"))
    try:
        given = _loaded(SignUpSchema(), {**_typed(), "consents": _agreed()})
        count_asking(given["email"], remote_addr=request.remote_addr, now=now())
        consents = {each["purpose"]: each["text_version"] for each in given.pop("consents")}
        if missing := [purpose for purpose in NEEDED if purpose not in consents]:
            raise Invalid("An account needs your consent to: " + ", ".join(current_text(each).title for each in missing) + ".")
        sign_up(**given, consents=consents, now=now())
    except (Invalid, TooMany) as refused:
        return _page(way_back, refusal=refused.in_words), STATUS_OF_KIND[refused.kind]
    return render_template("accounts/mail_on_its_way.html", text=ON_ITS_WAY, next=way_back)


@blueprint.get(f"/{AGAIN_PAGE}")
@allow(anyone)
def again_page() -> str:
    """Ask for the address."""
    return _again()


@blueprint.post(f"/{AGAIN_PAGE}")
@allow(anyone)
def again_here() -> ResponseReturnValue:
    """Mail the link again, if there is an account that waits for it."""
    try:
        email = _loaded(AddressSchema(), {"email": request.form.get("email", "")})["email"]
        count_asking(email, remote_addr=request.remote_addr, now=now())
        ask_for_confirmation(email, now=now())
    except (Invalid, TooMany) as refused:
        return _again(refusal=refused.in_words), STATUS_OF_KIND[refused.kind]
    return render_template("accounts/mail_on_its_way.html", text=ON_ITS_WAY, next=None)


# `core.http.refuse_unexpected` asks what a view takes.
sign_up_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]
sign_up_here.__takes__ = frozenset({"form", "query"})  # type: ignore[attr-defined]
again_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _typed() -> dict[str, str]:
    """What was filled in; an empty field that may be left out is left out."""
    typed = {name: request.form.get(name, "").strip() if name != "password" else request.form.get(name, "") for name in FIELDS}
    return {name: value for name, value in typed.items() if value or name in ("email", "password")}


def _agreed() -> list[dict[str, str]]:
    """The texts that were ticked, in the version that the page showed."""
    ticked = {purpose: request.form.get(f"consent-{purpose}", "") for purpose in (*NEEDED, *OFFERED)}
    return [{"purpose": purpose, "text_version": version} for purpose, version in ticked.items() if version]


def _loaded(schema: ma.Schema, given: dict[str, Any]) -> dict[str, Any]:
    """The form as the API would have taken it."""
    try:
        return schema.load(given)  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise Invalid("Please look at this again.", errors=flat_errors(error.messages)) from error


def _page(way_back: str | None, *, refusal: str = "") -> str:
    texts = [(current_text(purpose), purpose in NEEDED) for purpose in (*NEEDED, *OFFERED)]
    return render_template("accounts/sign_up.html", next=way_back, texts=texts, given=request.form, csrf_token=csrf_token(), refusal=refusal)


def _again(*, refusal: str = "") -> str:
    return render_template("accounts/confirm_again.html", csrf_token=csrf_token(), refusal=refusal, email=request.form.get("email", ""))
