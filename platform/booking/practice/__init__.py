"""A therapist's pages: who waits for an answer, and the week. They show what `booking.reading` and `booking.week` give, and act as the API does."""
