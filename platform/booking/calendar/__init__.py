"""Appointments as calendar objects going out: invitations, files and private feeds, and what new clock rules do to them.

Start at `invitation` (the objects), then `feed` (who reads which), then `drift` (the agreed wall time rules).
"""
