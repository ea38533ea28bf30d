"""What goes back of what was paid when a booking ends, by its terms and by who ended it. Connected to `booking.freed`.

Declined, withdrawn, not answered: everything. Cancelled by the therapist or the platform, or by a client in time: everything. Cancelled late, or not come
to, by the client: everything but the fee that they agreed to. It did not take place for another reason: everything. What was taken to make it cheaper goes
back in the same cases.
"""

from datetime import datetime

from booking.after.late_fee import late_fee_of
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.due import PURPOSE
from payments.codes.use import give_back_use
from payments.give_up import GivenUp, give_up
from payments.packs.take import release_session
from payments.refunds.request import give_back_all_but

REASON_OF = {State.DECLINED: "declined", State.EXPIRED: "declined", State.WITHDRAWN: "withdrawn", State.CANCELLED: "cancelled", State.NO_SHOW: "not_held"}


def hear_freed(booking: Booking, before: State, now: datetime) -> None:
    """The booking has just taken this step; its people are locked. What moved, or took place, changes nothing of its payment."""
    if booking.stands in {State.CONFIRMED, State.COMPLETED}:
        return
    standing = give_up(booking.public_id, PURPOSE, reason=booking.stands.value, now=now) if booking.is_paid_online else GivenUp.NOTHING_OPEN
    if before is State.HELD and standing is not GivenUp.NOTHING_OPEN:
        return  # money for a hold is judged when it is heard of
    if before is not State.HELD and booking.is_paid_online:
        give_back_all_but(kept_of(booking), reference=booking.public_id, purpose=PURPOSE, reason=REASON_OF[booking.stands], by=booking.ended_by, now=now)
    if not is_clients_loss(booking):
        give_back_use(booking.public_id, now=now)
        release_session(booking.public_id, now=now)


def kept_of(booking: Booking) -> int:
    """Minor units that stay with the therapist now that it has ended: the fee for a late cancellation or for not coming, or nothing."""
    fee = late_fee_of(booking)
    return fee.amount if is_clients_loss(booking) and fee is not None else 0


def is_clients_loss(booking: Booking) -> bool:
    """Whether its client cancelled late or did not come, under terms that ask for something then."""
    clients_doing = booking.cancelled_late if booking.stands is State.CANCELLED else booking.outcome == "client_absent"
    return clients_doing and booking.late_fee_percent > 0
