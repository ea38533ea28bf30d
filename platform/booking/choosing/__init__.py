"""The pages on which somebody chooses a time with a therapist whom they know: what they offer, when it is free, and one time with its terms."""
