"""The first page with its consent, and one page for each screen of questions."""
