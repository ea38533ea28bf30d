"""Payouts: what a payee has earned is passed on to their account with the processor, and taken back where it is given back to the payer.

Separate charges and transfers: money stays with us until the session took place and three days have gone by, and as long as somebody who knows says that it
must wait. Owns the payout and its reversals. Refuses to know why one waits. Start reading at `rules`, then `earn` and `send_jobs`.
"""
