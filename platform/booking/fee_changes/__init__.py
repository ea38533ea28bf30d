"""Prices over time: a booking keeps its price, so another fee is announced, and what is booked after it needs the client's yes.

Owns the announcement, who was asked and what they said. What nobody agreed to is cancelled free of charge; packs and what is paid keep theirs. Start reading at
`notice` (pure), then `announce`, `answer`.
"""
