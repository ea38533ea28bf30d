"""A therapist's page of one appointment: who and when, another time, calling it off, and what happened to it so far."""
