"""A therapist's own pages: whether the profile shows and what is missing, credentials with their proof, required checks, texts and working hours.

They press the same acts as the API and work without a script. Start reading at `pages`; `shown` says what a page shows.
"""
