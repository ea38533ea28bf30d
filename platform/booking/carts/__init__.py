"""Carts: two or three openings, of one therapist or of several, held all or none and paid at one checkout.

Owns what was put together, and nothing else: each opening keeps its own hold, price, booking, payment and refund, and goes its own way once it is paid. Refuses
to know how a checkout collects several payments (`payments.checkout.together`). Start reading at `hold`, then `checkout`.
"""
