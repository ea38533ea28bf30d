"""Who may work on safety cases, and when somebody is there. Works without a script."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.people import account_with, public_id_of
from core.access import allow, caller, role
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_id, read_through, words_of_refusal
from desk.cases import release_safety_cases_of
from desk.safety_desk import Declared, declare_member, members, on_duty, remove_member
from desk.safety_routes import DeclarationSchema
from taxonomy.vocabulary import vocabulary

PAGE = "desk/safety-desk"
blueprint = Blueprint("duty_pages", __name__, template_folder="templates")
admin = role("admin")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIELDS = ("qualification", "issued_by", "seen_on", "valid_until", "zone")
SEE_OTHER = 303


@blueprint.get(f"/{PAGE}")
@allow(admin)
def members_page() -> ResponseReturnValue:
    """Everybody who is declared, and the form for one more."""
    return _page()


@blueprint.post(f"/{PAGE}")
@allow(admin)
def declare_here() -> ResponseReturnValue:
    """Declare somebody, declare them anew, or take them off."""
    try:
        act = request.form.get("act", "")
        if act == "declare":
            _declare()
        elif act == "remove":
            release_safety_cases_of(remove_member(form_id("person_id"), by=caller().require_person()), now=now())
        else:
            raise Invalid("Please press one of the buttons.")
    except DomainError as refused:
        return _page(refused=refused)
    return redirect(f"/{PAGE}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
declare_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _declare() -> None:
    account = account_with(request.form.get("email", "").strip().lower()[:254])
    if account is None:
        raise Invalid(errors={"email": ["Nobody here has this address."]})
    form: dict[str, Any] = {name: request.form.get(name, "").strip() for name in FIELDS}
    given = read_through(DeclarationSchema, form | {"languages": request.form.getlist("languages"), "hours": _hours()})
    declare_member(public_id_of(account.person_id), Declared(**given), by=caller().require_person(), now=now())


def _hours() -> list[list[int]]:
    """A window for each day on which both ends are given; midnight as an end is the end of the day."""
    windows = []
    for weekday in range(len(DAYS)):
        start, end = _minute(f"from-{weekday}"), _minute(f"to-{weekday}")
        if start is not None and end is not None:
            windows.append([weekday, start, end or 24 * 60])
    return windows


def _minute(name: str) -> int | None:
    """Of the day, from ``HH:MM``."""
    hours, _, minutes = request.form.get(name, "").partition(":")
    if not (hours.isascii() and minutes.isascii() and hours.isdigit() and minutes.isdigit() and len(hours) <= 2 and len(minutes) <= 2):
        return None
    return int(hours) * 60 + int(minutes)


def _page(*, refused: DomainError | None = None) -> ResponseReturnValue:
    languages = sorted((each.label, each.slug) for each in vocabulary().languages.values())
    facts = {"members": [(each, [_window(*window) for window in each.hours]) for each in members()], "on_duty": on_duty(now=now())}
    refusal = words_of_refusal(refused) if refused else ""
    page = render_template("desk/duty.html", **facts, languages=languages, days=DAYS, refusal=refusal, given=request.form, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _window(weekday: int, start: int, end: int) -> str:
    return f"{DAYS[weekday]} {start // 60:02}:{start % 60:02} to {end // 60:02}:{end % 60:02}"
