"""A therapist proposes a session or a series to a client in care: it holds their time until the client answers by one link.

Start at `propose`, then `answer`.
"""
