"""The page on which a therapist states what they do, for whom, where and in which languages: `pages` has the doors, `form` turns rows into fields and back."""
