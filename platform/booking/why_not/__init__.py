"""The page "Why is this time not offered?", for therapists about their services, and for staff. The answer is that of `openings.why_not_offered`."""
