"""The books: what was captured, kept, given back, paid out and lost, as movements between accounts that are only ever added.

Owns the accounts, the movements and the statements made of them. A movement takes an amount out of one account and puts it into another, so every currency
adds up to zero by its form. Refuses to know why money moved beyond a word. Start reading at `accounts`, then `rules`.
"""
