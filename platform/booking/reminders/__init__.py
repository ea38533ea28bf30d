"""Reminders before an appointment, as each person chooses, and the links in them that need no sign-in.

Start at `remind`, then `link` (what a link is good for), then `answer` (what it does).
"""
