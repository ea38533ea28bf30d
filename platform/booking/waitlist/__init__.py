"""Who waits for an opening, and how an opening that becomes free is offered down the line, to one person at a time.

Start at `models`, then `offer_opening` (who is next), then `answer_offer` (one outcome each).
"""
