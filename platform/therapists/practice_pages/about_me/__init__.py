"""The page on which a therapist says what they choose to say of themselves, how they work with people, and whom they know well: `pages` and `form`."""
