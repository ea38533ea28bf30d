"""Receipts of payments and itemised statements of them, for whoever paid and whoever was paid, as a page and as PDF.

Owns their words, their numbers and what a payee states as the seller. Both forms are made from one content (`paper`), anew each time, from rows that do not
change afterwards: a receipt reads the same tomorrow. Refuses to know what was paid for beyond what its asker describes in neutral words. Start reading at
`paper`, then `receipt`.
"""
