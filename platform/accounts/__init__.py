"""People and who is calling: persons, registration, sign-in, sessions, roles, consents, throttles.

Owns `persons`, the one id sequence of everyone whose time or data we hold. Refuses to know what people do here (therapists, bookings, matching).
Start reading at `models`, then `register` and `sign_in`.
"""
