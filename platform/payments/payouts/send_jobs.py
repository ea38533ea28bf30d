"""The jobs that send: enqueued where something is earned or has to come back, and again by the clock (`jobs`). Running one again is harmless."""

from core.jobs import job
from payments.payouts.send_calls import send_back, send_payout


@job("payments.pay_out", outside=True)
def pay_out(payout_id: int) -> None:
    send_payout(payout_id)


@job("payments.send_reversal", outside=True)
def send_reversal(reversal_id: int) -> None:
    send_back(reversal_id)
