"""What a person reads where a page refuses them or cannot be found: what it is in words, what to do now, and the way on. Programs read the problem document.

It asks the database nothing, because that may be what failed.
"""

from http import HTTPStatus

from flask import current_app, render_template, request

from core.dispatch import Refusal

TITLES = {
    403: "This is not open to your account",
    404: "There is nothing here",
    405: "That did not work",
    429: "A little later, please",
    500: "Something went wrong on our side",
    503: "This is not available for the moment",
}
BY_CODE = {
    "consent_required": ("One thing first", "Go back and tick it, if you agree. You can take it back at any time."),
    "intake_closed": ("Closed on this device", "At “Find a therapist”, on the first page, is the way on."),
}
ADVICE = {
    400: "Go back, load the page again, and repeat what you did.",
    403: "If you have another account for this, sign in with that one.",
    404: "The address may be incomplete, what was here may be over, or it belongs to another account.",
    405: "Open this page from a link instead.",
    409: "Load the page again to see how it stands now.",
    410: "Links in mails work for a limited time, and most of them once. The newest mail has the one that counts.",
    412: "Load the page again to see how it stands now.",
    413: "Send something smaller.",
    422: "Go back and change it. Nothing was changed so far.",
    429: "Nothing was changed. Wait a little, then try again.",
    500: "Try again in a little while. If it happens again, tell us the code below.",
    503: "Try again in a minute.",
}
# What the API says to programs, for people.
IN_PAGES = {
    "csrf_token_needed": "Your sign-in has changed since this page was loaded. Load the page again, and repeat what you did.",
    "foreign_origin": "This was sent from another site, so it was not carried out. Open the page here, and repeat what you did.",
    "if_match_required": "Load the page again, and repeat what you did.",
    "unsupported_media_type": "What was sent is no form of this page. Load the page again, and repeat what you did.",
}
OTHERWISE = "That did not work"


def refused_page(refused: Refusal) -> str:
    """The page, in the site's template."""
    by_code = IN_PAGES.get(refused.code)
    title, advice = BY_CODE.get(refused.code, (TITLES.get(refused.status, OTHERWISE), ADVICE.get(refused.status, "")))
    return render_template(
        "refused.html",
        title="First this" if refused.extra.get("crisis_help") else title,
        text=by_code or refused.detail,
        messages=[message for messages in refused.errors.values() for message in messages],
        advice="" if by_code or refused.code == "email_not_confirmed" else advice,
        code=refused.code,
        status=refused.status,
        help=refused.extra.get("crisis_help"),
        again=request.path if _can_be_looked_at() and refused.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN) else "",
    )


def _can_be_looked_at() -> bool:
    return bool(request.url_rule and current_app.url_map.bind("localhost").test(request.path, "GET"))
