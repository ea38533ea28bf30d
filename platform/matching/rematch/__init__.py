"""Looking for somebody else while in care with somebody, in one step: a new list from the same answers, without the therapist one had.

Ends nothing and loses nothing: relations, appointments and earlier lists stay, and the choice can be taken back. Start reading at `look_again`.
"""
