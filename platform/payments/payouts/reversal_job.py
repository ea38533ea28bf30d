"""The job that takes part of a payout back; `earn` enqueues it, the poller repeats it."""

from core.jobs import job


@job("payments.send_reversal", outside=True)
def send_reversal(reversal_id: int) -> None:
    """Running it again is harmless."""
    # The calls know everything that the processor can answer, which knows of refunds, which ask for reversals.
    from payments.payouts.send_calls import send_back

    send_back(reversal_id)
