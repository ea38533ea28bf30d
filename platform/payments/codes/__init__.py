"""Codes that make something cheaper: a share or an amount off, in a window of time, a number of times, for a first session, for one person.

Owns the code, its digest and each use of it. Refuses to know what is booked: whoever asks says whether it is a first session and whose price it is.
Nothing about anybody's health earns a code. Start reading at `terms`, then `use`.
"""
