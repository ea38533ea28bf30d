"""Three short questions after each of the first four sessions with a therapist: whether it fits, while it can still be changed.

Owns the questions, when they are asked, and whom the client lets read the answers: nobody, unless they choose to. No measure of anybody's health, and never
shown as something about a therapist. Start reading at `questions`, then `answer`.
"""
