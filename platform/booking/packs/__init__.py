"""Packs of sessions of one service: a therapist offers them, a client buys one, books from it (`booking.paying.price`) and gets the rest back.

Owns what a pack may be of and who may buy it. How many sessions are left, and what each is worth, is `payments.packs`' own. Start reading at `sell`.
"""
