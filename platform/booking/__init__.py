"""A claim on people's time: openings, requests, bookings, and the invitation that puts them into a calendar.

Owns bookings from request to end, the claims that the database keeps disjoint, and the one engine that says which times are offered and why
others are not. Refuses to know how a therapist was found, what a session costs to settle, or what anybody is treated for.

Start reading at `openings.engine` (which times can be booked), then `lifecycle` (the states), then `place` (the one write path) and `request` (how one opening
becomes one booking). What surrounds a booking has a package of its own: `openings`, `series`, `waitlist`, `proposals`, `groups`, `disruption`, `affected`,
`outside` (calendars in), `calendar` (calendars out), `reminders`, `online`, `after`. This folder holds the booking itself: its acts, its states, its letters.
"""
