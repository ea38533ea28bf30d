"""Right before a session from afar: where the client is now, whether the therapist may treat them there, and the way in.

Start at `arrival`, then `join`; `called_off` is what happens when the session may not begin. docs/adr/0008 says how sessions are guarded.
"""
