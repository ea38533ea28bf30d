"""Sessions with seats: one claim of the therapist, a seat for each client, and nobody reads of the others.

Start at `sessions` (which can be joined), then `seats` (taking one, giving it up).
"""
