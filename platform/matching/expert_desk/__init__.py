"""The desk of the matching guides as people meet it: asking for a call, and what follows from one. For guests with an intake in this browser, and for accounts.

A matching guide is no clinician: whoever is paused for safety is called by those who are trained for it. Start reading at `ask`.
"""
