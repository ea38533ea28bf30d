"""How a payee is paid: online through us, on an account that the processor has verified, or by invoices of their own.

Owns the choice, the connected account and the countries in which each is possible. Refuses to know whose clients pay, and for what. Start reading at `ways`.
"""
