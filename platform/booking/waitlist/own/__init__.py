"""Pages of the waitlist for whoever is signed in: joining with wishes, one's places and what is offered, and for therapists how many wait."""
