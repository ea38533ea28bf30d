"""Therapists' own calendars as busy time: subscribed addresses, read by jobs, parsed as strangers' files, kept as intervals and nothing else.

Start at `busy` (bytes in, intervals out), then `jobs` (when they are read). docs/adr/0005 says why busy time is no claim.
"""
