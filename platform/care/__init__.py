"""The people who attend, where they are, their relation to a therapist, and whether that therapist may treat them.

Owns the door: `eligibility` (pure) and `doors` (the same question over the database), asked wherever something is shown, requested, confirmed or begun.
Refuses to know openings, bookings, ranking and money. Start reading at `eligibility`.
"""
