"""Appointments that were agreed together, at one reading of the therapist's wall clock: each date is a booking of its own.

Start at `plan` (which dates), then `dates` (what stands against each), then `book` (all of them in one transaction).
"""
