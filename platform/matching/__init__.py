"""Finding a therapist: the safety gate, the intake, what was wished for, the ranking with its reasons, and the stored shortlist.

Refuses to know what a booking is beyond its openings, and never asks what somebody paid to be shown. Start reading at `shortlist`, then
`listing` (who is in and why not), `ranking` (the score) and `explanation` (the words).
"""
