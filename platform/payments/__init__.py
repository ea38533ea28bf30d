"""Money for a reference it does not understand: who pays whom, how much of which currency, and what became of it.

Owns the payment, its refunds and payouts, the ledger, codes, packs, receipts and the comparison with the processor. Knows a reference, an amount, a currency, a
payer and a payee (person ids); refuses to know what was booked, why, and who is a therapist. News of it goes up by subscriptions that the assembly connects.
`processor` is the only file that speaks to the card processor. Start reading at `lifecycle`, then `models`.
"""
