"""Who therapists are, what they are allowed to do and treat, what they charge, when they work; credentials and their verification.

Refuses to know clients, bookings and how anyone is ranked. Start reading at `models`, then `profile` (what a therapist edits), `verification`
(what a verifier records) and `standing` (the facts that "may treat" needs).
"""
