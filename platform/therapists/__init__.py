"""Who therapists are, what they are allowed to do and treat, what they charge, when they work; credentials and their verification.

Refuses to know clients, bookings and how anyone is ranked. Start reading at `models`, then `profile` and `statements` (what a therapist says),
`credentials` and `verification` (what is claimed and what was checked), `publication` (who is shown) and `standing` (the facts that "may treat" needs).
"""
