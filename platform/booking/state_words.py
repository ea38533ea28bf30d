"""The states of a booking in words for people."""

STATES = {
    "held": "Held, not booked yet",
    "requested": "Asked for, waiting for an answer",
    "confirmed": "Agreed",
    "declined": "Not possible",
    "withdrawn": "Taken back",
    "expired": "Over without an answer",
    "released": "Given back",
    "cancelled": "Called off",
    "completed": "Took place",
    "no_show": "Did not take place",
}
