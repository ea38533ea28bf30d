"""The pages of finding a therapist: one screen of questions a page, the list with its reasons, and taking a time from a card. They work without a script.

They own no rule: every page reads and acts through the same acts as the API, and names no intake in its address, so that a link shows nobody's answers to
somebody else. Start reading in `steps`, then `screens.pages`, `pages` (the list) and `taking.pages`.
"""
