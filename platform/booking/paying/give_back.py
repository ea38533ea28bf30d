"""What goes back of what was paid when a booking ends, by its terms and by who ended it. Connected to `booking.freed`.

Declined, withdrawn, not answered: everything. Cancelled by the therapist or the platform, or by a client in time: everything. Cancelled late, or not come
to, by the client: everything but the fee that they agreed to. It did not take place for another reason: everything. What was taken to make it cheaper goes
back in the same cases. Of what a gift code and a card paid together the card gets back first (`payments.gifts.balance`).
"""

from collections.abc import Sequence
from datetime import datetime

from booking.after.late_fee import late_fee_of
from booking.freed import Freed
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.due import PURPOSE
from payments.codes.use import give_back_use, give_back_uses
from payments.gifts.balance import kept_of_card, kept_of_code
from payments.gifts.redeem import keep_reserved
from payments.give_up import GivenUp, give_up_all
from payments.packs.take import release_session, release_sessions
from payments.refunds.request import give_back_all_of

NOTHING_OPEN = GivenUp.NOTHING_OPEN
REASON_OF = {State.DECLINED: "declined", State.EXPIRED: "declined", State.WITHDRAWN: "withdrawn", State.CANCELLED: "cancelled", State.NO_SHOW: "not_held"}


def hear_freed(freed: Sequence[Freed], now: datetime) -> None:
    """Bookings have just taken one step together; their people are locked. What moved, or took place, changes nothing of its payment."""
    freed = [(booking, before) for booking, before in freed if booking.stands not in {State.CONFIRMED, State.COMPLETED}]
    if not freed:
        return
    step = freed[0][0]
    paid = [booking.public_id for booking, _ in freed if booking.is_paid_online]
    standing = give_up_all(paid, PURPOSE, reason=step.stands.value, now=now)
    # Money for a hold is judged when it is heard of.
    over = [(each, before) for each, before in freed if before is not State.HELD or standing.get(each.public_id, NOTHING_OPEN) is NOTHING_OPEN]
    if kept := {each.public_id: card_keeps(each) for each, before in over if before is not State.HELD and each.is_paid_online}:
        give_back_all_of(kept, purpose=PURPOSE, reason=REASON_OF[step.stands], by=step.ended_by, now=now)
    for each, _ in over:
        if each.gift_amount:
            keep_reserved(each.public_id, kept_of_code(kept_of(each), each.gift_amount), now=now)
    free = [each.public_id for each, _ in over if not is_clients_loss(each)]
    give_back_uses(free, now=now)
    release_sessions(free, now=now)


def give_back_taken(booking: Booking, *, now: datetime) -> None:
    """What was taken to pay for it, or to make it cheaper, goes back: it came to nothing."""
    give_back_use(booking.public_id, now=now)
    release_session(booking.public_id, now=now)
    if booking.gift_amount:
        keep_reserved(booking.public_id, 0, now=now)


def card_keeps(booking: Booking) -> int:
    """Minor units that stay of what a card paid, now that it has ended."""
    return kept_of_card(kept_of(booking), booking.gift_amount)


def kept_of(booking: Booking) -> int:
    """Minor units that stay with the therapist now that it has ended: the fee for a late cancellation or for not coming, or nothing."""
    fee = late_fee_of(booking)
    return fee.amount if is_clients_loss(booking) and fee is not None else 0


def is_clients_loss(booking: Booking) -> bool:
    """Whether its client cancelled late or did not come, under terms that ask for something then."""
    clients_doing = booking.cancelled_late if booking.stands is State.CANCELLED else booking.outcome == "client_absent"
    return clients_doing and booking.late_fee_percent > 0
