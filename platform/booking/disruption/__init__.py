"""A therapist cannot work, or works at other hours, and something is booked then: the list, one choice for all of it, what clients are told and answer.

Start at `opened` (what opens a list), then `carry_out` (what a choice does), then `answers` (what clients do). docs/adr/0006 says how hours are watched.
"""
