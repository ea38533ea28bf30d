"""The development mailbox: what the mailbox folder holds, to look at in a browser. Anywhere else there is nothing under these addresses."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from flask import Blueprint, Response, current_app, render_template

from core.access import allow, anyone
from core.errors import NotFound
from notices.transport import MailboxFolder, mail_transport

SHOWN = 200
# Mail carries its styles in its elements, and a frame made of text obeys the policy of the page around it.
MAIL_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
blueprint = Blueprint("mailbox", __name__, template_folder="templates")


@blueprint.get("/mailbox")
@allow(anyone)
def mailbox() -> str:
    """The messages, the newest first."""
    folder = _folder()
    messages = [(name, message) for name in folder.names()[:SHOWN] if (message := _read(folder, name))]
    return render_template("mailbox/list.html", messages=messages)


@blueprint.get("/mailbox/<name>")
@allow(anyone)
def mailbox_message(name: str) -> Response:
    """One message: its headers, its text, its HTML in a frame without rights, its calendar object."""
    message = _read(_folder(), name)
    if message is None:
        raise NotFound
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    page = render_template(
        "mailbox/message.html",
        message=message,
        text=text.get_content() if text else "",
        html=html.get_content() if html else "",
        calendars=[part.get_content() for part in message.walk() if isinstance(part, EmailMessage) and part.get_content_type() == "text/calendar"],
    )
    response = Response(page)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _folder() -> MailboxFolder:
    transport = mail_transport()
    if current_app.config["ENVIRONMENT"] != "development" or not isinstance(transport, MailboxFolder):
        raise NotFound
    return transport


def _read(folder: MailboxFolder, name: str) -> EmailMessage | None:
    content = folder.read(name)
    return None if content is None else message_from_bytes(content, policy=default)
