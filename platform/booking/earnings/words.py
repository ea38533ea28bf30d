"""How a therapist is paid, in words for them. Pure."""

from payments.payouts.rules import PayoutState

WAYS = {"online": "by card, through Attune", "therapist_invoices": "by invoices of your own"}
ACCOUNT = {
    "begun": "Your account at the card processor is begun. They still need something from you.",
    "enabled": "The card processor has verified your account.",
    "restricted": "The card processor has restricted your account: open its pages to see what they ask for.",
}
PAYOUTS = {
    PayoutState.EARNED: "Waits",
    PayoutState.SENDING: "On its way",
    PayoutState.SENT: "Sent to your account",
    PayoutState.NEEDS_PERSON: "Somebody of us looks at it",
    PayoutState.DROPPED: "Nothing was left of it",
}
# By what speaks against it (`payments.payouts.held_back`, `booking.paying.earned`).
WAITS = {
    "attendance_unknown": "it is not known yet how the appointment went",
    "complaint": "a person looks at what was said about the appointment",
    "disputed": "the payer's bank disputes the payment",
    "being_looked_at": "somebody of us looks at the payment",
    "account": "your account at the card processor cannot take it yet",
}
