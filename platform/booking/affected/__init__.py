"""Bookings that cannot take place as they stand because a therapist leaves or is stopped: one list for each cause, worked through by the desk.

Start at `listed`, then `after_leaving` (what a leave or a stop does to what is booked).
"""
