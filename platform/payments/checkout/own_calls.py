"""A payer asks how their payment stands, from the page that they come back to or over the API: the same look that an event causes."""

import uuid
from contextlib import suppress

from core.access import caller
from core.db import transaction
from payments.checkout.look_calls import NoSuchObject, look_at_payment
from payments.reading import PaymentShown, show_payment


def look_at_own(public_id: uuid.UUID) -> PaymentShown:
    """NotFound unless the caller pays it or is paid. ProcessorUnavailable; the payment then settles by an event or by the poller."""
    with transaction():
        me = caller().require_person()
        show_payment(public_id, person_id=me)
    with suppress(NoSuchObject):  # how it stands here is what can be said
        look_at_payment(public_id)
    with transaction():
        return show_payment(public_id, person_id=me)
