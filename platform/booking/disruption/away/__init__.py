"""A therapist's pages of "I cannot work from ... to ...": what is booked then, one choice for each, and how everybody on the list stands."""
