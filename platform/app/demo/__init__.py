"""Demonstration data: an invented cast of therapists and one account for each role. Says of itself that it is fictional; refuses production.

Start reading at `load`. The cast is `cast.json`; its dates are relative to its own clock and move with the day of loading.
"""
