"""Which times can be booked, and why others cannot: the pure engine, the rules it is given, and what is read for it.

Start at `engine` (rules, windows, minus busy, limits, openings), then `schedule` (working hours as windows), then `availability` (the engine asked of the
database).
"""
