"""A payment processor for development and tests: an HTTP server that speaks Stripe's wire format for what the product uses.

Keeps state, answers like the real one where it matters (state machines, idempotency, parameter errors, webhooks), and can be told to fail. Nothing in
the product knows it: the same SDK talks to it by its address. It moves no money, asks nobody, and refuses to run in production.

Start reading at `world.py` (what it keeps) and `routes.py` (what may be asked); then a file for each noun of the trade. `wire.py` is HTTP, `knobs.py`
what can be made to go wrong, `delivery.py` the webhooks, `pages.py` what people see, `sandbox.py` all of it in one process.

Known differences from the real one: every currency is its own balance (nothing is converted); fees are 1.5 % + 20; one platform account; cards only.
"""
