"""Asking by mail: once a session that has a check took place, if its client agreed to such mail. The mail says that there are questions, never which."""

from collections.abc import Sequence
from datetime import datetime

from accounts.consent import has_consent
from accounts.people import recipient_of
from booking.advance import client_ids_of
from booking.freed import Freed
from booking.lifecycle import State
from core.clock import now as now_of_transaction
from core.jobs import job
from notices.outbox import send
from progress.fit_check.due import due_checks

PAGE = "how-it-fits"
MAIL_CONSENT = "contact_by_mail"


def hear_ended(freed: Sequence[Freed], now: datetime) -> None:  # noqa: ARG001 the signature is `booking.freed.OnFreed`
    """Told by booking, in the transaction of the step."""
    for booking in [each for each, _ in freed if each.stands is State.COMPLETED and each.kind == "session" and not each.is_group]:
        for client_id in client_ids_of(booking):
            if has_consent(client_id, MAIL_CONSENT):
                ask_by_mail.enqueue(booking_id=booking.id, client_id=client_id)


@job("progress.ask_by_mail")
def ask_by_mail(booking_id: int, client_id: int) -> None:
    """If the check of this session is still due, and the consent still holds, when this runs."""
    now = now_of_transaction()
    due = next((each for each in due_checks(client_id, now=now) if each.booking.id == booking_id), None)
    recipient = recipient_of(client_id)
    if due is None or recipient is None or not has_consent(client_id, MAIL_CONSENT):
        return
    facts = {"therapist": due.booking.therapist.display_name, "start": due.booking.starts_at, "page": PAGE}
    send(recipient, kind="fit_check", template="progress/fit_check", facts=facts, once=f"fit-check:{booking_id}:{client_id}", now=now, person_id=client_id)
