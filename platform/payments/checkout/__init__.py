"""How a payment is paid on the processor's hosted page: a checkout is written down, opened there, looked at, and closed.

Owns the attempt. Every call to the processor stands in a file named `..._calls` or `..._jobs`, between two transactions. Refuses to know what is paid for.
Start reading at `begin`, then `open_calls` and `look_calls`.
"""
